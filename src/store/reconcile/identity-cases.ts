import type { IdentityCase, IdentityRow, RowRef } from '../../core/case.ts';
import type { RulePlan } from '../../core/policy.ts';
import type { PlainDate, RosterRow } from '../../core/row.ts';
import { RULE_POLICY, RULES } from '../../core/rule.ts';
import { DEFAULT_OPTIONS, type RuleOptions } from '../../core/rule-options.ts';
import { fetchBatches } from '../cursor.ts';
import { authorityIds, judgedIds, type ReconcileContext } from './context.ts';
import { loadFindings } from './load-findings.ts';
import { loadIdentityRows, loadSiblings } from './load-identities.ts';
import { loadUnsettled } from './load-unsettled.ts';
import { isMerging, missingBranches } from './missing-branches.ts';
import { JOIN_VERSION, keyOf, ROW_COLUMNS, type RowRecord, toArrays, toRosterRow } from './roster-row.ts';

export const BATCH_ROWS = 500;
const NONE: ReadonlySet<number> = new Set();
/** Accounts of one identity in one application that a finding can show; more than a person could own. */
const ACCOUNTS_MAX = 1_000;
export const IDENTITY_RULES = RULES.filter((rule) => RULE_POLICY[rule].subject === 'identity');

// Of rows that are one person (the same address in different authorities, no authority having two) the one whose source comes
// first in the config is the identity; any other row is its own. Only joined when there are several authorities.
// Materialized: a new roster has no statistics yet, and worked into the join it was computed once a link (10 s with 400 people).
const CANONICAL = `
    canonical as materialized (
         select k.source_id, k.external_id,
                first_value(k.source_id) over w as first_source_id, first_value(k.external_id) over w as first_external_id
           from rollcall.account_key k
           join rollcall.source s on s.id = k.source_id
           join (
                select key from rollcall.account_key
                 where kind = 'email' and source_id = any ($2::int[])
                 group by key having count(*) > 1 and count(*) = count(distinct source_id)) shared on shared.key = k.key
          where k.kind = 'email' and k.source_id = any ($2::int[])
         window w as (partition by k.key order by s.rank, s.id)),`;
const JOIN_CANONICAL = `
           left join canonical c on c.source_id = l.identity_source_id and c.external_id = l.identity_external_id`;

// The converse of the proof above `accountCases`: an identity with fewer than two usable accounts in an application cannot be
// charged with duplicates there. Links are counted before accounts are looked at: few identities have two. Their accounts are
// kept while counting: joined to the links again, they were compared each with each when the planner took a new link table for
// empty (1.4 s with 10,000 accounts, and quadratic). In the order of `link_by_identity`, which has all that is asked: no more
// than the links of one identity are sorted, where rows of several authorities are not merged.
// Whether they are usable is asked of each by itself, however many the planner expects.
// `$1` applications, `$2` authorities, `$3` rules whose subject is an identity.
function caseStatement(merging: boolean, branches: readonly string[]): string {
  return `
    with ${merging ? CANONICAL : ''}
    owned as (
         select l.source_id, l.external_id, ${
           merging
             ? `coalesce(c.first_source_id, l.identity_source_id) as identity_source_id,
                coalesce(c.first_external_id, l.identity_external_id) as identity_external_id`
             : 'l.identity_source_id, l.identity_external_id'
         }
           from rollcall.link l ${merging ? JOIN_CANONICAL : ''}
          where l.source_id = any ($1::int[]) and l.identity_source_id = any ($2::int[]) and l.rule <> 'denied'),
    several as materialized (
         select source_id, identity_source_id, identity_external_id, array_agg(external_id) as external_ids from owned
          group by identity_source_id, identity_external_id, source_id having count(*) > 1)
    select s.source_id, s.identity_source_id, s.identity_external_id
      from several s
     cross join lateral (
           select count(*) as usable from rollcall.account a
            where a.source_id = s.source_id and a.external_id = any (s.external_ids)
              and a.gone_at is null and a.status in ('active', 'unknown')) o
     where o.usable > 1
    union
    select f.source_id, split_part(f.subject, '/', 1)::int, substr(f.subject, strpos(f.subject, '/') + 1)
      from rollcall.finding f
     where f.status <> 'resolved' and f.rule = any ($3::text[]) and f.source_id = any ($1::int[])
       and f.subject ~ '^[0-9]{1,9}/'
    ${branches.map((each) => `union ${each}`).join('\n')}`;
}

type Subject = { readonly sourceId: number; readonly identity: RowRef };
export type SubjectRecord = {
  readonly source_id: number;
  readonly identity_source_id: number;
  readonly identity_external_id: string;
};

export function toSubject(row: SubjectRecord): Subject {
  return {
    sourceId: row.source_id,
    identity: { sourceId: row.identity_source_id, externalId: row.identity_external_id },
  };
}

/**
 * Each identity that has two or more usable accounts in an application of the plan, or none where one is expected, or of which a finding
 * lives there.
 */
export function identityCases(
  context: ReconcileContext,
  plan: RulePlan,
  today: PlainDate,
  options: RuleOptions = DEFAULT_OPTIONS,
): AsyncGenerator<readonly IdentityCase[], void, undefined> {
  const values: unknown[] = [applicationsOf(context, plan), authorityIds(context), IDENTITY_RULES];
  const branches = missingBranches({ context, plan, today, options }, (value) => `$${values.push(value)}`);
  const text = caseStatement(isMerging(context), branches);
  return casesOf(context, { text, values, asksForMissing: branches.length > 0 });
}

