import type { AccountCase, Candidate, Json, LinkDecision } from './case.ts';
import { mergeIdentities, nameOf, standingOf, isSameRef, type Identity } from './identity.ts';
import { foldedGivenName } from './person.ts';
import type { Judging } from './policy.ts';
import type { PlainDate, RosterRow } from './row.ts';
import { parseEmail } from './email.ts';

/** What correlation found out about an account: the decision to store, and the identities behind it for the rules. */
export type Correlation = {
  readonly decision: LinkDecision;
  readonly state: 'linked' | 'disputed' | 'unmatched' | 'not_asked';
  /** When linked; absent only where a person pinned an identity of which nothing is known any more. */
  readonly identity?: Identity | undefined;
  readonly linkRule?: string | undefined;
  /** When disputed, all of them. */
  readonly disputed: readonly Identity[];
  /** A current namesake of an identity that has left: shown to a person, never linked. */
  readonly suggestion?: Identity | undefined;
};

type Hit = { readonly by: Candidate['by']; readonly identities: readonly Identity[] };

const LEVELS = ['employee_id', 'email', 'alias'] as const;
const KEEP: LinkDecision = { kind: 'keep' };

/** Of an account whose id may be somebody else's now: no rule asks whose it is before a person has said so. */
export const FORGOTTEN: Correlation = { decision: { kind: 'forget' }, state: 'not_asked', disputed: [] };

/** Contract §4: the first rule with a hit decides. `employee_id` candidates are there only where the source is configured so. */
export function correlate(of: AccountCase, judging: Pick<Judging, 'today'>): LinkDecision {
  return correlation(of, judging).decision;
}

/** `correlate` with what it rests on. */
export function correlation(of: AccountCase, { today }: Pick<Judging, 'today'>): Correlation {
  if (!of.present || of.authoritative) return { decision: KEEP, state: 'not_asked', disputed: [] };
  const identity = linkedIdentity(of);
  if (of.link?.rule === 'pinned') {
    return { decision: KEEP, state: 'linked', identity, linkRule: 'pinned', disputed: [] };
  }
  const hit = firstHit(of);
  // A link into a source that is configured no longer says nothing: the account is matched anew.
  return identity === undefined ? matchAnew(of, hit, today) : keepOrMove(of, identity, hit, today);
}

function keepOrMove(of: AccountCase, identity: Identity, hit: Hit | undefined, today: PlainDate): Correlation {
  const kept = keep(of, identity);
  if (standingOf(identity.rows, today) !== 'left') return kept;
  const current = onlyCurrent(hit?.identities ?? [], today);
  if (current === undefined) {
    const { successor, namesake } = behind(of, hit, { left: identity, today });
    return successor === undefined ? { ...kept, suggestion: namesake } : relinked(identity, successor);
  }
  if (!haveSameGivenName(identity, current)) return { ...kept, suggestion: current };
  return relinked(identity, current);
}

function relinked(from: Identity, to: Identity): Correlation {
  const evidence = { ...describe('relinked_from', from), ...describe('relinked_to', to) };
  return linked(to, { kind: 'link', identity: to.ref, rule: 'relinked', evidence });
}

type Behind = {
  /** The same person under another row. */
  readonly successor?: Identity | undefined;
  /** Has the given name alone: shown to a person. */
  readonly namesake?: Identity | undefined;
};

/**
 * Where the first rule with a hit leads only to people who have left, the weaker ones are heard too (decision 27): a list without ids makes
 * a new row of whoever gets a new address, and the old one is an alias there. Whoever takes over the mailbox of somebody who left has it as an
 * alias too, so all names must be the same.
 */
function behind(
  of: AccountCase,
  hit: Hit | undefined,
  { left, today }: { readonly left: Identity; readonly today: PlainDate },
): Behind {
  if (hit === undefined || !hit.identities.every(({ rows }) => standingOf(rows, today) === 'left')) return {};
  const current = onlyCurrent(mergeIdentities(candidatesOf(of).map(({ identity }) => identity)), today);
  if (current === undefined || !haveSameGivenName(left, current)) return {};
  // Both have a given name, so both have a name.
  return nameOf(left) === nameOf(current) ? { successor: current } : { namesake: current };
}

/**
 * The same link, under the name of the source that comes first in the config when its row has appeared since; not while it is unclear whose
 * that row is.
 */
