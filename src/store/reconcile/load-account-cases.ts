import type { AccountCase, Candidate, IdentityRow, ManagerRow, RowRef } from '../../core/case.ts';
import type { PlainDate } from '../../core/row.ts';
import { type ActiveSource, judgedIds, type ReconcileContext } from './context.ts';
import { loadFindings } from './load-findings.ts';
import { loadIdentityRows, loadSiblings } from './load-identities.ts';
import { type AccountLinks, type CandidateRef, loadCandidates, loadLinks } from './load-links.ts';
import { type Loaded, loadAccountManagers, loadIdentityManagers, managerRefOf } from './load-managers.ts';
import { loadReuse, type Marks, markedOf, type Reuse } from './load-reuse.ts';
import { JOIN_VERSION, keyOf, ROW_COLUMNS, type RowRecord, toArrays, toRosterRow } from './roster-row.ts';

type AccountRow = Loaded &
  Reuse & { readonly disputed: boolean; readonly undecided: boolean; readonly recheckOn: PlainDate | undefined };
type AccountRecord = RowRecord &
  Marks & { readonly disputed: boolean; readonly undecided: boolean; readonly recheck_on: PlainDate | null };

/**
 * Everything about a batch of accounts, by a few set-based statements: as one statement it would be a join of eight tables
 * that nobody can read and no planner estimates. Managers are loaded where a rule looks at them.
 */
export async function loadAccountCases(
  context: ReconcileContext,
  refs: readonly RowRef[],
  withManagers: boolean,
): Promise<readonly AccountCase[]> {
  const judged = new Set(judgedIds(context));
  const rows = await loadRows(context, refs);
  const links = await loadLinks(context, refs);
  const candidates = await loadCandidates(context, refs, [...judged]);
  const findings = await loadFindings(context, 'account', refs);

  const direct = [
    ...[...links.values()].flatMap(({ link, denied }) => (link === undefined ? denied : [link.identity, ...denied])),
    ...[...candidates.values()].flatMap((list) => list.map((candidate) => candidate.ref)),
  ];
  const siblings = await loadSiblings(context, direct);
  const merged = new Set([...siblings].flatMap(([key, others]) => [key, ...others.map(keyOf)]));
  const identities = await loadIdentityRows(context, [...direct, ...[...siblings.values()].flat()]);

  const managers = withManagers
    ? await loadManagers(context, [...rows.values()], [...identities.values()])
    : NO_MANAGERS;
  const sources = new Map(context.sources.map((source) => [source.id, source]));
  return refs.flatMap((ref) => {
    const key = keyOf(ref);
    const account = rows.get(key);
    const source = sources.get(ref.sourceId);
    if (account === undefined || source === undefined) return [];
    const found: Found = { links: links.get(key) ?? { denied: [] }, candidates: candidates.get(key) ?? [] };
    return [
      {
        kind: 'account' as const,
        ref,
        sourceName: source.name,
        authoritative: !judged.has(ref.sourceId),
        row: account.row,
        present: account.present,
        wasDisputed: account.disputed,
        wasUndecided: account.undecided,
        wasRecheckOn: account.recheckOn,
        reuse: account.reuse,
        movedFrom: account.movedFrom,
        findings: findings.get(key) ?? [],
        manager: managerOf(account, managers),
        ...identitiesOf(source, found, { siblings, identities, merged, managers: managers.ofIdentities }),
      },
    ];
  });
}

function managerOf(account: AccountRow, { ofAccounts }: Managers): ManagerRow | undefined {
  const ref = managerRefOf(account);
  return ref === undefined ? undefined : ofAccounts.get(keyOf(ref));
}

type Found = { readonly links: AccountLinks; readonly candidates: readonly CandidateRef[] };
type Known = {
  readonly siblings: ReadonlyMap<string, readonly RowRef[]>;
  readonly identities: ReadonlyMap<string, IdentityRow>;
  /** Rows that are one person with rows of other sources. */
  readonly merged: ReadonlySet<string>;
  readonly managers: Managers['ofIdentities'];
};

