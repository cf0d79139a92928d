import { describe, expect, test } from 'vitest';
import { exitCodeOf, type ExitFacts, type SyncOutcome } from '../../../src/worker/outcome.ts';

const complete = (source: string, credential = true): SyncOutcome => ({
  source,
  credential,
  kind: 'judged',
  mode: 'full',
  verdict: 'complete',
  rows: 3,
  changed: 0,
  gone: 0,
});
const judged = (source: string, verdict: 'incomplete' | 'suspicious' | 'deferred', code?: string): SyncOutcome => ({
  source,
  credential: true,
  kind: 'judged',
  mode: 'full',
  verdict,
  code,
  rows: 0,
  changed: 0,
  gone: 0,
});
const failed = (source: string, code: 'busy' | 'database-failed'): SyncOutcome => ({
  source,
  credential: true,
  kind: 'failed',
  code,
  message: 'no',
});

const facts = (outcomes: readonly SyncOutcome[], more: Partial<ExitFacts> = {}): ExitFacts => ({
  outcomes,
  withheld: false,
  openFindings: 0,
  detailed: false,
  ...more,
});

// Contract §2, "the first that applies".
const cases: { name: string; given: ExitFacts; expected: number }[] = [
  { name: 'everything complete, drift or not: 0', given: facts([complete('a')], { openFindings: 9 }), expected: 0 },
  {
    name: 'findings open and asked for: 2',
    given: facts([complete('a')], { openFindings: 1, detailed: true }),
    expected: 2,
  },
  { name: 'asked for, but nothing open: 0', given: facts([complete('a')], { detailed: true }), expected: 0 },
  {
    name: 'one source of two incomplete: 3',
    given: facts([complete('a'), judged('b', 'incomplete', 'source-contract')]),
    expected: 3,
  },
  {
    name: 'withheld outranks open findings: 3',
    given: facts([complete('a')], { withheld: true, openFindings: 1, detailed: true }),
    expected: 3,
  },
  {
    name: 'a suspicious listing beside a complete one: 3',
    given: facts([complete('a'), judged('b', 'suspicious')]),
    expected: 3,
  },
  {
    name: 'no listing usable: 1',
    given: facts([judged('a', 'incomplete', 'source-contract'), judged('b', 'suspicious')]),
    expected: 1,
  },
  {
    name: 'every source with a credential refused, the file fine: 77',
    given: facts([
      complete('file', false),
      judged('a', 'incomplete', 'source-auth'),
      judged('b', 'incomplete', 'source-forbidden'),
    ]),
    expected: 77,
  },
  {
    name: 'one of two refused: 3',
    given: facts([complete('a'), judged('b', 'incomplete', 'source-auth')]),
    expected: 3,
  },
  {
    name: 'busy outranks all else: 75',
    given: facts([judged('a', 'incomplete', 'source-auth'), failed('b', 'busy')]),
    expected: 75,
  },
  { name: 'the database failed: 1', given: facts([complete('a'), failed('b', 'database-failed')]), expected: 1 },
  {
    name: 'a vendor that must not be asked yet, beside a complete one: 3',
    given: facts([complete('a'), { source: 'b', credential: true, kind: 'waiting', until: '2026-11-21T10:00:00Z' }]),
    expected: 3,
  },
  { name: 'no source with a credential at all is no refusal: 0', given: facts([complete('file', false)]), expected: 0 },
];

describe('exit code of a run', () => {
  test.each(cases)('$name', ({ given, expected }) => {
    expect(exitCodeOf(given)).toBe(expected);
  });
});
