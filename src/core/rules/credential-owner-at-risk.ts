import type { CredentialCase, IdentityRow, Json } from '../case.ts';
import { CLEAR, identityLabel, identityRecord, present, severityOf, UNDECIDED, type RuleVerdict } from '../charge.ts';
import { addDays } from '../dates.ts';
import { currentFirst, leavingOf, standingOf, type Identity } from '../identity.ts';
import { RULE_POLICY } from '../rule.ts';
import type { Judging } from '../policy.ts';
import type { ServiceAccount } from '../service-accounts.ts';
import { CREDENTIAL_SUBJECT, serviceOf } from '../token-owner.ts';

const RULE = 'credential_owner_at_risk';
/** Contract §6: whoever leaves within so many days takes the token along. */
const DAYS_AHEAD = 14;

/**
 * The owner of a source's token has left, is inactive there, leaves soon, or is nobody we know. The vendor takes the token back with the
 * person, and then the source cannot be read: so it is said before. An owner listed in `serviceAccounts` counts by its own owner.
 */
export function credentialOwnerAtRisk(of: CredentialCase, judging: Judging): RuleVerdict {
  const service = serviceOf(judging.serviceAccounts, of);
  const rows = service === undefined ? of.identity : service.ownerRows;
  const risk = isInactive(of) ? INACTIVE : riskOf(rows, judging.today);
  if (risk === 'undecided') return UNDECIDED;
  if (risk === undefined) return CLEAR;
  return charge(of, { service, risk, identity: currentFirst(rows, judging.today) });
}

type Risk = {
  readonly kind: 'left' | 'leaving' | 'inactive' | 'unknown';
  readonly words: string;
  readonly evidence?: Readonly<Record<string, Json>> | undefined;
};
const INACTIVE: Risk = { kind: 'inactive', words: 'has an inactive account there' };

function isInactive({ account }: CredentialCase): boolean {
  return account?.status === 'inactive';
}

function riskOf(rows: readonly IdentityRow[], today: string): Risk | 'undecided' | undefined {
  if (rows.length === 0) return { kind: 'unknown', words: 'is nobody we know' };
  const leaving = leavingOf(rows, today, 0);
  if (leaving !== undefined) {
    const evidence = { left_on: leaving.leftOn, left_by: leaving.leftBy };
    return { kind: 'left', words: `left on ${leaving.leftOn}`, evidence };
  }
  if (standingOf(rows, today) === 'neither') return 'undecided';
  // An identity is current as long as any of its rows is, so the last end date counts.
  if (standingOf(rows, addDays(today, DAYS_AHEAD + 1)) !== 'left') return undefined;
  const lastDay =
    rows
      .flatMap(({ row }) => row.endDate ?? [])
      .toSorted()
      .at(-1) ?? today;
  return { kind: 'leaving', words: `leaves on ${lastDay}`, evidence: { last_day: lastDay } };
}

type Found = {
  readonly service: ServiceAccount | undefined;
  readonly risk: Risk;
  readonly identity: Identity | undefined;
};

function charge(of: CredentialCase, { service, risk, identity }: Found): RuleVerdict {
  const { externalId, email } = of.owner;
  const owner = email ?? externalId ?? 'somebody without a name';
  return {
    kind: 'charged',
    charge: {
      rule: RULE,
      severity: risk.kind === 'unknown' ? RULE_POLICY[RULE].merelyUnknown : severityOf(RULE, false),
      subject: CREDENTIAL_SUBJECT,
      accountEmail: email,
      identity: identity?.ref,
      identityEmail: identity?.email,
      summary: `${of.sourceName} is read with the token of ${sentence({ owner, service, risk, identity })}`,
      evidence: present({
        reason: risk.kind,
        token_owner: present({ external_id: externalId, email }),
        answered_for_by: service?.owner,
        identity: identity === undefined ? undefined : identityRecord(identity),
        ...risk.evidence,
      }),
    },
  };
}

function sentence({ owner, service, risk, identity }: Found & { readonly owner: string }): string {
  if (risk.kind === 'inactive') return `${owner}, who ${risk.words}`;
  if (service === undefined) return `${identity === undefined ? owner : identityLabel(identity)}, who ${risk.words}`;
  const who = identity === undefined ? service.owner : identityLabel(identity);
  return `${owner}, a service account; ${who}, who answers for it, ${risk.words}`;
}
