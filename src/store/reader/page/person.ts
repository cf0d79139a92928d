import type pg from 'pg';
import type { RowRef } from '../../../core/case.ts';
import { identitySubject } from '../../../core/charge.ts';
import type { Instant } from '../../../core/row.ts';
import { SEVERITIES } from '../../../core/rule.ts';
import type { FindingRow, RosterViewRow } from '../../../core/views.ts';
import type { LinkedRecord, PersonView } from '../../../ports/page.ts';
import { inTransaction } from '../../database.ts';
import { authorityIds, type ReconcileContext } from '../../reconcile/context.ts';
import { loadSiblings } from '../../reconcile/load-identities.ts';
import { loadActiveSources } from '../../reconcile/load-sources.ts';
import { keyOf, toArrays } from '../../reconcile/roster-row.ts';
import { FINDING_COLUMNS } from '../columns.ts';

/** Nobody has more; a record to which thousands are linked by mistake must not make a page of thousands. */
const ACCOUNTS_MAX = 100;
const FINDINGS_MAX = 100;

// As view `roster` has them. Not its `last_seen_at`, for which each run of each source is read.
const RECORD = `
  s.id as source_id, s.name as source, s.authoritative, a.external_id, v.email, v.aliases, v.employee_id, v.given_name, v.family_name,
  v.display_name, v.status, v.kind, v.role, v.privileged, v.title, v.department, v.manager_id, v.start_date, v.end_date,
  a.last_active_at, a.source_created_at, a.source_updated_at, a.first_seen_at, a.gone_at, a.left_on,
  case when s.authoritative then 'identity' when l.rule is not null then 'linked' when a.disputed then 'disputed' else 'unmatched' end as situation,
  l.rule as link_rule, l.created_at as link_since, l.author as link_author, l.reason as link_reason,
  l.identity_source_id, l.identity_external_id`;
const FROM = `
  join rollcall.source s on s.id = a.source_id
  join rollcall.account_version v on v.source_id = a.source_id and v.external_id = a.external_id and v.from_run = a.version_run
  left join rollcall.link l on l.source_id = a.source_id and l.external_id = a.external_id and l.rule <> 'denied'`;

type Found = RosterViewRow & {
  readonly source_id: number;
  readonly external_id: string;
  readonly authoritative: boolean;
  readonly link_rule: string | null;
  readonly link_since: Instant | null;
  readonly link_author: string | null;
  readonly link_reason: string | null;
  readonly identity_source_id: number | null;
  readonly identity_external_id: string | null;
};

/** The record, whoever it is of, and all that is theirs: each statement goes by a key. */
export async function loadPerson(pool: pg.Pool, source: string, externalId: string): Promise<PersonView | undefined> {
  return await inTransaction(pool, 'look at a person', async (client) => {
    const { rows } = await client.query<Found>(
      `select ${RECORD} from rollcall.account a ${FROM} where s.name = $1 and a.external_id = $2`,
      [source, externalId],
    );
    const [asked] = rows;
    if (asked === undefined) return undefined;
    const context = { client, reportId: 0, sources: await loadActiveSources(client) };
    const identity = await loadIdentity(context, asked);
    const linked = await loadAccounts(client, identity.map(refOf));
    const accounts = isSomewhere(asked, [...identity, ...linked]) ? linked : [asked, ...linked];
    const findings = await loadFindings(client, context, { identity, accounts });
    return {
      identity: identity.map(toRecord),
      accounts: accounts.slice(0, ACCOUNTS_MAX).map(toLinked),
      findings: findings.slice(0, FINDINGS_MAX),
      more: accounts.length > ACCOUNTS_MAX || findings.length > FINDINGS_MAX,
    };
  });
}

/** The person's row, and the rows of other authorities that are the same person. Of a row whose source is an authority: itself. */
async function loadIdentity(context: ReconcileContext, asked: Found): Promise<readonly Found[]> {
  const { identity_source_id: sourceId, identity_external_id: externalId } = asked;
  const linked = sourceId === null || externalId === null ? undefined : { sourceId, externalId };
  const first = asked.authoritative ? refOf(asked) : linked;
  if (first === undefined) return [];
  const siblings = (await loadSiblings(context, [first])).get(keyOf(first)) ?? [];
  const found = await loadRecords(context.client, [first, ...siblings]);
  const order = authorityIds(context);
  return found.toSorted((a, b) => order.indexOf(a.source_id) - order.indexOf(b.source_id));
}

async function loadRecords(client: pg.PoolClient, refs: readonly RowRef[]): Promise<readonly Found[]> {
  const { rows } = await client.query<Found>(
    `select ${RECORD}
       from (select distinct * from unnest($1::int[], $2::text[]) as u (source_id, external_id)) u
       join rollcall.account a on a.source_id = u.source_id and a.external_id = u.external_id ${FROM}`,
    [...toArrays(refs)],
  );
  return rows;
}

async function loadAccounts(client: pg.PoolClient, identity: readonly RowRef[]): Promise<readonly Found[]> {
  if (identity.length === 0) return [];
  const { rows } = await client.query<Found>(
    `select ${RECORD}
       from unnest($1::int[], $2::text[]) as u (source_id, external_id)
       join rollcall.link k
         on k.identity_source_id = u.source_id and k.identity_external_id = u.external_id and k.rule <> 'denied'
       join rollcall.account a on a.source_id = k.source_id and a.external_id = k.external_id ${FROM}
      order by a.gone_at is not null, s.name, a.external_id limit ${ACCOUNTS_MAX + 1}`,
    [...toArrays(identity)],
  );
  return rows;
}

type Whose = { readonly identity: readonly Found[]; readonly accounts: readonly Found[] };

/** By subject: a record in its own source, and the person in each application. */
async function loadFindings(
  client: pg.PoolClient,
  { sources }: ReconcileContext,
  { identity, accounts }: Whose,
): Promise<readonly FindingRow[]> {
  const ofRecords = [...identity, ...accounts].map((row) => ({ sourceId: row.source_id, externalId: row.external_id }));
  const ofPerson = identity.flatMap((row) =>
    sources.map(({ id }) => ({ sourceId: id, externalId: identitySubject(refOf(row)) })),
  );
  const { rows } = await client.query<FindingRow>(
    `select ${FINDING_COLUMNS} from rollcall.drift_findings
      where id in (select f.id from (select distinct * from unnest($1::int[], $2::text[]) as u (source_id, subject)) u
                     join rollcall.finding f on f.source_id = u.source_id and f.subject = u.subject)
      order by status = 'resolved', array_position($3::text[], severity) desc, rule, source, id limit ${FINDINGS_MAX + 1}`,
    [...toArrays([...ofRecords, ...ofPerson]), SEVERITIES],
  );
  return rows;
}

function refOf(row: Found): RowRef {
  return { sourceId: row.source_id, externalId: row.external_id };
}

function isSomewhere(row: Found, rows: readonly Found[]): boolean {
  return rows.some((each) => keyOf(refOf(each)) === keyOf(refOf(row)));
}

function toLinked(row: Found): LinkedRecord {
  const { link_rule: rule, link_since: since, link_author: author, link_reason: reason } = row;
  return { row: toRecord(row), link: rule === null || since === null ? null : { rule, since, author, reason } };
}

/** Without what only this file needs. */
function toRecord(row: Found): RosterViewRow {
  const ours = new Set(['source_id', 'authoritative', 'identity_source_id', 'identity_external_id']);
  return Object.fromEntries(Object.entries(row).filter(([key]) => !ours.has(key)));
}
