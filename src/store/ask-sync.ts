import type { PgBoss } from 'pg-boss';
import { OperationalError } from '../errors.ts';
import { type SyncJob, toSyncData } from './job-data.ts';

export const SYNC_QUEUE = 'sync';
/** Another process may take the waiting job just when we want to change it; it cannot do so for ever. */
const ATTEMPTS_MAX = 3;

/**
 * One waiting job a source. A full listing that is asked for while a delta waits makes that job a full one. What waits already keeps its
 * time: one that is due before `startAfter` finds out by itself, and asks again.
 */
export async function askSync(boss: PgBoss, job: SyncJob, startAfter?: Date): Promise<'asked' | 'coalesced'> {
  const { source, mode } = job;
  const data = toSyncData(job);
  const later = startAfter === undefined ? {} : { startAfter };
  for (let attempt = 1; attempt <= ATTEMPTS_MAX; attempt += 1) {
    const id = await boss.send(SYNC_QUEUE, data, { singletonKey: source, group: { id: source }, ...later });
    if (id !== null) return 'asked';
    if (mode !== 'full') return 'coalesced'; // of a source that was never read, a delta is a full one
    const { updated } = await boss.update(SYNC_QUEUE, data, { singletonKey: source });
    if (updated > 0) return 'coalesced';
  }
  throw new OperationalError('busy', `the waiting job of ${source} was taken again and again; ask once more`);
}
