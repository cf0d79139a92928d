import type { CheckResult } from '../cli/doctor.ts';
import { adviseDeadLetter } from '../dead-letters.ts';
import { OperationalError } from '../errors.ts';
import type { DeadLetter } from '../ports/alerts.ts';
import type { Log } from '../ports/surroundings.ts';
import type { Database } from '../store/database.ts';
import { loadJobsState } from '../store/jobs-schema.ts';
import { createQueue } from '../store/queue.ts';
import type { SharedStore } from './shared-store.ts';

const NAME = 'jobs';

/** What workers have given up, by queue and code, with what to do; and how much waits. */
export async function checkJobs(shared: SharedStore, log: Log): Promise<readonly CheckResult[]> {
  try {
    return await shared.use(async ({ database }) => await describeJobs(database, log));
  } catch (error) {
    // The check of the database says what is wrong, and what to do.
    if (!(error instanceof OperationalError)) throw error;
    return [{ name: NAME, status: 'warn', detail: `not known, because the database does not answer [${error.code}]` }];
  }
}

async function describeJobs(database: Database, log: Log): Promise<readonly CheckResult[]> {
  if ((await loadJobsState(database.pool)) !== 'current') {
    return [{ name: NAME, status: 'ok', detail: 'none yet: the job queue is made by the first `migrate`' }];
  }
  const queue = createQueue(database, log);
  const dead = await queue.deadLetters();
  if (dead.length > 0) return dead.map(describeDead);
  const depths = (await queue.depths()).filter(({ waiting }) => waiting > 0);
  const waiting = depths.map(({ queue: name, waiting: count }) => `${count} ${name}`).join(', ');
  return [
    { name: NAME, status: 'ok', detail: `none was given up, ${waiting === '' ? 'none waits' : `waiting: ${waiting}`}` },
  ];
}

function describeDead({ queue, code, count }: DeadLetter): CheckResult {
  return { name: NAME, status: 'warn', detail: `${count} ${queue} given up (${code})`, fix: adviseDeadLetter(code) };
}
