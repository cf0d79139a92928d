import { vi } from 'vitest';
import type { RunningCli } from '../../support/cli.ts';
import { type Fate, startCommitProxy } from '../../support/commit-proxy.ts';
import { openTestDatabase, SILENT } from '../../support/database.ts';
import { freePort } from '../../support/free-port.ts';
import type { TestDatabase } from '../../support/postgres.ts';
import { createQueue } from '../../../src/store/queue.ts';
import { letAMinutePass, type Arena } from './arena.ts';
import { withClient } from './client.ts';
import { conclusionsOf, findingsOf } from './conclusions.ts';
import { atPoint, Survey } from './points.ts';
import { type BreakOff, type Reference, unknownMessages } from './sweep.ts';

const SOURCES = ['directory', 'nimble', 'namely', 'partners'] as const;
const QUIET = { timeout: 100_000, interval: 150 };

/** As ticks leave it: each source is to be read. */
async function askAll(url: string): Promise<void> {
  const database = openTestDatabase(url);
  try {
    const queue = createQueue(database, SILENT);
    for (const source of SOURCES) await queue.askSync(source, 'delta');
  } finally {
    await database.close();
  }
}

/** What waits for its time need not, but for a reconciliation while sources are still to be read: that one is to see them all. */
const HURRY = `
  update rollcall_jobs.job set start_after = now()
   where state in ('created', 'retry') and start_after > now()
     and (name <> 'reconcile' or not exists (
            select from rollcall_jobs.job where name = 'sync' and state in ('created', 'retry', 'active')))`;
const UNDONE = `
  select name from rollcall_jobs.job where state in ('created', 'retry', 'active')
  union all
  select 'no reconciliation yet' where not exists (
    select from rollcall_jobs.job where name = 'reconcile' and state = 'completed')`;

/** Until all work is done. */
async function untilQuiet(url: string): Promise<void> {
  await withClient(url, async (client) => {
    await vi.waitFor(async () => {
      await client.query(HURRY);
      const { rows } = await client.query<{ name: string }>(UNDONE);
      if (rows.length > 0) throw new Error(`still to be done: ${rows.map(({ name }) => name).join(', ')}`);
    }, QUIET);
  });
}

async function startWorker(arena: Arena, at: Pick<TestDatabase, 'name' | 'url'>): Promise<RunningCli> {
  return arena.start(['start'], at, { HTTP_PORT: String(await freePort()) });
}

/** The worker until everything is done, and then it is asked to end. */
export async function workThrough(arena: Arena): Promise<Reference> {
  await using database = await arena.copy('later');
  await arena.become('later');
  await askAll(database.url);
  const survey = new Survey('touched');
  await using proxy = await startCommitProxy(database.url, survey.meet);
  await using worker = await startWorker(arena, { ...database, url: proxy.url });
  await untilQuiet(database.url);
  const commits = survey.commits;
  worker.kill('SIGTERM');
  const { code } = await worker.ended;
  const texts = arena.slack.told(database.name).map(({ text }) => text);
  const [conclusions, findings] = [await conclusionsOf(database.url), await findingsOf(database.url)];
  return { moment: 'later', code, conclusions, findings, texts, commits };
}

/** A worker is killed, and `workers` come a minute later. */
export function killWorker(workers: number): BreakOff {
  return async (at, point) => {
    const { arena, database } = at;
    await askAll(database.url);
    let child: RunningCli | undefined;
    let met = 0;
    const kill = (): Fate => {
      met = 1;
      child?.kill('SIGKILL');
      return 'drop';
    };
    await using proxy = await startCommitProxy(database.url, atPoint(point, kill, 'touched'));
    await using worker = await startWorker(arena, { ...database, url: proxy.url });
    child = worker;
    // It ends by the kill, or all is done without it ever having come there.
    await Promise.race([worker.ended, untilQuiet(database.url).catch(() => undefined)]);
    const mayRepeat = await unknownMessages(at);
    await letAMinutePass(database.url);
    const next: RunningCli[] = [];
    for (let count = 1; count <= workers; count += 1) next.push(await startWorker(arena, database));
    await untilQuiet(database.url);
    for (const each of next) each.kill('SIGTERM');
    const codes = await Promise.all(next.map(async (each) => (await each.ended).code));
    return {
      met,
      code: codes.find((code) => code !== at.reference.code) ?? at.reference.code,
      mayRepeat,
      mayDivide: true,
    };
  };
}
