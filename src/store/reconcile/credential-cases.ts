import type { CredentialCase, IdentityRow, RowRef } from '../../core/case.ts';
import type { RulePlan } from '../../core/policy.ts';
import type { RosterRow } from '../../core/row.ts';
import { RULE_POLICY } from '../../core/rule.ts';
import { CREDENTIAL_SUBJECT } from '../../core/token-owner.ts';
import type { ReconcileContext } from './context.ts';
import { loadFindings } from './load-findings.ts';
import { loadIdentityRows, loadSiblings } from './load-identities.ts';
import { loadLinks } from './load-links.ts';
import { loadOwners } from './load-owners.ts';
import { JOIN_VERSION, keyOf, ROW_COLUMNS, type RowRecord, toArrays, toRosterRow } from './roster-row.ts';

type OwnerRecord = {
  readonly id: number;
  readonly owner_external_id: string | null;
  readonly owner_email: string | null;
};

/** The credential of each source of the plan whose owner is known: a handful, so there is no proof of innocence to give. */
export async function credentialCases(context: ReconcileContext, plan: RulePlan): Promise<readonly CredentialCase[]> {
  const running = plan.runs.filter((run) => run.rules.some((rule) => RULE_POLICY[rule].subject === 'credential'));
  if (running.length === 0) return [];
  const { rows } = await context.client.query<OwnerRecord>(
    `select id, owner_external_id, owner_email from rollcall.source
      where id = any ($1::int[]) and (owner_external_id is not null or owner_email is not null)
      order by rank, id`,
    [running.map((run) => run.sourceId)],
  );
  const refs = rows.map((row) => ({ sourceId: row.id, externalId: row.owner_external_id ?? '' }));
  const accounts = await loadAccounts(context, refs);
  const direct = await loadDirect(context, refs);
  const byAddress = await loadOwners(
    context,
    rows.flatMap((row) => row.owner_email ?? []),
  );
  const findings = await loadFindings(
    context,
    'credential',
    rows.map((row) => ({ sourceId: row.id, externalId: CREDENTIAL_SUBJECT })),
  );
  const names = new Map(context.sources.map((source) => [source.id, source.name]));
  return rows.map(({ id, owner_external_id: externalId, owner_email: email }) => {
    const key = keyOf({ sourceId: id, externalId: externalId ?? '' });
    return {
      kind: 'credential' as const,
      sourceId: id,
      sourceName: names.get(id) ?? '',
      owner: { externalId: externalId ?? undefined, email: email ?? undefined },
      account: accounts.get(key),
      identity: direct.get(key) ?? byAddress.get(email ?? '') ?? [],
      findings: findings.get(keyOf({ sourceId: id, externalId: CREDENTIAL_SUBJECT })) ?? [],
    };
  });
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

/** By the link of the owner's account, which a person may have made; in an authoritative source the row itself is the identity. */
async function loadDirect(
  context: ReconcileContext,
  refs: readonly RowRef[],
): Promise<ReadonlyMap<string, readonly IdentityRow[]>> {
  const links = await loadLinks(context, refs);
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
