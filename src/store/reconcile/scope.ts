import { canonicalJson, textHash } from '../../core/canonical-json.ts';
import type { RowRef } from '../../core/case.ts';
import type { RulePlan } from '../../core/policy.ts';
import type { PlainDate } from '../../core/row.ts';
import type { Scope, ScopeRequest } from '../../ports/store.ts';
import { loadClosure } from './closure.ts';
import type { ReconcileContext } from './context.ts';

/** Above this share of all rows one pass over everything is cheaper than looking up one row after the other. */
export const SHARE_MAX = 0.04;
/** Of a small roster everything is soon read; of a large one as many are no burden. */
const ROWS_MIN = 1_000;

/** The report names what it was judged by; what that says is written once. */
const SAY_BY_WHAT = `
  with known as (
    insert into rollcall.rule_set (digest, first_used_at, facts)
    select $2, r.started_at, $3 from rollcall.drift_report r where r.id = $1::bigint
    on conflict (digest) do nothing)
  update rollcall.drift_report set rule_set = $2 where id = $1::bigint`;

const ALL: Scope = { kind: 'all' };

/** What the last reconciliation was judged by, and how many rows may be looked up one by one. */
const STATE = `
  select rule_set_digest as "ruleSet", plan_digest as plan, judged_on as "judgedOn",
         greatest($1::int, ($2::float8 * (
           select coalesce(sum(r.present_usable), 0) from rollcall.source s, lateral (
                  select present_usable from rollcall.sync_run
                   where source_id = s.id and mode = 'full' order by id desc limit 1) r
            where s.retired_at is null))::int) as "rowsMax"
    from rollcall.setting`;

type State = Basis & { readonly rowsMax: number };

/** By what a reconciliation judges: everything that is not a row. */
type Basis = { readonly ruleSet: string | null; readonly plan: string | null; readonly judgedOn: PlainDate | null };

/**
 * What to look at: everything when something else than rows has changed (the rules, the configuration, the program, the company's
 * day, which rules run for which source), when a rule looks at a source for the first time, or when much has changed; else what
 * the changed rows could have an effect on.
 */
export async function loadScope(context: ReconcileContext, request: ScopeRequest): Promise<Scope> {
  const { rows } = await context.client.query<State>(STATE, [ROWS_MIN, SHARE_MAX]);
  const [state] = rows;
  if (state === undefined) throw new Error('the row of settings is gone');
  const isFirst = request.plan.runs.some((run) => run.baseline.length > 0);
  const basis = basisOf(context, request);
  if (state.ruleSet !== null && state.ruleSet !== basis.ruleSet) return { kind: 'all', isOther: true };
  if (request.full || isFirst || !isSame(state, basis)) return ALL;
  const { rows: marks } = await context.client.query<{ source_id: number; external_id: string }>(
    'select distinct source_id, external_id from rollcall.dirty limit $1',
    [state.rowsMax + 1],
  );
  if (marks.length > state.rowsMax) return ALL;
  const dirty = marks.map((row): RowRef => ({ sourceId: row.source_id, externalId: row.external_id }));
  const closure = await loadClosure(context, dirty, request);
  return closure.accounts.length > state.rowsMax ? ALL : { kind: 'changed', ...closure };
}

/** Remembers what was judged by, and takes away the marks that were seen; nothing is written when nothing is another. */
export async function closeScope(context: ReconcileContext, request: ScopeRequest): Promise<void> {
  const { ruleSet, plan, judgedOn } = basisOf(context, request);
  await context.client.query('delete from rollcall.dirty');
  await context.client.query(SAY_BY_WHAT, [context.reportId, ruleSet, JSON.stringify(request.ruleSetFacts)]);
  await context.client.query(
    `update rollcall.setting set rule_set_digest = $1, plan_digest = $2, judged_on = $3
      where (rule_set_digest, plan_digest, judged_on) is distinct from ($1::text, $2::text, $3::date)`,
    [ruleSet, plan, judgedOn],
  );
}

function basisOf(context: ReconcileContext, { ruleSet, plan, today }: ScopeRequest): Basis {
  const sources = context.sources.map(({ id, name, authoritative, audited, correlateEmployeeId }) => [
    id,
    name,
    authoritative,
    audited,
    correlateEmployeeId,
  ]);
  return { ruleSet: textHash(canonicalJson([ruleSet, sources])), plan: planDigest(plan), judgedOn: today };
}

/** A rule that did not run last time has seen nothing of what has changed meanwhile. */
function planDigest({ runs }: RulePlan): string {
  return textHash(canonicalJson(runs.map(({ sourceId, rules }) => [sourceId, [...rules].toSorted()])));
}

function isSame(a: Basis, b: Basis): boolean {
  return a.ruleSet === b.ruleSet && a.plan === b.plan && a.judgedOn === b.judgedOn;
}