function keep(of: AccountCase, identity: Identity): Correlation {
  const { link } = of;
  if (link === undefined || isSameRef(link.identity, identity.ref) || identity.rows[0]?.reused === true) {
    return { decision: KEEP, state: 'linked', identity, linkRule: link?.rule, disputed: [] };
  }
  const evidence = { same_email_as: link.identity.externalId };
  return linked(identity, { kind: 'link', identity: identity.ref, rule: link.rule, evidence });
}

function matchAnew(of: AccountCase, hit: Hit | undefined, today: PlainDate): Correlation {
  if (hit === undefined) return { decision: { kind: 'unmatched' }, state: 'unmatched', disputed: [] };
  const [first, ...others] = hit.identities;
  const one = others.length === 0 ? first : rehired(hit.identities, today);
  if (one === undefined) {
    const candidates = hit.identities.map((identity) => identity.ref);
    return { decision: { kind: 'disputed', candidates }, state: 'disputed', disputed: hit.identities };
  }
  const found = linked(one, { kind: 'link', identity: one.ref, rule: hit.by, evidence: keyEvidence(of.row, hit.by) });
  // As it would be at the next look, when this link had become a sticky one: nobody is a leaver for one report.
  const { successor, namesake } = behind(of, hit, { left: one, today });
  return successor === undefined ? { ...found, suggestion: namesake } : relinked(one, successor);
}

/** Exactly one is current, and the others are the same person's old rows: same e-mail, same names. */
function rehired(identities: readonly Identity[], today: PlainDate): Identity | undefined {
  const emails = new Set(identities.map((identity) => parseEmail(identity.email ?? '')));
  const names = new Set(identities.map(nameOf));
  const areOnePerson = emails.size === 1 && names.size === 1 && !emails.has(undefined) && !names.has(undefined);
  return areOnePerson ? onlyCurrent(identities, today) : undefined;
}

function onlyCurrent(identities: readonly Identity[], today: PlainDate): Identity | undefined {
  const current = identities.filter((identity) => standingOf(identity.rows, today) === 'current');
  return current.length === 1 ? current[0] : undefined;
}

function firstHit(of: AccountCase): Hit | undefined {
  const candidates = candidatesOf(of);
  const identities = mergeIdentities(candidates.map(({ identity }) => identity));
  for (const by of LEVELS) {
    const refs = candidates.filter((candidate) => candidate.by === by).map(({ identity }) => identity.ref);
    const hits = identities.filter(({ rows }) => rows.some((row) => refs.some((ref) => isSameRef(ref, row.ref))));
    if (hits.length > 0) return { by, identities: hits };
  }
  return undefined;
}

/** A row of the account's own source is never its identity (`audited: true`). */
function candidatesOf({ candidates, ref }: AccountCase): readonly Candidate[] {
  return candidates.filter(({ identity }) => identity.ref.sourceId !== ref.sourceId);
}

function linkedIdentity(of: AccountCase): Identity | undefined {
  const { link } = of;
  if (link === undefined) return undefined;
  const known = of.linked.filter((row) => row.ref.sourceId !== of.ref.sourceId);
  // Who has the address of a row whose id came to somebody else is not who the account was linked to.
  const reused = known.filter((row) => row.reused === true && isSameRef(row.ref, link.identity));
  const rows = reused.length > 0 ? reused : known;
  return mergeIdentities(rows).find((identity) => identity.rows.some((row) => isSameRef(row.ref, link.identity)));
}

function linked(identity: Identity, decision: LinkDecision & { readonly kind: 'link' }): Correlation {
  return { decision, state: 'linked', identity, linkRule: decision.rule, disputed: [] };
}

function haveSameGivenName(a: Identity, b: Identity): boolean {
  const [left, right] = [a, b].map(({ rows }) => rows.map(({ row }) => foldedGivenName(row)).find(isPresent));
  return left !== undefined && left === right;
}

function isPresent(text: string | undefined): text is string {
  return text !== undefined;
}

function keyEvidence(row: RosterRow, by: Candidate['by']): Readonly<Record<string, Json>> {
  if (by === 'employee_id') return { employee_id: row.employeeId ?? null };
  return by === 'email' ? { email: row.email ?? null } : { email: row.email ?? null, aliases: row.aliases };
}

function describe(key: string, identity: Identity): Readonly<Record<string, Json>> {
  return { [key]: { source: identity.sourceName, external_id: identity.ref.externalId, name: identity.name ?? null } };
}
