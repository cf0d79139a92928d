import { afterAll, beforeAll, expect, test } from 'vitest';
import type { RosterRow } from '../../../src/core/row.ts';
import type { Intake } from '../../../src/ports/store.ts';
import { createSourceStore } from '../../../src/store/sources.ts';
import { type Database, openDatabase } from '../../../src/store/database.ts';
import { migrate } from '../../../src/store/migrate.ts';
import { aListingEnd, aRow } from '../../support/builders.ts';
import { SILENT } from '../../support/database.ts';
import { canOpenEmbedded } from '../../support/embedded.ts';
import { ask, type OwnPostgres, startOwnPostgres } from '../../support/own-postgres.ts';
import { aSpec, type TestStore } from '../../support/store.ts';

// Fault case 60, where it is worst: the server crashes and is back between two pages, so that no statement ever fails. The staging
// tables have no log, and come back empty.

const AT = new Date('2026-11-20T08:00:00Z');
const roster = (count: number): readonly RosterRow[] =>
  Array.from({ length: count }, (_, at) => aRow({ externalId: `n-${at}`, email: `p${at}@example.com` }));

let server: OwnPostgres;
let database: Database;
const isPossible = canOpenEmbedded();

beforeAll(async () => {
  if (!isPossible) return;
  server = await startOwnPostgres();
  database = openDatabase({ url: server.url, poolMax: 3, log: SILENT, applicationName: 'rollcall test' });
  await migrate(database.pool);
});
afterAll(async () => {
  if (!isPossible) return;
  await database.close();
  await server[Symbol.asyncDispose]();
});

type Opened = Pick<TestStore, 'sources'> & { readonly intake: Intake };

async function openIntake(name: string): Promise<Opened> {
  const sources = createSourceStore(database);
  const [source] = await sources.syncSources([aSpec({ name })], AT);
  if (source === undefined) throw new Error('no source');
  const claim = await sources.claim(source.id, 'test', () => AT, { ms: 0 });
  return { sources, intake: await sources.openIntake(claim, 'full') };
}

/** Its idle connections are gone, and nobody who asks notices: the pool makes new ones. */
async function crash(): Promise<void> {
  await server.restart('immediate');
}

async function listing(name: string, crashAfter: 'first page' | 'count' | 'nothing'): Promise<unknown> {
  const { intake } = await openIntake(name);
  const rows = roster(40);
  try {
    await intake.stage(rows.slice(0, 30));
    if (crashAfter === 'first page') await crash();
    await intake.stage(rows.slice(30));
    const counts = await intake.count(true, AT);
    if (crashAfter === 'count') await crash();
    const end = aListingEnd({ rowsSeen: rows.length });
    const verdict = { kind: 'complete' } as const;
    await intake.record({ mode: 'full', end, verdict, startedAt: AT, finishedAt: AT });
    return counts;
  } catch (error) {
    return error;
  } finally {
    await intake.discard();
  }
}

const PRESENT = `select count(*)::int as count from rollcall.roster where source = $1 and gone_at is null`;

test.skipIf(!isPossible).each(['first page', 'count'] as const)(
  'a crash after the %s: the listing is dropped, and nobody is gone',
  async (when) => {
    const name = when.replace(' ', '-');
    expect(await listing(name, 'nothing')).toMatchObject({ distinctIds: 40 });
    await ask(server.url, 'update rollcall.source set claimed_by = null');
    expect(await listing(name, when)).toMatchObject({
      code: 'database-unavailable',
      message: expect.stringContaining('has lost what was read so far'),
    });
    expect(await ask(server.url, PRESENT, [name])).toEqual([{ count: 40 }]);
    const runs = `select count(*)::int as count from rollcall.sync_runs where source = $1`;
    expect(await ask(server.url, runs, [name])).toEqual([{ count: 1 }]);
    await ask(server.url, 'update rollcall.source set claimed_by = null');
    expect(await listing(name, 'nothing')).toMatchObject({ distinctIds: 40, lost: 0 });
  },
);

test.skipIf(!isPossible)('a first listing that a crash has cut is not taken for a whole one', async () => {
  expect(await listing('first', 'first page')).toMatchObject({ code: 'database-unavailable' });
  expect(await ask(server.url, PRESENT, ['first'])).toEqual([{ count: 0 }]);
});
