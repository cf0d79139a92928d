import type pg from 'pg';
import { OperationalError } from '../errors.ts';
import type { IntakeKey } from './intake-stage.ts';

// What is staged has no WAL: a server that crashes comes back without it, and so does a replica that takes over. Between two pages
// nobody notices, because the next batch gets a new connection; what is left then looks like a roster that has lost its first pages. And of what
// is known to be unchanged nothing is staged at all, so each intake begins with a row that says that it was there.

const BEGIN = `
  insert into rollcall.stage (source_id, epoch, batch, external_id, content_hash, difference)
  values ($1, $2, 0, '', '', 'open')`;
const OPEN = `
  select from rollcall.stage where source_id = $1 and epoch = $2 and external_id = '' and difference = 'open'`;
const COUNT = `
  select count(*) as count from rollcall.stage
   where source_id = $1 and epoch = $2 and difference in ('same', 'volatile', 'content')`;

/** Before anything is staged. */
export async function beginStaging(client: pg.Pool, key: IntakeKey): Promise<void> {
  await client.query(BEGIN, [key.sourceId, key.epoch]);
}

/** Throws `database-unavailable` unless all that was staged is there. A first reading counts what it writes instead (`checkCount`). */
export async function checkStaged(client: pg.PoolClient, key: IntakeKey, staged: number): Promise<void> {
  await checkStillStaged(client, key);
  const { rows } = await client.query<{ count: number }>(COUNT, [key.sourceId, key.epoch]);
  await checkCount(client, key, { is: rows[0]?.count ?? 0, shouldBe: staged });
}

/** The same of rows that were counted already. */
export async function checkCount(
  client: pg.PoolClient,
  key: IntakeKey,
  { is, shouldBe }: { readonly is: number; readonly shouldBe: number },
): Promise<void> {
  if (is !== shouldBe) throw await lost(client, key, `${is} of ${shouldBe} rows are left`);
}

/** The same, after all was there and nothing was staged since: a crash leaves nothing. */
export async function checkStillStaged(client: pg.PoolClient, key: IntakeKey): Promise<void> {
  const { rowCount } = await client.query(OPEN, [key.sourceId, key.epoch]);
  if (rowCount === 0) throw await lost(client, key, 'nothing is left');
}

/** Whoever has the source now has removed what others had staged: then nothing crashed. A rehearsal, below zero, claims nothing. */
async function lost(client: pg.PoolClient, key: IntakeKey, what: string): Promise<OperationalError> {
  const isTaken = 'select from rollcall.source where id = $1 and $2 >= 0 and epoch <> $2';
  if ((await client.query(isTaken, [key.sourceId, key.epoch])).rowCount !== 0) return claimLost();
  return new OperationalError(
    'database-unavailable',
    `the database crashed and has lost what was read so far (${what}): this listing is dropped, and the source is read again`,
  );
}

/** Of who was paused for longer than its claim lasts. */
export function claimLost(): OperationalError {
  return new OperationalError('claim-lost', 'another process has read this source meanwhile; this listing is dropped');
}
