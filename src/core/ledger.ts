import { canonicalJson, textHash } from './canonical-json.ts';
import type { AccountCase, Case, Charge, Judgement, Known, Resolution, RowRef, Transition } from './case.ts';
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

/**
 * What to do with the findings of one case. A rule that did not run, or that could not decide, changes nothing; the same judgement
 * applied twice changes nothing the second time.
 */
export function settle(of: Case, judgement: Judgement, ran: ReadonlySet<Rule>): readonly Transition[] {
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
    transitions.push({ kind: 'resolve', fingerprint, resolution: resolutionOf(finding, of, judgement) });
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

function isSameIdentity(a: RowRef | undefined, b: RowRef | undefined): boolean {
  return a === undefined || b === undefined ? a === b : isSameRef(a, b);
}

function resolutionOf(finding: Known, of: Case, judgement: Judgement): Resolution {
  if (of.kind === 'account') return resolutionOfAccount(finding, of, judgement);
  if (of.kind === 'credential') return resolutionOfCredential(finding, judgement);
  if (finding.rule === 'missing_account') return of.accounts.length > 0 ? 'linked' : 'record changed';
  return of.accounts.some((row) => row.status === 'inactive') ? 'access removed' : 'record changed';
}

/** Of these an inactive account may be charged: that it is inactive is not what ends the finding. */
const JUDGES_INACTIVE: readonly Rule[] = ['inactive_account', 'attribute_mismatch'];

function resolutionOfAccount(finding: Known, of: AccountCase, judgement: Judgement): Resolution {
  const { rule } = finding;
  if (!of.present) return 'account gone';
  // Only a person's word ends it: it says nothing of access.
  if (rule === 'reused_account') return isLinked(of, judgement) ? 'linked' : 'record changed';
  if (!JUDGES_INACTIVE.includes(rule) && of.row.status === 'inactive') return 'access removed';
  if (isPersonBack(finding, judgement)) return 'identity current';
  const wasUnlinked = rule === 'orphaned_account' || rule === 'disputed_account';
  return wasUnlinked && isLinked(of, judgement) ? 'linked' : 'record changed';
}

/** The owner who was at risk is not any more, or nobody knew the owner; else the token is somebody else's now. */
function resolutionOfCredential({ identity }: Known, { owner }: Judgement): Resolution {
  if (owner === undefined) return 'record changed';
  if (identity === undefined) return 'linked';
  return owner.standing === 'current' && isSameRef(identity, owner.ref) ? 'identity current' : 'record changed';
}

/** Whoever had left, or was not here yet, is current. Another owner in the configuration, or another manager, is another matter. */
function isPersonBack({ rule, identity }: Known, { standing, owner, managers }: Judgement): boolean {
  if (rule === 'leaver_account' || rule === 'early_account') return standing === 'current';
  if (rule === 'manager_left') {
    return identity !== undefined && managers?.some((ref) => isSameRef(ref, identity)) === true;
  }
  const isSameOwner = owner !== undefined && isSameIdentity(identity, owner.ref);
  return rule === 'service_account_owner_left' && isSameOwner && owner.standing === 'current';
}

function isLinked(of: AccountCase, { link }: Judgement): boolean {
  return link.kind === 'link' || (link.kind === 'keep' && of.link !== undefined);
}
