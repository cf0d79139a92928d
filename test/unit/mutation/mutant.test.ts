import { describe, expect, test } from 'vitest';
import { isAlive, toMutant, type Result } from '../../mutation/mutant.ts';

const SOURCE = `export function clamp(value: number): number {
  return value > 5
    ? 5 : value;
}
`;

function planted(overrides: Partial<Result> = {}): Result {
  return {
    fileName: '/x/clamp.ts',
    mutatorName: 'EqualityOperator',
    replacement: 'value >= 5',
    location: { start: { line: 2, column: 10 }, end: { line: 2, column: 19 } },
    status: 'Survived',
    ...overrides,
  };
}

describe('toMutant', () => {
  test('shows the lines that it touches before and after, each on one line', () => {
    expect(toMutant(planted(), 'clamp.ts', SOURCE)).toEqual({
      file: 'clamp.ts',
      line: 2,
      operator: 'EqualityOperator',
      original: 'return value > 5',
      mutated: 'return value >= 5',
      fate: 'survived',
    });
    const location = { start: { line: 2, column: 10 }, end: { line: 3, column: 16 } };
    expect(toMutant(planted({ location, replacement: '0' }), 'clamp.ts', SOURCE)).toMatchObject({
      original: 'return value > 5 ? 5 : value;',
      mutated: 'return 0;',
    });
  });

  test.each([
    ['Killed', 'killed', false],
    ['Timeout', 'timeout', false],
    ['Survived', 'survived', true],
    ['NoCoverage', 'not_reached', true],
    ['RuntimeError', 'broken', false],
  ] as const)('%s is %s', (status, fate, alive) => {
    const mutant = toMutant(planted({ status }), 'clamp.ts', SOURCE);
    expect([mutant.fate, isAlive(mutant)]).toEqual([fate, alive]);
  });

  test('an end that nobody has thought of is no kill: it throws', () => {
    expect(() => toMutant(planted({ status: 'Ignored' }), 'clamp.ts', SOURCE)).toThrow(/ended as Ignored/);
  });
});
