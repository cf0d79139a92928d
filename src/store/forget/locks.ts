import pg from 'pg';
import type { RowRef } from '../../core/case.ts';
import { OperationalError } from '../../errors.ts';
import type { Claim } from '../../ports/store.ts';
import { toArrays } from '../reconcile/roster-row.ts';

const LOCK_WAIT_MS = 30_000;

/** No reconciliation meanwhile: it would write what it has read before. As reconciliations lock one another out. */
export async function lockReports(client: pg.PoolClient): Promise<void> {
  await client.query(`set local lock_timeout = ${LOCK_WAIT_MS}`);
  const lock = 'lock table rollcall.drift_report in share row exclusive mode';
  await lockWaiting(client.query(lock), 'a reconciliation has been running');
}

/** Whoever decides about a link of one of these rows has done it, or comes too late. After `lockReports`. */
export async function lockRows(client: pg.PoolClient, refs: readonly RowRef[]): Promise<void> {
  const lock = `
    select from rollcall.account a
     where (a.source_id, a.external_id) in (select * from unnest($1::int[], $2::text[]))
     order by a.source_id, a.external_id for update`;
  await lockWaiting(client.query(lock, [...toArrays(refs)]), 'a link of this person has been decided about');
}

async function lockWaiting(locking: Promise<unknown>, who: string): Promise<void> {
  try {
    await locking;
  } catch (error) {
    if (!(error instanceof pg.DatabaseError) || error.code !== '55P03') throw error;
    throw new OperationalError('busy', `${who} for 30 s; try again when it has ended`);
  }
}

/** Throws `busy` where somebody else has claimed a source of these rows by now. */
export async function checkClaims(
  client: pg.PoolClient,
  refs: readonly RowRef[],
  claims: readonly Claim[],
): Promise<void> {
  const ids = [...new Set(refs.map(({ sourceId }) => sourceId))];
  const { rows } = await client.query<{ id: number; epoch: number }>(
    'select id, epoch from rollcall.source where id = any ($1::int[]) order by id for no key update',
    [ids],
  );
  if (rows.every(({ id, epoch }) => claims.some((claim) => claim.sourceId === id && claim.epoch === epoch))) return;
  throw new OperationalError('busy', 'a listing has changed whose rows these are; try again');
}
