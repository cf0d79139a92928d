import { expect, test, vi } from 'vitest';
import { createQueue } from '../../src/store/queue.ts';
import { REAL_TIMING } from '../../src/sources/timing.ts';
import { startWorker } from '../../src/worker/start.ts';
import { SILENT } from '../support/database.ts';
import { serveScript } from '../support/http-server.ts';
import { aTenant, namelyAt, profiles } from '../support/namely-tenant.ts';
import { person } from '../support/people.ts';
import { CRM, DIRECTORY, openWorkerWorld } from '../support/worker.ts';

const SEEN = { timeout: 30_000, interval: 50 };
const NEVER = { schedule: '0 5 1 1 *', fullSchedule: '0 5 1 1 *' };

test('of two workers that start on an empty database, one reads each source, once', async () => {
  const tenant = aTenant({ profiles: profiles(40) });
  const held: (() => void)[] = [];
  let isHeld = true;
  await using server = await serveScript((request, response) => {
    if (!isHeld) return tenant.answer(request);
    // The first worker is in the middle of its reading while the second one starts.
    held.push(() => response.destroy());
    return undefined;
  });
  await using world = await openWorkerWorld({ crm: namelyAt(server.origin, { concurrency: 1, timing: REAL_TIMING }) });
  world.identities = [person(1)];
  world.specs = [
    { ...DIRECTORY, schedule: NEVER.schedule },
    { ...CRM, ...NEVER, maxAgeMs: 26 * 3_600_000 },
  ];
  const depsOf = (holder: string) => ({
    ...world.deps(new Date().toISOString()),
    clock: () => new Date(),
    queue: createQueue(world.store, SILENT),
    holder,
  });
  const start = (holder: string) => startWorker(depsOf(holder), 600_000, new AbortController().signal);
  const first = await start('one');
  await vi.waitFor(() => expect(held).not.toEqual([]), SEEN);
  const second = await start('two');
  isHeld = false;
  for (const end of held) end();
  const open = async (): Promise<readonly unknown[]> =>
    (await world.store.pool.query(`select state from rollcall_jobs.job where name = 'sync' and state <> 'completed'`))
      .rows;
  try {
    await vi.waitFor(async () => expect(await open()).toEqual([]), SEEN);
  } finally {
    await first.stop(1_000);
    await second.stop(1_000);
  }
  const { rows } = await world.store.pool.query('select source, verdict from rollcall.sync_runs order by source');
  expect(rows).toEqual([
    { source: 'crm', verdict: 'complete' },
    { source: 'directory', verdict: 'complete' },
  ]);
});
