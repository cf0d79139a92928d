import type { IdentityCase } from '../case.ts';
import {
  accountRecord,
  CLEAR,
  identityLabel,
  identityRecord,
  identitySubject,
  isUsable,
  present,
  severityOf,
  type RuleVerdict,
} from '../charge.ts';
import { compareText, mergeIdentities } from '../identity.ts';

/** Two or more usable accounts of one source linked to one identity; one finding, its subject is the identity. */
export function duplicateAccount(of: IdentityCase): RuleVerdict {
  const usable = of.accounts.filter(isUsable).toSorted((a, b) => compareText(a.externalId, b.externalId));
  const [identity] = mergeIdentities(of.identity);
  if (usable.length < 2 || identity === undefined) return CLEAR;
  const isPrivileged = usable.some((row) => row.privileged);
  return {
    kind: 'charged',
    charge: {
      rule: 'duplicate_account',
      severity: severityOf('duplicate_account', isPrivileged),
      subject: identitySubject(identity.ref),
      identity: identity.ref,
      identityEmail: identity.email,
      summary: `${identityLabel(identity)} has ${usable.length} accounts in ${of.sourceName}`,
      evidence: present({ identity: identityRecord(identity), accounts: usable.map(accountRecord) }),
    },
  };
}
