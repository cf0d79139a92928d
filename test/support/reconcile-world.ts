import type pg from 'pg';
import type { AccountCase, LinkRule, RowRef } from '../../src/core/case.ts';
import { keysOf } from '../../src/core/normalise.ts';
import type { RulePlan } from '../../src/core/policy.ts';
import type { RosterRow } from '../../src/core/row.ts';
import { RULE_POLICY, RULES } from '../../src/core/rule.ts';
import type { ReconcileContext } from '../../src/store/reconcile/context.ts';
import { loadActiveSources } from '../../src/store/reconcile/load-sources.ts';
import { aRow } from './builders.ts';

// Worlds written straight into the tables: a test of the statements needs states that take many listings to come about.

export type WorldSource = {
  readonly name: string;
  readonly authoritative?: boolean;
  readonly audited?: boolean;
  readonly correlateEmployeeId?: boolean;
  readonly retired?: boolean;
};
export type WorldRow = Partial<RosterRow> & {
  readonly gone?: boolean;
  readonly disputed?: boolean;
  readonly leftOn?: string;
  /** What the same id was before: intake has marked it. */
  readonly before?: Partial<RosterRow> | undefined;
  /** Intake has marked its e-mail as that of this row before. */
  readonly movedFrom?: string | undefined;
};

/** The order gives the rank. Returns the ids in that order. */
export async function insertSources(
  client: pg.ClientBase,
  sources: readonly WorldSource[],
): Promise<readonly number[]> {
  const ids: number[] = [];
  for (const [rank, source] of sources.entries()) {
    const { rows } = await client.query<{ id: number }>(
      `insert into rollcall.source
              (name, type, authoritative, audited, rank, correlate_employee_id, key_digest, created_at, retired_at)
       values ($1, 'file', $2, $3, $4, $5, 'k', now(), case when $6 then now() end) returning id`,
      [
        source.name,
        source.authoritative ?? false,
        source.audited ?? false,
        rank,
        source.correlateEmployeeId ?? false,
        source.retired ?? false,
      ],
    );
    ids.push(...rows.map((row) => row.id));
  }
  return ids;
}

export async function insertRun(
  client: pg.ClientBase,
  sourceId: number,
  run: { readonly mode?: string; readonly verdict?: string; readonly at?: string; readonly reason?: string } = {},
): Promise<number> {
  const { rows } = await client.query<{ id: number }>(
    `insert into rollcall.sync_run
            (source_id, mode, endpoint, parameters, pages, requests, rows_seen, rows_without_id, distinct_ids,
             declared_total, present_usable, verdict, reason, warnings, started_at, finished_at, as_of, rows_changed,
             rows_gone, digest, listing_digest)
     values ($1, $2, '/', '{}', 1, 1, 3, 0, 3, 3, 3, $3, $4, '{}', $5, $5, $5, 0, 0, 'd', 'd') returning id`,
    [sourceId, run.mode ?? 'full', run.verdict ?? 'complete', run.reason ?? null, run.at ?? '2026-11-21T09:00:00Z'],
  );
  const [row] = rows;
  if (row === undefined) throw new Error('no run');
  return row.id;
}

/** The row, its version and its keys. */
// oxlint-disable-next-line complexity -- one nullable column a line
export async function insertRow(client: pg.ClientBase, sourceId: number, world: WorldRow): Promise<RowRef> {
  const { gone = false, disputed = false, leftOn, before, movedFrom, ...fields } = world;
  const row = aRow(fields);
  await client.query(
    `insert into rollcall.account
            (source_id, external_id, content_hash, version_run, status, kind, privileged, start_date, end_date,
             first_seen_at, gone_at, left_on, left_by, disputed, manager_id, last_active_at, reuse_before_run, moved_from)
     values ($1, $2, '\\x00', 1, $3, $4, $5, $6, $7, now(), case when $8 then now() end, $9,
             case when $9::date is not null then 'status' end, $10, $11, $12, $13, $14)`,
    [
      sourceId,
      row.externalId,
      row.status,
      row.kind,
      row.privileged,
      row.startDate ?? null,
      row.endDate ?? null,
      gone,
      leftOn ?? null,
      disputed,
      row.managerId ?? null,
      row.lastActiveAt ?? null,
      before === undefined ? null : BEFORE_RUN,
      movedFrom ?? null,
    ],
  );
  await insertVersion(client, sourceId, { row, run: 1 });
  if (before !== undefined) await insertVersion(client, sourceId, { row: { ...row, ...before }, run: BEFORE_RUN });
  for (const { kind, key } of keysOf(row)) {
    await client.query(
      'insert into rollcall.account_key (source_id, external_id, kind, key) values ($1, $2, $3, $4) on conflict do nothing',
      [sourceId, row.externalId, kind, key],
    );
    if (movedFrom === undefined) continue;
    await client.query(
      'insert into rollcall.former_key (source_id, external_id, kind, key) values ($1, $2, $3, $4) on conflict do nothing',
      [sourceId, movedFrom, kind, key],
    );
  }
  return { sourceId, externalId: row.externalId };
}

const BEFORE_RUN = 0;

// oxlint-disable-next-line complexity -- one nullable column a line
async function insertVersion(
  client: pg.ClientBase,
  sourceId: number,
  { row, run }: { readonly row: RosterRow; readonly run: number },
): Promise<void> {
  await client.query(
    `insert into rollcall.account_version
            (source_id, external_id, valid_from, email, aliases, employee_id, given_name, family_name,
             display_name, status, kind, role, privileged, start_date, end_date, flags, content_hash, title, department,
             manager_id, from_run)
     values ($1, $2, now(), $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, '\\x00', $16, $17, $18, $19)`,
    [
      sourceId,
      row.externalId,
      row.email ?? null,
      row.aliases,
      row.employeeId ?? null,
      row.givenName ?? null,
      row.familyName ?? null,
      row.displayName ?? null,
      row.status,
      row.kind,
      row.role ?? null,
      row.privileged,
      row.startDate ?? null,
      row.endDate ?? null,
      row.flags,
      row.title ?? null,
      row.department ?? null,
      row.managerId ?? null,
      run,
    ],
  );
}

export async function insertLink(
  client: pg.ClientBase,
  account: RowRef,
  identity: RowRef,
  rule: LinkRule | 'denied' = 'email',
): Promise<void> {
  await client.query(
    `insert into rollcall.link
            (source_id, external_id, identity_source_id, identity_external_id, rule, evidence, created_at)
     values ($1, $2, $3, $4, $5, '{}', now())`,
    [account.sourceId, account.externalId, identity.sourceId, identity.externalId, rule],
  );
}

/** A context without a report, on a transaction that the caller has begun. */
export async function openContext(client: pg.PoolClient): Promise<ReconcileContext> {
  return { client, reportId: 1, sources: await loadActiveSources(client) };
}

/** Every rule for every source that it judges. */
export function fullPlan({ sources }: Pick<ReconcileContext, 'sources'>): RulePlan {
  return {
    runs: sources.map((source) => ({
      sourceId: source.id,
      source: source.name,
      rules: RULES.filter((rule) => !source.authoritative || source.audited || RULE_POLICY[rule].judgesIdentities),
      baseline: [],
    })),
    withheld: [],
  };
}

export async function collect<T>(batches: AsyncIterable<readonly T[]>): Promise<readonly T[]> {
  const all: T[] = [];
  for await (const batch of batches) all.push(...batch);
  return all;
}

export function refKey({ ref }: Pick<AccountCase, 'ref'>): string {
  return `${ref.sourceId}/${ref.externalId}`;
}
