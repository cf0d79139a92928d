import type pg from 'pg';
import type { TokenOwner } from '../../core/case.ts';
import type { SourceState } from '../../core/policy.ts';
import type { VerdictKind } from '../../core/listing.ts';
import { isRule } from '../../core/rule.ts';
import type { Reconciliation } from '../../ports/store.ts';
import type { ActiveSource, ReconcileContext } from './context.ts';

/** Configured today: a retired source is neither judged nor read. */
export async function loadActiveSources(client: pg.PoolClient): Promise<readonly ActiveSource[]> {
  const { rows } = await client.query<ActiveSource>(
    `select id, name, authoritative, audited, rank, correlate_employee_id as "correlateEmployeeId"
       from rollcall.source where retired_at is null order by rank, id`,
  );
  return rows;
}

type StateRecord = {
  readonly id: number;
  readonly name: string;
  readonly authoritative: boolean;
  readonly audited: boolean;
  readonly max_age_ms: number | null;
  readonly full_verdict: VerdictKind | null;
  readonly full_at: string | null;
  readonly full_reason: string | null;
  readonly full_code: string | null;
  readonly complete_at: string | null;
  readonly delta_verdict: VerdictKind | null;
  readonly delta_reason: string | null;
  readonly delta_code: string | null;
  readonly breaker_open: boolean;
  readonly owner_external_id: string | null;
  readonly owner_email: string | null;
  readonly baselined: readonly string[];
};

// After the release of a change of key settings, what was read before it is another roster.
const OF_THESE_SETTINGS = `
  r.finished_at > coalesce((select max(b.closed_at) from rollcall.breaker b
                             where b.source_id = s.id and b.kind = 'baseline' and b.released), '-infinity')`;

/**
 * What decides whether a source may be read by a rule (contract §5, *Fresh*). Hints are no listings and do not count. An
 * open conclusion breaker does not count: it holds findings back, and only rules that go on running can resolve one whose ground goes.
 */
export async function loadSourceStates({ client }: ReconcileContext): Promise<readonly SourceState[]> {
  const { rows } = await client.query<StateRecord>(`
    select s.id, s.name, s.authoritative, s.audited, s.max_age_ms, s.owner_external_id, s.owner_email,
           f.verdict as full_verdict, f.as_of as full_at, f.reason as full_reason, f.code as full_code,
           c.as_of as complete_at, d.verdict as delta_verdict, d.reason as delta_reason, d.code as delta_code,
           exists (select from rollcall.breaker b where b.source_id = s.id and b.closed_at is null and b.kind <> 'conclusion') as breaker_open,
           array(select r.rule from rollcall.rule_state r where r.source_id = s.id) as baselined
      from rollcall.source s
      left join lateral (
           select r.id, r.verdict, r.as_of, r.reason, r.code from rollcall.sync_run r
            where r.source_id = s.id and r.mode = 'full' and ${OF_THESE_SETTINGS} order by r.id desc limit 1) f on true
      left join lateral (
           select r.as_of from rollcall.sync_run r
            where r.source_id = s.id and r.mode = 'full' and r.verdict = 'complete' and ${OF_THESE_SETTINGS}
            order by r.id desc limit 1) c on true
      left join lateral (
           select r.verdict, r.reason, r.code from rollcall.sync_run r
            where r.source_id = s.id and r.mode = 'delta' and r.id > f.id order by r.id desc limit 1) d on true
     where s.retired_at is null
     order by s.rank, s.id`);
  return rows.map(toSourceState);
}

function toSourceState(record: StateRecord): SourceState {
  const { full_verdict: full, full_at: at, delta_verdict: delta } = record;
  return {
    id: record.id,
    name: record.name,
    authoritative: record.authoritative,
    audited: record.audited,
    maxAgeMs: record.max_age_ms ?? undefined,
    lastFull: full === null || at === null ? undefined : { verdict: full, at, reason: record.full_reason ?? undefined },
    lastCompleteFullAt: record.complete_at ?? undefined,
    lastDelta: delta === null ? undefined : { verdict: delta, reason: record.delta_reason ?? undefined },
    breakerOpen: record.breaker_open,
    tokenOwner: toTokenOwner(record),
    refused: isRefusal(delta === null ? record.full_code : record.delta_code),
    baselined: new Set(record.baselined.filter(isRule)),
  };
}

function isRefusal(code: string | null): boolean {
  return code === 'source-auth' || code === 'source-forbidden';
}

function toTokenOwner(record: StateRecord): TokenOwner | undefined {
  const { owner_external_id: externalId, owner_email: email } = record;
  if (externalId === null && email === null) return undefined;
  return { externalId: externalId ?? undefined, email: email ?? undefined };
}

/** Rows present: what the conclusion breaker measures by. Asked for only when there is something to measure. */
export async function countAccounts({ client }: ReconcileContext, sourceId: number): Promise<number> {
  const { rows } = await client.query<{ count: number }>(
    'select count(*)::int as count from rollcall.account where source_id = $1 and gone_at is null',
    [sourceId],
  );
  return rows[0]?.count ?? 0;
}

/** So that a reason to withhold is told once, not in each report. */
export async function loadWithheldBefore(context: ReconcileContext): Promise<Reconciliation['withheldBefore']> {
  type Before = { readonly source: string; readonly causes: readonly string[]; readonly refused: readonly string[] };
  const { rows } = await context.client.query<Before>(
    `select w ->> 'source' as source, array(select jsonb_array_elements_text(w -> 'causes')) as causes,
            array(select jsonb_array_elements_text(w -> 'refused')) as refused
       from (select r.withheld from rollcall.drift_report r where r.id < $1 order by r.id desc limit 1) before,
            jsonb_array_elements(before.withheld) w`,
    [context.reportId],
  );
  return rows;
}
