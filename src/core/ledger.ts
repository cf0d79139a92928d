import { canonicalJson, textHash } from './canonical-json.ts';
import type { AccountCase, Case, Charge, Judgement, Known, Resolution, Transition } from './case.ts';
import { isSameRef } from './identity.ts';
import type { Rule } from './rule.ts';
import { breachOf } from './waiver.ts';

/** Contract §6: never of volatile text. The first two parts hold no colon, so no two findings share one. */
export function fingerprintOf(sourceId: number, rule: Rule, subject: string): string {
  return `${sourceId}:${rule}:${subject}`;
}

/** Of everything that a finding says: when it differs from the stored one, the finding is written again. */
export function chargeDigest(charge: Charge): string {
  const { rule, severity, subject, summary, evidence } = charge;
  const refs = [charge.account, charge.identity].map((ref) =>
    ref === undefined ? null : [ref.sourceId, ref.externalId],
  );
  const shown = [charge.accountEmail, charge.accountName, charge.identityEmail].map((text) => text ?? null);
  return textHash(canonicalJson([rule, severity, subject, ...refs, ...shown, summary, evidence]));
}

/** By what a case was judged. */
export type JudgedBy = {
  readonly ran: ReadonlySet<Rule>;
  /** Rules, options, sources or program are others than last time. */
  readonly isOther: boolean;
};

/**
 * What to do with the findings of one case. A rule that did not run, or that could not decide, changes nothing; the same judgement
 * applied twice changes nothing the second time.
 */
export function settle(of: Case, judgement: Judgement, { ran, isOther }: JudgedBy): readonly Transition[] {
  const sourceId = of.kind === 'account' ? of.ref.sourceId : of.sourceId;
  const known = new Map(of.findings.map((finding) => [finding.fingerprint, finding]));
  const decided = (rule: Rule): boolean => ran.has(rule) && !judgement.undecided.includes(rule);
  const transitions: Transition[] = [];
  const charged = new Set<string>();
  for (const charge of judgement.charges.filter(({ rule }) => decided(rule))) {
    const fingerprint = fingerprintOf(sourceId, charge.rule, charge.subject);
    charged.add(fingerprint);
    const change = changeOf(known.get(fingerprint), charge, of);
    if (change !== undefined) transitions.push({ ...change, fingerprint, charge });
  }
  for (const finding of of.findings) {
    const { fingerprint, rule, status } = finding;
    if (status === 'resolved' || charged.has(fingerprint) || !decided(rule)) continue;
    const resolution = resolutionOf(finding, of, judgement);
    // What no other word explains is laid to the rules when they are others now: most often nothing else has changed.
    const fallback = isOther ? 'rules changed' : 'record changed';
    transitions.push({ kind: 'resolve', fingerprint, resolution: resolution ?? fallback });
  }
  return transitions;
}

type Change = Pick<Extract<Transition, { readonly charge: Charge }>, 'kind' | 'because'>;

function changeOf(known: Known | undefined, charge: Charge, of: Case): Change | undefined {
  if (known === undefined) return { kind: 'open' };
  const isWaived = known.status === 'waived' || (known.status === 'resolved' && known.waiver === true);
  const because = isWaived ? breachOf(known, charge, of) : undefined;
  if (because !== undefined) return { kind: 'reopen', because };
  if (known.status === 'resolved') return { kind: isWaived ? 'waive' : 'reopen' };
  return known.chargeDigest === chargeDigest(charge) ? undefined : { kind: 'update' };
}

/** Undefined: something that the finding rests on says something else now. */
function resolutionOf(finding: Known, of: Case, judgement: Judgement): Resolution | undefined {
  if (of.kind === 'account') return resolutionOfAccount(finding, of, judgement);
  if (of.kind === 'credential') return resolutionOfCredential(finding, judgement);
  if (finding.rule === 'missing_account') return of.accounts.length > 0 ? 'linked' : undefined;
  return of.accounts.some((row) => row.status === 'inactive') ? 'access removed' : undefined;
}

/** Of these an inactive account may be charged: that it is inactive is not what ends the finding. */
const JUDGES_INACTIVE: readonly Rule[] = ['inactive_account', 'attribute_mismatch'];
const UNLINKED: readonly Rule[] = ['orphaned_account', 'disputed_account'];
/** Their finding names whom the account was linked to. */
const BY_LINK: readonly Rule[] = ['leaver_account', 'inactive_account', 'early_account', 'attribute_mismatch'];

function resolutionOfAccount(finding: Known, of: AccountCase, judgement: Judgement): Resolution | undefined {
  const { rule } = finding;
  if (!of.present) return 'account gone';
  // Only a person's word ends it: it says nothing of access.
  if (rule === 'reused_account') return resolutionOfReuse(of, judgement);
  if (!JUDGES_INACTIVE.includes(rule) && of.row.status === 'inactive') return 'access removed';
  if (isTakenBack(finding, of)) return 'decided by a person';
  if (isPersonBack(finding, judgement)) return 'identity current';
  return UNLINKED.includes(rule) && isLinked(of, judgement) ? 'linked' : undefined;
}

/** A mark that this judgement does not end was taken away by a person. */
function resolutionOfReuse(of: AccountCase, judgement: Judgement): Resolution | undefined {
  if (isLinked(of, judgement)) return 'linked';
  // The other mark, of the id, is over by a person's word alone: as long as it is there, so is the charge.
  return of.movedFrom === undefined ? 'decided by a person' : undefined;
}

/** A person said that the account is not of whom the finding names, or that it is of somebody else. */
function isTakenBack({ rule, identity }: Known, { denied, link }: AccountCase): boolean {
  if (identity === undefined || !BY_LINK.includes(rule)) return false;
  if (denied.some((ref) => isSameRef(ref, identity))) return true;
  return link?.rule === 'pinned' && !isSameRef(link.identity, identity);
}

/** The owner who was at risk is not any more, or nobody knew the owner; else the token is somebody else's now. */
function resolutionOfCredential({ identity }: Known, { owner }: Judgement): Resolution | undefined {
  if (owner === undefined) return undefined;
  if (identity === undefined) return 'linked';
  return owner.standing === 'current' && isSameRef(identity, owner.ref) ? 'identity current' : undefined;
}

/** Whoever had left, or was not here yet, is current. Another owner in the configuration, or another manager, is another matter. */
function isPersonBack({ rule, identity }: Known, { standing, owner, managers }: Judgement): boolean {
  if (rule === 'leaver_account' || rule === 'early_account') return standing === 'current';
  if (identity === undefined) return false;
  if (rule === 'manager_left') return managers?.some((ref) => isSameRef(ref, identity)) === true;
  const isBack = owner?.standing === 'current' && isSameRef(identity, owner.ref);
  return rule === 'service_account_owner_left' && isBack;
}

function isLinked(of: AccountCase, { link }: Judgement): boolean {
  return link.kind === 'link' || (link.kind === 'keep' && of.link !== undefined);
}
