import type pg from 'pg';
import { OperationalError } from '../errors.ts';
import type { IntakeKey } from './intake-stage.ts';

// What is staged has no WAL: a server that crashes comes back without it, and so does a replica that takes over. Between two pages
// nobody notices, because the next batch gets a new connection; what is left then looks like a roster that has lost its first pages.

const COUNT = 'select count(*) as count from rollcall.stage where source_id = $1 and epoch = $2';
const ANY = 'select from rollcall.stage where source_id = $1 and epoch = $2 limit 1';

/** Throws `database-unavailable` unless all that was staged is there. */
export async function checkStaged(client: pg.PoolClient, key: IntakeKey, distinctIds: number): Promise<void> {
  const { rows } = await client.query<{ count: number }>(COUNT, [key.sourceId, key.epoch]);
  const staged = rows[0]?.count ?? 0;
  if (staged !== distinctIds) throw lost(`${staged} of ${distinctIds} rows are left`);
}

/** The same, after all was there and nothing was staged since: a crash leaves nothing. */
export async function checkStillStaged(client: pg.PoolClient, key: IntakeKey, distinctIds: number): Promise<void> {
  const { rowCount } = await client.query(ANY, [key.sourceId, key.epoch]);
  if (rowCount === 0 && distinctIds > 0) throw lost(`none of ${distinctIds} rows is left`);
}

function lost(what: string): OperationalError {
  return new OperationalError(
    'database-unavailable',
    `the database crashed and has lost what was read so far (${what}): this listing is dropped, and the source is read again`,
  );
}