type Managers = {
  /** By `keyOf` the manager. */
  readonly ofAccounts: ReadonlyMap<string, ManagerRow>;
  /** By `keyOf` the row that names the manager. */
  readonly ofIdentities: ReadonlyMap<string, readonly IdentityRow[]>;
};
const NO_MANAGERS: Managers = { ofAccounts: new Map(), ofIdentities: new Map() };

async function loadManagers(
  context: ReconcileContext,
  accounts: readonly AccountRow[],
  identities: readonly IdentityRow[],
): Promise<Managers> {
  const rows = await loadRows(
    context,
    accounts.flatMap((account) => managerRefOf(account) ?? []),
  );
  return {
    ofAccounts: await loadAccountManagers(context, [...rows.values()]),
    ofIdentities: await loadIdentityManagers(context, identities),
  };
}

/** The link and who it could be. A row of the account's own source is never its identity (`audited`). */
function identitiesOf(
  source: ActiveSource,
  { links, candidates }: Found,
  known: Known,
): Pick<AccountCase, 'link' | 'linked' | 'candidates' | 'denied'> {
  const withSiblings = (ref: RowRef): readonly RowRef[] => [ref, ...(known.siblings.get(keyOf(ref)) ?? [])];
  const rowOf = (ref: RowRef): readonly IdentityRow[] => {
    const row = known.identities.get(keyOf(ref));
    if (row === undefined || row.ref.sourceId === source.id) return [];
    return [{ ...row, alone: !known.merged.has(keyOf(ref)), manager: known.managers.get(keyOf(ref)) }];
  };
  // A person is denied, not one of the rows in which the person appears.
  const deniedRefs = links.denied.flatMap(withSiblings);
  const denied = new Set(deniedRefs.map(keyOf));
  const taken = new Map<string, Candidate>();
  // Those found by a key of their own come first: a sibling that was found itself keeps its own, stronger or weaker, key.
  for (const { ref, by } of [...candidates, ...candidates.flatMap((each) => siblingsOf(each, known))]) {
    const key = keyOf(ref);
    if (denied.has(key) || taken.has(key)) continue;
    for (const identity of rowOf(ref)) taken.set(key, { identity, by });
  }
  return {
    link: links.link,
    linked: links.link === undefined ? [] : withSiblings(links.link.identity).flatMap(rowOf),
    candidates: [...taken.values()],
    denied: deniedRefs,
  };
}

function siblingsOf({ ref, by }: CandidateRef, { siblings }: Known): readonly CandidateRef[] {
  return (siblings.get(keyOf(ref)) ?? []).map((sibling) => ({ ref: sibling, by }));
}

async function loadRows(context: ReconcileContext, refs: readonly RowRef[]): Promise<ReadonlyMap<string, AccountRow>> {
  if (refs.length === 0) return new Map();
  const { rows } = await context.client.query<AccountRecord>(
    `select ${ROW_COLUMNS}, a.disputed, a.undecided, a.recheck_on, a.reuse_before_run, a.moved_from
       from unnest($1::int[], $2::text[]) as r (source_id, external_id)
       join rollcall.account a on a.source_id = r.source_id and a.external_id = r.external_id ${JOIN_VERSION}`,
    [...toArrays(refs)],
  );
  const reuses = await loadReuse(context, context.ignoresReuse === true ? new Map() : markedOf(rows));
  return new Map(
    rows.map((record) => {
      const ref = { sourceId: record.source_id, externalId: record.external_id };
      const { present, disputed, undecided, recheck_on: recheckOn } = record;
      const kept = { present, disputed, undecided, recheckOn: recheckOn ?? undefined };
      return [keyOf(ref), { ref, row: toRosterRow(record), ...kept, ...reuses.get(keyOf(ref)) }];
    }),
  );
}
