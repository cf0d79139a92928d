import { ERROR_CODES, type ErrorCode } from './errors.ts';
import type { DeadLetter } from './ports/alerts.ts';

const MENDS_ITSELF = 'the next tick of its schedule tries again';
const LOOK = 'the log of that time says more';

const ADVICE = {
  bug: 'a fault of the program: report it with the lines of the log',
  lost: 'its process ended, or took too long, at each try: look for kills (memory) and restarts',
  unreadable: 'made by another version: run that version or a later one',
  stopped: MENDS_ITSELF,
  busy: `another process was at it all the time: ${MENDS_ITSELF}`,
  'claim-lost': `another process took over: ${MENDS_ITSELF}`,
  'slack-rejected': 'mend the webhook (SLACK_WEBHOOK_URL); the next `start` or `run` sends it again',
  'slack-unanswered':
    'it was sent twice, and Slack never said whether it has it: look into the channel; `rollcall findings` has what it told of',
  'slack-unavailable': 'Slack did not answer for a day; the next `start` or `run` sends it again',
  'database-auth': 'check the user and password in DATABASE_URL',
  'database-behind': 'run `rollcall migrate`',
  'database-newer': 'run the version that has migrated this database, or a later one',
} as const satisfies Partial<Record<ErrorCode | 'bug' | 'lost' | 'unreadable' | 'stopped', string>>;

/** What waits for somebody, without secrets and people: it is shown where no token is needed. Nothing when nothing does. */
export function describeDeadLetters(dead: readonly DeadLetter[]): string | undefined {
  if (dead.length === 0) return undefined;
  const total = dead.reduce((sum, { count }) => sum + count, 0);
  const parts = dead.map(({ queue, code, count }) => `${count} ${queue} (${code})`);
  return `${total} ${total === 1 ? 'job was' : 'jobs were'} given up: ${parts.join(', ')}; \`rollcall doctor\` says what to do`;
}

/** What to do about jobs that were given up with this code. */
export function adviseDeadLetter(code: string): string {
  const known = Object.entries(ADVICE).find(([each]) => each === code);
  if (known !== undefined) return known[1];
  const retried = Object.entries(ERROR_CODES).some(([each, { retry }]) => each === code && retry);
  return retried ? `${MENDS_ITSELF}; ${LOOK}` : `mend what the code names; ${LOOK}, and ${MENDS_ITSELF}`;
}
