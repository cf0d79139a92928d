import { hash } from 'node:crypto';
import type pg from 'pg';
import { contentText, keysOf, type RowKey } from '../core/normalise.ts';
import type { RosterRow } from '../core/row.ts';
import { copyLine, copyLines } from './copy-text.ts';

/** What names one intake in the staging tables. */
export type IntakeKey = { readonly sourceId: number; readonly epoch: number };

/** The hash as hex: a small Buffer a row would cost more than the row. */
export type HashedRow = { readonly row: RosterRow; readonly contentHash: string };

/** How a staged row differs from what is known; `content` is new, changed or back. */
type Difference = 'same' | 'volatile' | 'content';
/** What the database says of one row that differs. */
type Answer = { readonly difference: Difference; readonly known?: string | undefined };
/** Beside each row that was staged, the content hash by which the present row with its id was known; undefined where there was none. */
export type Staged = {
  readonly hashes: readonly (string | undefined)[];
  readonly content: number;
  readonly volatile: number;
};

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
         a.external_id is not null and a.gone_at is null and a.content_hash = decode(u.content_hash, 'hex') as volatile,
         case when a.gone_at is null then encode(a.content_hash, 'hex') end as known
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

/**
 * Hash first: ids and hashes of all, then the full rows of those that differ. Of a source never read all rows do, and they are staged
 * once, in full.
 */
export async function stageBatch(
  client: pg.PoolClient,
  key: IntakeKey,
  batch: { readonly number: number; readonly rows: readonly HashedRow[]; readonly isFirstRead: boolean },
): Promise<Staged> {
  if (batch.isFirstRead) {
    await copyLines(
      client,
      STAGE_ROW,
      rowLines(key, batch, () => 'content'),
    );
    return { hashes: [], content: batch.rows.length, volatile: 0 };
  }
  const answers = await askDifferences(client, key.sourceId, batch.rows);
  const differenceOf = (at: number): Difference => answers.get(at)?.difference ?? 'same';
  await copyLines(client, STAGE, stageLines(key, batch, differenceOf));
  const differences = [...answers.values()].map(({ difference }) => difference);
  const content = differences.filter((difference) => difference === 'content').length;
  if (content > 0) await copyLines(client, STAGE_ROW, rowLines(key, batch, differenceOf));
  const hashes = batch.rows.map(({ contentHash }, at) =>
    differenceOf(at) === 'content' ? answers.get(at)?.known : contentHash,
  );
  return { hashes, content, volatile: differences.length - content };
}

async function askDifferences(
  client: pg.PoolClient,
  sourceId: number,
  rows: readonly HashedRow[],
): Promise<ReadonlyMap<number, Answer>> {
  const { rows: answers } = await client.query<{ at: number; volatile: boolean; known: string | null }>(DIFFERENCES, [
    sourceId,
    rows.map(({ row }) => row.externalId),
    rows.map(({ contentHash }) => contentHash),
    rows.map(({ row }) => row.lastActiveAt),
    rows.map(({ row }) => row.sourceCreatedAt),
    rows.map(({ row }) => row.sourceUpdatedAt),
  ]);
  return new Map(
    answers.map(({ at, volatile, known }) => [
      at,
      { difference: volatile ? ('volatile' as const) : ('content' as const), known: known ?? undefined },
    ]),
  );
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
    const keys = distinctKeys(row);
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

function distinctKeys(row: RosterRow): readonly RowKey[] {
  const keys = keysOf(row);
  return keys.length < 2 ? keys : [...new Map(keys.map((each) => [`${each.kind} ${each.key}`, each])).values()];
}
