import type { CredentialCase, IdentityRow, RowRef } from '../../core/case.ts';
import { parseEmail } from '../../core/email.ts';
import { ownerFrom } from '../../core/owner.ts';
import type { RulePlan } from '../../core/policy.ts';
import type { PlainDate, RosterRow } from '../../core/row.ts';
import { isOfCredential } from '../../core/rule.ts';
import { CREDENTIAL_SUBJECT } from '../../core/token-owner.ts';
import type { ReconcileContext } from './context.ts';
import { loadFindings } from './load-findings.ts';
import { loadIdentityRows, loadSiblings } from './load-identities.ts';
import { type AccountLinks, loadLinks } from './load-links.ts';
import { loadOwnerHits } from './load-owners.ts';
import { JOIN_VERSION, keyOf, ROW_COLUMNS, type RowRecord, toArrays, toRosterRow } from './roster-row.ts';

type OwnerRecord = {
  readonly id: number;
  readonly owner_external_id: string | null;
  readonly owner_email: string | null;
};
/** The owner of one source's token, and what the source calls that person. */
type Owned = { readonly record: OwnerRecord; readonly ref: RowRef };

/** The credential of each source of the plan whose owner is known: a handful, so there is no proof of innocence to give. */
export async function credentialCases(
  context: ReconcileContext,
  plan: RulePlan,
  today: PlainDate,
): Promise<readonly CredentialCase[]> {
  const owned = await loadOwned(context, plan);
  if (owned.length === 0) return [];
  const refs = owned.map(({ ref }) => ref);
  const accounts = await loadAccounts(context, refs);
  const links = await loadLinks(context, refs);
  const direct = await loadDirect(context, refs, links);
  const byAddress = await loadByAddress(context, owned, { links, today });
  const subjects = owned.map(({ record }) => ({ sourceId: record.id, externalId: CREDENTIAL_SUBJECT }));
  const findings = await loadFindings(context, 'credential', subjects);
  const names = new Map(context.sources.map((source) => [source.id, source.name]));
  return owned.map(({ record, ref }) => {
    const { id, owner_external_id: externalId, owner_email: email } = record;
    return {
      kind: 'credential' as const,
      sourceId: id,
      sourceName: names.get(id) ?? '',
      owner: { externalId: externalId ?? undefined, email: email ?? undefined },
      account: accounts.get(keyOf(ref)),
      identity: direct.get(keyOf(ref)) ?? byAddress.get(id) ?? [],
      findings: findings.get(keyOf({ sourceId: id, externalId: CREDENTIAL_SUBJECT })) ?? [],
    };
  });
}

// A roster may know its people by other ids than the vendor's answer about the token does, as one without ids that is keyed by e-mail. Where
// no row has the id the owner is the one present row with the address; of two neither. `$1` sources, `$2` ids, `$3` addresses.
const ROW_OF_OWNER = `
  select o.source_id, coalesce(i.external_id, e.external_id, o.external_id) as external_id
    from unnest($1::int[], $2::text[], $3::text[]) as o (source_id, external_id, email)
    left join rollcall.account i on i.source_id = o.source_id and i.external_id = o.external_id
    left join lateral (
         select min(a.external_id) as external_id
           from rollcall.account_key k
           join rollcall.account a
             on a.source_id = k.source_id and a.external_id = k.external_id and a.gone_at is null
          where k.source_id = o.source_id and k.kind = 'email' and k.key = o.email
         having count(*) = 1) e on true`;

async function loadOwned(context: ReconcileContext, plan: RulePlan): Promise<readonly Owned[]> {
  const running = plan.runs.filter((run) => run.rules.some(isOfCredential));
  if (running.length === 0) return [];
  const { rows } = await context.client.query<OwnerRecord>(
    `select id, owner_external_id, owner_email from rollcall.source
      where id = any ($1::int[]) and (owner_external_id is not null or owner_email is not null)
      order by rank, id`,
    [running.map((run) => run.sourceId)],
  );
  const found = await context.client.query<{ source_id: number; external_id: string }>(ROW_OF_OWNER, [
    rows.map((row) => row.id),
    rows.map((row) => row.owner_external_id ?? ''),
    rows.map((row) => parseEmail(row.owner_email ?? '') ?? null),
  ]);
  const ids = new Map(found.rows.map((row) => [row.source_id, row.external_id]));
  return rows.map((record) => ({ record, ref: { sourceId: record.id, externalId: ids.get(record.id) ?? '' } }));
}

/** The owners' present rows in the source that the token reads. */
async function loadAccounts(
  { client }: ReconcileContext,
  refs: readonly RowRef[],
): Promise<ReadonlyMap<string, RosterRow>> {
  const { rows } = await client.query<RowRecord>(
    `select ${ROW_COLUMNS}
       from unnest($1::int[], $2::text[]) as r (source_id, external_id)
       join rollcall.account a
         on a.source_id = r.source_id and a.external_id = r.external_id and a.gone_at is null ${JOIN_VERSION}`,
    [...toArrays(refs)],
  );
  return new Map(
    rows.map((record) => [keyOf({ sourceId: record.source_id, externalId: record.external_id }), toRosterRow(record)]),
  );
}

type Links = ReadonlyMap<string, AccountLinks>;

/** By the link of the owner's account, which a person may have made; in an authoritative source the row itself is the identity. */
async function loadDirect(
  context: ReconcileContext,
  refs: readonly RowRef[],
  links: Links,
): Promise<ReadonlyMap<string, readonly IdentityRow[]>> {
  const identityOf = (ref: RowRef): RowRef => links.get(keyOf(ref))?.link?.identity ?? ref;
  const identities = refs.map(identityOf);
  const siblings = await loadSiblings(context, identities);
  const rows = await loadIdentityRows(context, [...identities, ...[...siblings.values()].flat()]);
  const found = new Map<string, readonly IdentityRow[]>();
  for (const ref of refs) {
    const identity = identityOf(ref);
    const own = [identity, ...(siblings.get(keyOf(identity)) ?? [])].flatMap((each) => rows.get(keyOf(each)) ?? []);
    if (own.length > 0) found.set(keyOf(ref), own);
  }
  return found;
}

/** By the owner's address, by source; without whom a person has said that the account does not belong to. */
async function loadByAddress(
  context: ReconcileContext,
  owned: readonly Owned[],
  { links, today }: { readonly links: Links; readonly today: PlainDate },
): Promise<ReadonlyMap<number, readonly IdentityRow[]>> {
  const deniedOf = (ref: RowRef): readonly RowRef[] => links.get(keyOf(ref))?.denied ?? [];
  const siblings = await loadSiblings(
    context,
    owned.flatMap(({ ref }) => deniedOf(ref)),
  );
  const hits = await loadOwnerHits(
    context,
    owned.flatMap(({ record }) => record.owner_email ?? []),
  );
  return new Map(
    owned.map(({ record, ref }) => {
      // A person is denied, not one of the rows in which the person appears.
      const denied = new Set(
        deniedOf(ref).flatMap((each) => [keyOf(each), ...(siblings.get(keyOf(each)) ?? []).map(keyOf)]),
      );
      const found = (hits.get(record.owner_email ?? '') ?? []).filter(
        ({ by, row }) => (by === 'email' || by === 'alias') && !denied.has(keyOf(row.ref)),
      );
      return [record.id, ownerFrom(found, today).rows];
    }),
  );
}
