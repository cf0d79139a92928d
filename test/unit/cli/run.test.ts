import { expect, test } from 'vitest';
import { describeUndelivered } from '../../../src/cli/run.ts';
import type { Undelivered } from '../../../src/worker/deliver.ts';

const cases: { given: Undelivered; expected: string | undefined }[] = [
  { given: { count: 0, because: 'pending' }, expected: undefined },
  {
    given: { count: 1, because: 'not-tried' },
    expected: '1 alert waits: --no-notify sends nothing. The next run without it tells Slack.',
  },
  {
    given: { count: 2, because: 'refused', reason: 'Slack asks to wait until 2026-11-22T06:00:00.000Z' },
    expected: '2 alerts wait for a later run: Slack asks to wait until 2026-11-22T06:00:00.000Z',
  },
  {
    given: { count: 2, because: 'pending' },
    expected: '2 alerts wait: another process is sending, or the time for it was over. The next run goes on.',
  },
];
test.each(cases)('$given.count alerts that wait because of $given.because', ({ given, expected }) => {
  expect(describeUndelivered(given)).toBe(expected);
});
