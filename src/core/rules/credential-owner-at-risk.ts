import type { CredentialCase, IdentityRow, Json } from '../case.ts';
import { CLEAR, identityLabel, identityRecord, present, severityOf, UNDECIDED, type RuleVerdict } from '../charge.ts';
import { addDays } from '../dates.ts';
import { currentFirst, lastDayOf, leavingOf, standingOf, type Identity } from '../identity.ts';
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
  const identity = currentFirst(rows, judging.today);
  const risk = isInactive(of) ? INACTIVE : riskOf(identity, { rows, service }, judging.today);
  // What is not known of the person keeps what was said of the person; the account is active again, or gone, whoever its owner is.
  if (risk === 'undecided') return saysInactive(of) ? CLEAR : UNDECIDED;
  if (risk === undefined) return CLEAR;
  return charge(of, { service, risk, identity });
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

function saysInactive({ findings }: CredentialCase): boolean {
  return findings.some(
    ({ rule, status, reason }) => rule === RULE && status !== 'resolved' && reason === INACTIVE.kind,
  );
}

function riskOf(
  identity: Identity | undefined,
  { rows, service }: { readonly rows: readonly IdentityRow[]; readonly service: ServiceAccount | undefined },
  today: string,
): Risk | 'undecided' | undefined {
  if (identity === undefined) {
    const isUnclear = service !== undefined && service.unclear.length > 0;
    return { kind: 'unknown', words: isUnclear ? 'could be several people' : 'is nobody we know' };
  }
  const leaving = standingOf(rows, today) === 'left' ? leavingOf(identity.rows, today, 0) : undefined;
  if (leaving !== undefined) {
    const evidence = { left_on: leaving.leftOn, left_by: leaving.leftBy };
    return { kind: 'left', words: `left on ${leaving.leftOn}`, evidence };
  }
  if (standingOf(rows, today) === 'neither') return 'undecided';
  // Current as long as any row is. A row of unknown status beside one that ends says neither yes nor no.
  const ahead = standingOf(rows, addDays(today, DAYS_AHEAD + 1));
  if (ahead !== 'left') return ahead === 'neither' ? 'undecided' : undefined;
  const lastDay = lastDayOf(identity.rows, today) ?? today;
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
