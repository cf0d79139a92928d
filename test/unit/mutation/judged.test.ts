import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { PLACE as CASES } from '../../db/reliability/table.ts';
import { PLACES } from '../../e2e/kill/table.ts';
import { faultsOf, JUDGED, PERCENT_MIN, survivorsOf } from '../../mutation/judged.ts';
import type { Fate, Mutant } from '../../mutation/mutant.ts';
import { renderRun, renderScores, replaceMutants } from '../../mutation/render.ts';
import { scoreOf, scoresByFile } from '../../mutation/score.ts';
import { replaceBetween } from '../../support/document.ts';

function mutant(fate: Fate, overrides: Partial<Mutant> = {}): Mutant {
  return { file: 'src/core/ledger.ts', line: 7, operator: 'X', original: 'a', mutated: 'b', fate, ...overrides };
}

/** Every judged file with so many killed ones, and one alive. */
function aRun(killed: number): readonly Mutant[] {
  return JUDGED.flatMap((file) => [
    ...Array.from({ length: killed }, () => mutant('killed', { file })),
    mutant('survived', { file }),
  ]);
}

const words = JUDGED.map((file) => ({ file, original: 'a', mutated: 'b', why: 'Equivalent: a is b.' }));

describe('scoreOf', () => {
  test('timeouts are kills, what was not reached is none, and what could not be run counts for nothing', () => {
    const run = (['killed', 'timeout', 'survived', 'not_reached', 'broken'] as const).map((fate) => mutant(fate));
    expect(scoreOf(run)).toEqual({
      file: 'all',
      planted: 4,
      killed: 1,
      timeouts: 1,
      survived: 1,
      notReached: 1,
      percent: 50,
    });
  });

  test('by file, and none without mutants', () => {
    const run = [mutant('killed'), mutant('survived', { file: 'src/core/breaker.ts' })];
    expect(scoresByFile(run).map(({ file, percent }) => [file, percent])).toEqual([
      ['src/core/breaker.ts', 0],
      ['src/core/ledger.ts', 100],
    ]);
    expect(scoreOf([], 'x').percent).toBeUndefined();
  });
});

describe('faultsOf', () => {
  test('enough killed and a word about each one alive: none', () => {
    expect(faultsOf(aRun(9), words)).toEqual([]);
  });

  test('too few killed in one file', () => {
    const run = [...aRun(9), mutant('not_reached')];
    expect(faultsOf(run, words)).toEqual([`src/core/ledger.ts has 81.8 %, and ${PERCENT_MIN} % are wanted`]);
  });

  test('a run without a judged file has proved nothing of it', () => {
    const run = aRun(9).filter(({ file }) => file !== 'src/core/verdict.ts');
    expect(faultsOf(run, words)).toContain('nothing was planted in src/core/verdict.ts');
  });

  test('one alive without a word, and a word about one that is dead', () => {
    const run = [...aRun(19), mutant('survived', { mutated: 'c' })];
    expect(faultsOf(run, words)).toEqual(['no word in test/mutation/words.ts about src/core/ledger.ts:7 X: a -> c']);
    const dead = { file: 'src/core/ledger.ts', original: 'a', mutated: 'd', why: 'x' };
    expect(faultsOf([...aRun(9), mutant('killed', { mutated: 'd' })], [...words, dead])).toEqual([
      'a word in test/mutation/words.ts about a mutant that is not alive: d',
    ]);
  });
});

describe('the page', () => {
  const run = aRun(9);
  const text = renderRun({
    day: '2026-11-21',
    minutes: 9,
    cores: 2,
    scores: scoresByFile(run),
    total: scoreOf(run),
    survivors: survivorsOf(run, words.slice(1)),
  });

  test('has a row a file, the sum, and each survivor of a judged file with its word', () => {
    expect(renderScores(scoresByFile(run)).split('\n')).toHaveLength(2 + JUDGED.length);
    expect(text).toContain(
      '| all                   | 50      | 45     | 0         | 5        | 0           | 90.0 % |',
    );
    expect(text).toContain('- `src/core/ledger.ts:7` X: `a` → `b`. Equivalent: a is b.');
    expect(text).toContain('- `src/core/verdict.ts:7` X: `a` → `b`. Not looked at yet.');
  });

  test('replaces its own part and nothing else', () => {
    const document = '# A\n\n<!-- mutants: written by npm run mutation -->\n\nold\n\n<!-- end of mutants -->\n\n# B\n';
    expect(replaceMutants(document, 'new')).toBe(document.replace('old', 'new'));
    expect(() => replaceMutants('# A', 'new')).toThrow(/no place for it: <!-- mutants/);
  });

  test('and what other runs write into docs/reliability.md leave each other alone', () => {
    const page = readFileSync(new URL('../../../docs/reliability.md', import.meta.url), 'utf8');
    const writers = [
      (document: string) => replaceBetween(document, CASES, 'CASES'),
      (document: string) => replaceBetween(document, PLACES.run, 'RUN KILLED'),
      (document: string) => replaceBetween(document, PLACES.start, 'START KILLED'),
      (document: string) => replaceMutants(document, 'MUTANTS'),
    ];
    const all = writers.reduce((document, write) => write(document), page);
    expect(writers.toReversed().reduce((document, write) => write(document), page)).toBe(all);
    expect(all).toMatch(/\n\nCASES\n\n[^]*\n\nRUN KILLED\n\n[^]*\n\nSTART KILLED\n\n[^]*\n\nMUTANTS\n\n/);
  });
});
