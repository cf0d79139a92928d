import type pg from 'pg';
import type { IdentityRow, RowRef } from '../../core/case.ts';
import { searchTermsOf } from '../../core/name-traits.ts';
import { displayNameOf } from '../../core/person.ts';
import type { RosterRow } from '../../core/row.ts';
import type { Rule } from '../../core/rule.ts';
import { suggestIdentities, type Suggestion } from '../../core/suggest.ts';
import type { Explanation } from '../../core/views.ts';
import { inTransaction } from '../database.ts';
import { authorityIds, type ReconcileContext } from '../reconcile/context.ts';
import { loadIdentityRows, loadSiblings } from '../reconcile/load-identities.ts';
import { loadLinks } from '../reconcile/load-links.ts';
import { loadActiveSources } from '../reconcile/load-sources.ts';
import { JOIN_VERSION, keyOf, ROW_COLUMNS, type RowRecord, toRosterRow } from '../reconcile/roster-row.ts';

/** Rules that ask a person whose an account is. */
const ASKING: readonly Rule[] = ['orphaned_account', 'disputed_account', 'reused_account'];
/** Rows that the ranking looks at, however common the family name is. */
const CANDIDATES_MAX = 500;

/**
 * As `foldName` (core/text.ts) folds nearly every name; what it folds otherwise is not found, never found wrongly. Most names are plain: to fold
 * those too took nine tenths of the time.
 */
const folded = (text: string): string => `
  case when octet_length(${text}) = char_length(${text}) then lower(${text})
       else lower(regexp_replace(normalize(${text}, NFKD), '[\\u0300-\\u036f]', '', 'g')) end`;

// One pass over the identities, when somebody asks about one account: no index, no column and no evidence is kept for it (decision 22).
// `$1` authorities, `$2` local parts, `$3` family names, `$4` initials.
const CANDIDATES = `
  with found as (
    select source_id, external_id, 1 as by from rollcall.account_key
     where source_id = any ($1::int[]) and kind in ('email', 'alias')
       and translate(split_part(split_part(key, '@', 1), '+', 1), '._''-', '') = any ($2::text[])
     union all
    select a.source_id, a.external_id, 2 from rollcall.account a ${JOIN_VERSION}
     where a.source_id = any ($1::int[])
       and ${folded(`coalesce(v.family_name, substring(v.display_name from '\\S+$'))`)} = any ($3::text[]))
  select f.source_id, f.external_id
    from (select source_id, external_id, min(by) as by from found group by source_id, external_id) f
    join rollcall.account a on a.source_id = f.source_id and a.external_id = f.external_id ${JOIN_VERSION}
   order by f.by, left(${folded('coalesce(v.given_name, v.display_name)')}, 1) = any ($4::text[]) desc nulls last,
            a.gone_at is null desc, f.source_id, f.external_id
   limit ${CANDIDATES_MAX}`;

/** Whom an account could be of, for a person to decide; only for a living finding that asks that. */
export async function loadSuggestions(
  pool: pg.Pool,
  finding: Explanation['finding'],
): Promise<Explanation['suggestions']> {
  const { account_id: externalId, source: name } = finding;
  if (externalId === null || finding.status === 'resolved' || !ASKING.includes(finding.rule)) return [];
  return await inTransaction(pool, 'look for suggestions', async (client) => {
    const context = { client, reportId: 0, sources: await loadActiveSources(client) };
    const source = context.sources.find((each) => each.name === name);
    // A row of an authority that is not audited is an identity: whose it is, is no question.
    if (source === undefined || (source.authoritative && !source.audited)) return [];
    const ref = { sourceId: source.id, externalId };
    const row = await loadRow(client, ref);
    if (row === undefined) return [];
    const people = await loadPeople(context, ref, row);
    return suggestIdentities(row, people).map(toShown);
  });
}

async function loadPeople(context: ReconcileContext, ref: RowRef, row: RosterRow): Promise<readonly IdentityRow[]> {
  const { families, locals } = searchTermsOf(row);
  const initials = [...new Set(families.map((name) => name.slice(0, 1)))];
  const authorities = authorityIds(context).filter((id) => id !== ref.sourceId);
  const { rows } = await context.client.query<{ source_id: number; external_id: string }>(CANDIDATES, [
    authorities,
    locals,
    families,
    initials,
  ]);
  const found = rows.map((each) => ({ sourceId: each.source_id, externalId: each.external_id }));
  const links = await loadLinks(context, [ref]);
  const denied = links.get(keyOf(ref))?.denied ?? [];
  const siblings = await loadSiblings(context, [...found, ...denied]);
  const withSiblings = (each: RowRef): readonly RowRef[] => [each, ...(siblings.get(keyOf(each)) ?? [])];
  const never = new Set(denied.flatMap(withSiblings).map(keyOf));
  const identities = await loadIdentityRows(context, found.flatMap(withSiblings));
  return [...identities.values()].filter(
    (identity) => identity.ref.sourceId !== ref.sourceId && !never.has(keyOf(identity.ref)),
  );
}

async function loadRow(client: pg.PoolClient, ref: RowRef): Promise<RosterRow | undefined> {
  const { rows } = await client.query<RowRecord>(
    `select ${ROW_COLUMNS} from rollcall.account a ${JOIN_VERSION} where a.source_id = $1 and a.external_id = $2`,
    [ref.sourceId, ref.externalId],
  );
  const [row] = rows;
  return row === undefined ? undefined : toRosterRow(row);
}

function toShown({ identity, reasons }: Suggestion): Explanation['suggestions'][number] {
  const [first] = identity.rows;
  return {
    source: identity.sourceName,
    external_id: identity.ref.externalId,
    name: identity.name ?? (first === undefined ? null : (displayNameOf(first.row) ?? null)),
    email: identity.email ?? null,
    status: identity.rows.some(({ present }) => present) ? (first?.row.status ?? 'unknown') : 'gone',
    reasons,
  };
}