/** The same without the proof: each row of an authority in each application. For the test that holds the proof to what `classify` says. */
export function everyIdentityCase(
  context: ReconcileContext,
  plan: RulePlan,
): AsyncGenerator<readonly IdentityCase[], void, undefined> {
  const text = `
     select s.id as source_id, a.source_id as identity_source_id, a.external_id as identity_external_id
       from unnest($1::int[]) as s (id)
       join rollcall.account a on a.source_id = any ($2::int[])`;
  const values = [applicationsOf(context, plan), authorityIds(context)];
  return casesOf(context, { text, values, asksForMissing: true });
}

export function applicationsOf(context: ReconcileContext, plan: RulePlan): readonly number[] {
  const judged = new Set(judgedIds(context));
  const running = plan.runs.filter((run) => run.rules.some((rule) => RULE_POLICY[rule].subject === 'identity'));
  return running.map((run) => run.sourceId).filter((id) => judged.has(id));
}

type Asked = { readonly text: string; readonly values: readonly unknown[]; readonly asksForMissing: boolean };

async function* casesOf(
  context: ReconcileContext,
  { text, values, asksForMissing }: Asked,
): AsyncGenerator<readonly IdentityCase[], void, undefined> {
  const batches = fetchBatches<SubjectRecord>(context.client, {
    name: 'identity_cases',
    text,
    values,
    batchRows: BATCH_ROWS,
  });
  for await (const rows of batches) yield await loadIdentityCases(context, rows.map(toSubject), asksForMissing);
}

export async function loadIdentityCases(
  context: ReconcileContext,
  subjects: readonly Subject[],
  asksForMissing: boolean,
): Promise<readonly IdentityCase[]> {
  const refs = subjects.map((subject) => subject.identity);
  const siblings = await loadSiblings(context, refs);
  const rows = await loadIdentityRows(context, [...refs, ...[...siblings.values()].flat()]);
  const groups = subjects.map(({ identity }) => personOf(identity, siblings.get(keyOf(identity)) ?? [], rows));
  const accounts = await loadAccounts(
    context,
    subjects.flatMap(({ sourceId }, at) => (groups[at] ?? []).map(({ ref }) => ({ sourceId, ref, at }))),
  );
  const unsettled = asksForMissing
    ? await loadUnsettled(
        context,
        subjects.map(({ sourceId }, at) => ({ sourceId, rows: groups[at] ?? [], at })),
      )
    : NONE;
  const findings = await loadFindings(
    context,
    'identity',
    subjects.map(({ sourceId, identity }) => ({ sourceId, externalId: keyOf(identity) })),
  );
  const names = new Map(context.sources.map((source) => [source.id, source.name]));
  return subjects.map(({ sourceId, identity }, at) => {
    const group = groups[at] ?? [];
    const self = rows.get(keyOf(identity));
    return {
      kind: 'identity' as const,
      sourceId,
      sourceName: names.get(sourceId) ?? '',
      // A row that another one names now is shown alone and without accounts: its finding ends, the other's begins.
      identity: group.length > 0 || self === undefined ? group : [self],
      accounts: accounts.get(at) ?? [],
      mayOwnAnother: unsettled.has(at),
      supplanted: group.length === 0 && self !== undefined,
      findings: findings.get(keyOf({ sourceId, externalId: keyOf(identity) })) ?? [],
    };
  });
}

/** The rows of the person that this row names, itself first; none when a row of an earlier source names the person. */
function personOf(
  identity: RowRef,
  siblings: readonly RowRef[],
  rows: ReadonlyMap<string, IdentityRow>,
): readonly IdentityRow[] {
  const [first, ...others] = [identity, ...siblings].flatMap((ref) => rows.get(keyOf(ref)) ?? []);
  if (first === undefined || others.some((other) => isBefore(other, first))) return [];
  return [first, ...others];
}

function isBefore(a: IdentityRow, b: IdentityRow): boolean {
  return a.sourceRank === b.sourceRank ? a.ref.sourceId < b.ref.sourceId : a.sourceRank < b.sourceRank;
}

type Owned = { readonly sourceId: number; readonly ref: RowRef; readonly at: number };

/** Present accounts in the application that are linked to one of these rows, by the position of their subject. */
async function loadAccounts(
  { client }: ReconcileContext,
  owned: readonly Owned[],
): Promise<ReadonlyMap<number, readonly RosterRow[]>> {
  const { rows } = await client.query<RowRecord & { readonly at: number }>(
    `select * from (
       select ${ROW_COLUMNS}, r.at, row_number() over (partition by r.at order by a.external_id) as place
         from unnest($1::int[], $2::int[], $3::text[], $4::int[]) as r (source_id, identity_source_id, identity_id, at)
         join rollcall.link l
           on l.identity_source_id = r.identity_source_id and l.identity_external_id = r.identity_id
          and l.source_id = r.source_id and l.rule <> 'denied'
         join rollcall.account a
           on a.source_id = l.source_id and a.external_id = l.external_id and a.gone_at is null ${JOIN_VERSION}) o
      where place <= ${ACCOUNTS_MAX}
      order by at, place`,
    [owned.map((each) => each.sourceId), ...toArrays(owned.map((each) => each.ref)), owned.map((each) => each.at)],
  );
  const found = new Map<number, RosterRow[]>();
  for (const record of rows) {
    const accounts = found.get(record.at) ?? [];
    accounts.push(toRosterRow(record));
    found.set(record.at, accounts);
  }
  return found;
}
