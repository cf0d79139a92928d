import type { Resolution } from '../../../src/core/case.ts';
import { type Day, type Expected, type RuleName, type SourceName, UNSAID } from './types.ts';
import { idIn } from './words.ts';

// What must be found, in the words of contract §6. Without `within` the account is in Nimble and the identity on the directory.

const OPEN = { source: 'nimble', status: 'open', account_id: null, identity_id: null, resolution: null } as const;

type Names = { readonly rule: RuleName; readonly severity: Expected['severity'] };
const about = ({ rule, severity }: Names, account: string): Expected => ({
  ...OPEN,
  rule,
  severity,
  account_id: idIn('nimble', account),
});
const person = (key: string): Pick<Expected, 'identity_id'> => ({ identity_id: idIn('directory', key) });

export function orphan(account: string): Expected {
  return about({ rule: 'orphaned_account', severity: 'high' }, account);
}

export function leaver(key: string, leftOn: Day, account = key): Expected {
  return { ...about({ rule: 'leaver_account', severity: 'high' }, account), ...person(key), leftOn };
}

export function inactive(key: string, account = key): Expected {
  return { ...about({ rule: 'inactive_account', severity: 'medium' }, account), ...person(key) };
}

export function duplicate(key: string): Expected {
  return { ...OPEN, rule: 'duplicate_account', severity: 'medium', ...person(key) };
}

export function disputed(account: string): Expected {
  return about({ rule: 'disputed_account', severity: 'medium' }, account);
}

export function missing(key: string): Expected {
  return { ...OPEN, source: 'nimbus', rule: 'missing_account', severity: 'low', ...person(key) };
}

export function mismatch(key: string): Expected {
  return { ...about({ rule: 'attribute_mismatch', severity: 'low' }, key), ...person(key) };
}

/** The rule reads one row alone, so no identity is named. */
export function conflict(source: SourceName, key: string): Expected {
  return {
    ...OPEN,
    source,
    rule: 'lifecycle_conflict',
    severity: 'medium',
    account_id: idIn(source, key),
  };
}

export function early(key: string): Expected {
  return { ...about({ rule: 'early_account', severity: 'low' }, key), ...person(key) };
}

export function reused(account: string): Expected {
  return { ...about({ rule: 'reused_account', severity: 'medium' }, account), identity_id: UNSAID };
}

export function unowned(account: string): Expected {
  return about({ rule: 'service_account_unowned', severity: 'medium' }, account);
}

/** The identity is the owner's. */
export function ownerLeft(account: string, owner: string): Expected {
  return { ...about({ rule: 'service_account_owner_left', severity: 'high' }, account), ...person(owner) };
}

export function managerLeft(account: string): Expected {
  return { ...about({ rule: 'manager_left', severity: 'low' }, account), identity_id: UNSAID };
}

/** Its subject is the credential. */
export function credential(source: SourceName, owner: string | null): Expected {
  const severity = owner === null ? 'high' : 'critical';
  const identity_id = owner === null ? null : idIn('directory', owner);
  return { ...OPEN, source, rule: 'credential_owner_at_risk', severity, identity_id };
}

export function dormant(account: string): Expected {
  return { ...about({ rule: 'dormant_account', severity: 'low' }, account), identity_id: UNSAID };
}

/** The same in another source. */
export function within(source: SourceName, expected: Expected): Expected {
  const account_id = expected.account_id === null ? null : idIn(source, expected.account_id.slice(2));
  return { ...expected, source, account_id };
}

/** About a person whom only this list knows, or who has another id there. */
export function who(identity_id: string, expected: Expected): Expected {
  return { ...expected, identity_id };
}

export function critical(expected: Expected): Expected {
  return { ...expected, severity: 'critical' };
}

/** Without a reason: none of the contract's fits, or more than one. */
export function resolved(expected: Expected, resolution: Resolution | typeof UNSAID = UNSAID): Expected {
  return { ...expected, status: 'resolved', resolution };
}

export function waived(expected: Expected): Expected {
  return { ...expected, status: 'waived' };
}

export function held(expected: Expected): Expected {
  return { ...expected, status: 'held' };
}
