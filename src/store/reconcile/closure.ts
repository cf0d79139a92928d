import type { RowRef } from '../../core/case.ts';
import { parseEmail } from '../../core/email.ts';
import type { Rule } from '../../core/rule.ts';
import type { ScopeRequest } from '../../ports/store.ts';
import { authorityIds, judgedIds, type ReconcileContext } from './context.ts';
import { keyOf, toArrays } from './roster-row.ts';

// THE CLOSURE. Whose judgement could another row change? What `classify` looks at for one account is: its own row and the row before,
// its link, the identity rows that share a key with it, the rows of other authorities that are the same person as one of these, the
// manager's row in the same source, the manager of each identity row, and the owner that the configuration names. So, backwards:
//
//  a changed row              is judged itself, and its reports are.
//  a changed identity row     changes those that share an address with it, or shared one that it has lost: they are one person, or not
//                             any more. Of all of them: whoever is linked to them, whoever shares any key with them, and whoever
//                             is linked to the people that they manage.
//  a listed service account   is looked at every time: its owner may be anybody.
//  what changes unmarked      (`last_active_at` is refreshed in place, a decision ends a finding of reuse): living findings of those rules.
//
// Arrays go in and out: the planner knows how many they hold, and a step that brings too many ends the whole. A property test holds
// the two together (test/db/incremental-property): incremental gives what a pass over everything gives.

/** Their findings may end without a change that is marked. */
const ALWAYS: readonly Rule[] = ['dormant_account', 'reused_account'];

// `$1`, `$2` identity rows; `$3` all authorities. Rows of any authority with an address that these have or had.
const RELATED = `
  with given as (select * from unnest($1::int[], $2::text[]) as g (source_id, external_id)),
  addresses as (
    select k.key from given g join rollcall.account_key k
        on k.source_id = g.source_id and k.external_id = g.external_id and k.kind = 'email'
     union
    select k.key from given g join rollcall.former_key k
        on k.source_id = g.source_id and k.external_id = g.external_id and k.kind = 'email')
  select source_id, external_id from given
   union
  select o.source_id, o.external_id from addresses a
    join rollcall.account_key o on o.key = a.key and o.kind = 'email' and o.source_id = any ($3::int[])`;

const REPORTS = `
  select distinct a.source_id, a.external_id
    from unnest($1::int[], $2::text[]) as m (source_id, external_id)
    join rollcall.account a
      on a.source_id = m.source_id and a.manager_id = m.external_id and a.manager_id is not null and a.gone_at is null
   where a.source_id = any ($3::int[])`;

const LINKED = `
  select distinct l.source_id, l.external_id
    from unnest($1::int[], $2::text[]) as i (source_id, external_id)
    join rollcall.link l on l.identity_source_id = i.source_id and l.identity_external_id = i.external_id
   where l.source_id = any ($3::int[])`;

/** Rows of these sources that share a key with one of the given, or a key that one of the given has lost. */
const SHARING = `
  with given as (select * from unnest($1::int[], $2::text[]) as g (source_id, external_id)),
  keys as (
    select k.key from given g
      join rollcall.account_key k on k.source_id = g.source_id and k.external_id = g.external_id
     union
    select k.key from given g
      join rollcall.former_key k on k.source_id = g.source_id and k.external_id = g.external_id)
  select distinct o.source_id, o.external_id from keys k
    join rollcall.account_key o on o.key = k.key and o.source_id = any ($3::int[])`;

const LISTED = `
  select s.id as source_id, a.external_id
    from unnest($1::text[], $2::text[]) as e (source, account)
    join rollcall.source s on s.name = e.source and s.retired_at is null
    join rollcall.account a on a.source_id = s.id and a.external_id = e.account
   union
  select s.id, k.external_id
    from unnest($1::text[], $3::text[]) as e (source, email)
    join rollcall.source s on s.name = e.source and s.retired_at is null
    join rollcall.account_key k on k.source_id = s.id and k.kind = 'email' and k.key = e.email`;

const LIVING = `
  select source_id, subject as external_id from rollcall.finding where status <> 'resolved' and rule = any ($1::text[])`;

export type Closure = { readonly accounts: readonly RowRef[]; readonly identities: readonly RowRef[] };

/** Accounts to judge and identities to look at again, when these rows have changed. */
export async function loadClosure(
  context: ReconcileContext,
  dirty: readonly RowRef[],
  { serviceAccounts }: Pick<ScopeRequest, 'serviceAccounts'>,
): Promise<Closure> {
  const [authorities, judged] = [authorityIds(context), judgedIds(context)];
  const find = (statement: string, given: readonly RowRef[], among: readonly number[]) =>
    given.length === 0 ? [] : loadRefs(context, statement, [...toArrays(given), among]);

  const changed = dirty.filter((ref) => authorities.includes(ref.sourceId));
  const people = await find(RELATED, changed, authorities);
  const reports = await find(RELATED, await find(REPORTS, people, authorities), authorities);
  const accounts = distinct([
    ...dirty,
    ...(await find(LINKED, [...people, ...reports], judged)),
    ...(await find(SHARING, people, judged)),
    ...(await loadRefs(context, LISTED, [
      serviceAccounts.map(({ source }) => source),
      serviceAccounts.map(({ account }) => account),
      serviceAccounts.map(({ account }) => parseEmail(account) ?? null),
    ])),
    ...(await loadRefs(context, LIVING, [ALWAYS])),
  ]);
  const all = distinct([...accounts, ...(await find(REPORTS, accounts, judged))]);
  // Of an account that has lost an address: whoever has it may be without an account now.
  const lost = dirty.filter((ref) => judged.includes(ref.sourceId));
  return { accounts: all, identities: distinct([...people, ...(await find(SHARING, lost, authorities))]) };
}

/** Present accounts that name these, in the same source, as their manager. */
export async function reportsOf(context: ReconcileContext, managers: readonly RowRef[]): Promise<readonly RowRef[]> {
  return await loadRefs(context, REPORTS, [...toArrays(managers), judgedIds(context)]);
}

async function loadRefs(
  { client }: ReconcileContext,
  statement: string,
  values: readonly unknown[],
): Promise<readonly RowRef[]> {
  const { rows } = await client.query<{ source_id: number; external_id: string }>(statement, [...values]);
  return rows.map((row) => ({ sourceId: row.source_id, externalId: row.external_id }));
}

function distinct(refs: readonly RowRef[]): readonly RowRef[] {
  return [...new Map(refs.map((ref) => [keyOf(ref), ref])).values()];
}
