import { hash } from 'node:crypto';
import type pg from 'pg';
import { contentText, keysOf } from '../core/normalise.ts';
import type { RosterRow } from '../core/row.ts';
import { copyLine, copyLines } from './copy-text.ts';

/** What names one intake in the staging tables. */
export type IntakeKey = { readonly sourceId: number; readonly epoch: number };

/** The hash as hex: a small Buffer a row would cost more than the row. */
export type HashedRow = { readonly row: RosterRow; readonly contentHash: string };
type Difference = 'same' | 'volatile' | 'content';

const STAGE = `rollcall.stage (source_id, epoch, batch, external_id, content_hash, difference,
  last_active_at, source_created_at, source_updated_at)`;
const STAGE_ROW = `rollcall.stage_row (source_id, epoch, batch, external_id, content_hash,
  email, aliases, employee_id, given_name, family_name, display_name, status, kind, role, privileged, title, department,
  manager_id, start_date, end_date, flags, last_active_at, source_created_at, source_updated_at, key_kinds, keys)`;

// Answers only for rows that differ: an unchanged roster sends its ids and hashes and hears nothing back. One index look-up a
// row keeps memory flat; a single join at the end would need every full row kept, or read twice. LIMIT holds the planner to the
// look-ups: as a plain join it hashes the whole roster for each batch, which is quadratic.
const DIFFERENCES = `
  select u.at - 1 as at,
         a.external_id is not null and a.gone_at is null and a.content_hash = decode(u.content_hash, 'hex') as volatile
    from unnest($2::text[], $3::text[], $4::timestamptz[], $5::timestamptz[], $6::timestamptz[]) with ordinality
         as u (external_id, content_hash, last_active_at, source_created_at, source_updated_at, at)
    left join lateral (
         select * from rollcall.account k where k.source_id = $1 and k.external_id = u.external_id limit 1) a on true
   where a.external_id is null or a.gone_at is not null or a.content_hash <> decode(u.content_hash, 'hex')
      or a.last_active_at is distinct from u.last_active_at
      or a.source_created_at is distinct from u.source_created_at
      or a.source_updated_at is distinct from u.source_updated_at`;

/** Hashes a batch; of a repeated id the later row counts. */
export function hashRows(rows: readonly RosterRow[]): readonly HashedRow[] {
  const byId = new Map(rows.map((row) => [row.externalId, row]));
  return [...byId.values()].map((row) => ({ row, contentHash: hash('sha256', contentText(row), 'hex') }));
}

/** Hash first: ids and hashes of all, then the full rows of those that differ. A source never read need not be asked. */
export async function stageBatch(
  client: pg.PoolClient,
  key: IntakeKey,
  batch: { readonly number: number; readonly rows: readonly HashedRow[]; readonly isFirstRead: boolean },
): Promise<void> {
  const differences = batch.isFirstRead ? undefined : await askDifferences(client, key.sourceId, batch.rows);
  const differenceOf = (at: number): Difference =>
    differences === undefined ? 'content' : (differences.get(at) ?? 'same');
  await copyLines(client, STAGE, stageLines(key, batch, differenceOf));
  await copyLines(client, STAGE_ROW, rowLines(key, batch, differenceOf));
}

async function askDifferences(
  client: pg.PoolClient,
  sourceId: number,
  rows: readonly HashedRow[],
): Promise<ReadonlyMap<number, Difference>> {
  const { rows: answers } = await client.query<{ at: number; volatile: boolean }>(DIFFERENCES, [
    sourceId,
    rows.map(({ row }) => row.externalId),
    rows.map(({ contentHash }) => contentHash),
    rows.map(({ row }) => row.lastActiveAt),
    rows.map(({ row }) => row.sourceCreatedAt),
    rows.map(({ row }) => row.sourceUpdatedAt),
  ]);
  return new Map(answers.map(({ at, volatile }) => [at, volatile ? 'volatile' : 'content']));
}

type Batch = { readonly number: number; readonly rows: readonly HashedRow[] };

function* stageLines(key: IntakeKey, batch: Batch, differenceOf: (at: number) => Difference): Generator<string> {
  for (const [at, { row, contentHash }] of batch.rows.entries()) {
    yield copyLine([
      key.sourceId,
      key.epoch,
      batch.number,
      row.externalId,
      `\\x${contentHash}`,
      differenceOf(at),
      row.lastActiveAt,
      row.sourceCreatedAt,
      row.sourceUpdatedAt,
    ]);
  }
}

function* rowLines(key: IntakeKey, batch: Batch, differenceOf: (at: number) => Difference): Generator<string> {
  for (const [at, { row, contentHash }] of batch.rows.entries()) {
    if (differenceOf(at) !== 'content') continue;
    const keys = keysOf(row);
    yield copyLine([
      key.sourceId,
      key.epoch,
      batch.number,
      row.externalId,
      `\\x${contentHash}`,
      row.email,
      row.aliases,
      row.employeeId,
      row.givenName,
      row.familyName,
      row.displayName,
      row.status,
      row.kind,
      row.role,
      row.privileged,
      row.title,
      row.department,
      row.managerId,
      row.startDate,
      row.endDate,
      row.flags,
      row.lastActiveAt,
      row.sourceCreatedAt,
      row.sourceUpdatedAt,
      keys.map(({ kind }) => kind),
      keys.map(({ key: text }) => text),
    ]);
  }
}
