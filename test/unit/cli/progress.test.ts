import { describe, expect, test } from 'vitest';
import { describeOutcome, lineProgress } from '../../../src/cli/progress.ts';
import type { SyncOutcome } from '../../../src/worker/outcome.ts';

const about = { source: 'crm', credential: true };
const cases: { given: SyncOutcome; expected: string }[] = [
  {
    given: { ...about, kind: 'judged', mode: 'full', verdict: 'complete', rows: 412, changed: 3, gone: 1 },
    expected: 'complete, 412 rows, 3 changed, 1 gone',
  },
  {
    given: {
      ...about,
      kind: 'judged',
      mode: 'full',
      verdict: 'incomplete',
      reason: 'page 3 is missing',
      rows: 100,
      changed: 0,
      gone: 0,
    },
    expected: 'incomplete: page 3 is missing (100 rows seen)',
  },
  {
    given: { ...about, kind: 'waiting', until: '2026-11-21T10:00:00Z' },
    expected: 'not asked: the vendor wants no request before 2026-11-21T10:00:00Z',
  },
  {
    given: { ...about, kind: 'failed', code: 'busy', message: 'another process reads it' },
    expected: 'failed (busy): another process reads it',
  },
];

describe('progress', () => {
  test.each(cases)('$expected', ({ given, expected }) => {
    expect(describeOutcome(given)).toBe(expected);
  });

  test('without a terminal says each ending in a line of its own', async () => {
    const lines: string[] = [];
    const progress = lineProgress(['crm', 'hr'], (line) => void lines.push(line));
    progress.step({
      kind: 'source',
      source: 'crm',
      step: { kind: 'wait', ms: 61_500, reason: 'the vendor asked for it' },
    });
    progress.step({
      kind: 'source-done',
      source: 'crm',
      outcome: { ...about, kind: 'judged', mode: 'full', verdict: 'complete', rows: 1, changed: 0, gone: 0 },
    });
    progress.step({ kind: 'reconciling' });
    await progress.end();
    expect(lines).toEqual(['crm: complete, 1 row, 0 changed, 0 gone', 'comparing accounts with identities']);
  });
});
