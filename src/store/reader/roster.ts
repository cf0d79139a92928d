import type pg from 'pg';
import { momentText, secondFrom } from '../../core/moment-text.ts';
import type { Instant } from '../../core/row.ts';
import type { RosterViewRow } from '../../core/views.ts';
import { OperationalError } from '../../errors.ts';
import { fetchBatches } from '../cursor.ts';
import { named, wrapDatabaseError } from '../errors.ts';

const BATCH_ROWS = 1_000;
/** Whoever reads writes to a pipe that may be slow. */
const IDLE_MS = 600_000;

/**
 * The roster of a source in batches, by external id: as it is (gone rows included) or, with `at`, the rows that were present at that
 * moment. One snapshot from first to last, however slowly it is read; holds one connection meanwhile.
 */
export async function* readRoster(
  pool: pg.Pool,
  source: string,
  at?: Instant,
): AsyncGenerator<readonly RosterViewRow[], void, undefined> {
  const client = await named('read a roster', pool.connect());
  let broken = true;
  try {
    await client.query(`begin isolation level repeatable read read only`);
    await client.query(
      `set local idle_in_transaction_session_timeout = ${IDLE_MS}; set local cursor_tuple_fraction = 1`,
    );
    if (at !== undefined) {
      await refuseForgotten(client, source, at);
      await refuseUnread(client, source, at);
    }
    yield* fetchBatches<RosterViewRow>(client, {
      name: 'roster',
      text:
        at === undefined
          ? 'select * from rollcall.roster where source = $1 order by external_id'
          : 'select $1::text as source, r.* from rollcall.roster_at($1, $2) r order by external_id',
      values: at === undefined ? [source] : [source, at],
      batchRows: BATCH_ROWS,
    });
    broken = false;
  } catch (error) {
    throw wrapDatabaseError(error, 'read a roster');
  } finally {
    // Also when the reader stops early: then the connection, with its open cursor, is closed.
    if (!broken) await named('read a roster', client.query('rollback'));
    client.release(broken);
  }
}

/** `roster_at` refuses it too, in words of the database. */
async function refuseForgotten(client: pg.PoolClient, source: string, at: Instant): Promise<void> {
  const { rows } = await client.query<{ versions_since: string }>(
    `select k.versions_since from rollcall.kept_history k join rollcall.source s on s.id = k.source_id
      where s.name = $1 and k.versions_since > $2`,
    [source, at],
  );
  const [kept] = rows;
  if (kept === undefined) return;
  throw new OperationalError(
    'not-found',
    `the roster of ${source} is kept since ${secondFrom(kept.versions_since)}: older versions were removed after retention.versionsDays`,
  );
}

/** An empty roster says that nobody had an account; before the first reading nobody knew. */
export async function refuseUnread(client: pg.PoolClient, source: string, at: Instant): Promise<void> {
  const { rows } = await client.query<{ known: boolean; first: string | null }>(
    `select exists (select from rollcall.roster_at($1, $2)) or coalesce(min(finished_at) <= $2, false) as known, min(finished_at) as first
       from rollcall.sync_runs where source = $1 and verdict = 'complete'`,
    [source, at],
  );
  const [{ known, first } = { known: true, first: null }] = rows;
  if (known) return;
  const since =
    first === null ? 'it was not read to its end yet' : `its first complete reading ended at ${secondFrom(first)}`;
  throw new OperationalError('not-found', `what ${source} held at ${momentText(at, 'second')} is not known: ${since}`);
}
