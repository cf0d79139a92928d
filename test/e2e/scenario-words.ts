import type { Resolution } from '../../src/core/case.ts';
import type { Severity } from '../../src/core/rule.ts';
import type { IdentityRecord, NamelyProfile, NimbleMember, Person } from '../../src/sandbox/world.ts';
import type { Expected, Scene } from './scenario-types.ts';

/** One scene of people without a finding. */
export function quiet(...people: readonly Person[]): Scene {
  return { people, findings: [] };
}

export function scene(people: readonly Person[], ...findings: readonly Expected[]): Scene {
  return { people, findings };
}

/** A row of the identity list; its id is `d-KEY`. */
export function identity(key: string, record: Partial<IdentityRecord> = {}): IdentityRecord {
  return { id: `d-${key}`, email: `${key}@example.com`, status: 'active', ...toNames(key), ...record };
}

/** An account in Nimble; its id is `n-KEY`. */
export function nimble(key: string, member: Partial<NimbleMember> = {}): NimbleMember {
  return { id: `n-${key}`, email: `${key}@example.com`, role: 'user', ...toNames(key), ...member };
}

/** A profile in Namely; its id is `p-KEY`. */
export function namely(key: string, profile: Partial<NamelyProfile> = {}): NamelyProfile {
  return { id: `p-${key}`, email: `${key}@example.com`, status: 'active', ...toNames(key), ...profile };
}

/** Somebody on the identity list with an account in Nimble. */
export function member(key: string, record: Partial<IdentityRecord> = {}, account: Partial<NimbleMember> = {}): Person {
  return { identity: identity(key, record), nimble: [nimble(key, account)] };
}

export function orphan(key: string, severity: Severity = 'high'): Expected {
  return { ...OPEN, source: 'nimble', rule: 'orphaned_account', severity, account_id: `n-${key}` };
}

export function leaver(key: string, severity: Severity = 'high'): Expected {
  return {
    ...OPEN,
    source: 'nimble',
    rule: 'leaver_account',
    severity,
    account_id: `n-${key}`,
    identity_id: `d-${key}`,
  };
}

export function inactive(key: string, account = key): Expected {
  return {
    ...OPEN,
    source: 'nimble',
    rule: 'inactive_account',
    severity: 'medium',
    account_id: `n-${account}`,
    identity_id: `d-${key}`,
  };
}

export function duplicate(key: string): Expected {
  return { ...OPEN, source: 'nimble', rule: 'duplicate_account', severity: 'medium', identity_id: `d-${key}` };
}

export function disputed(key: string): Expected {
  return { ...OPEN, source: 'nimble', rule: 'disputed_account', severity: 'medium', account_id: `n-${key}` };
}

/** A service account that nobody known answers for. */
export function unowned(key: string): Expected {
  return { ...OPEN, source: 'nimble', rule: 'service_account_unowned', severity: 'medium', account_id: `n-${key}` };
}

/** The identity is the owner's. */
export function ownerLeft(key: string, owner: string): Expected {
  return {
    ...OPEN,
    source: 'nimble',
    rule: 'service_account_owner_left',
    severity: 'high',
    account_id: `n-${key}`,
    identity_id: `d-${owner}`,
  };
}

/** The person has not started. */
export function early(key: string): Expected {
  return { ...inactive(key), rule: 'early_account', severity: 'low' };
}

/** The identity is the manager's. */
export function managerLeft(key: string, manager: string): Expected {
  return { ...inactive(manager, key), rule: 'manager_left', severity: 'low' };
}

/** A row that is usable although its own end date is past. The rule reads one source alone, so no identity is named. */
export function conflict(key: string, source: 'directory' | 'namely'): Expected {
  const account_id = source === 'namely' ? `p-${key}` : `d-${key}`;
  return { ...OPEN, source, rule: 'lifecycle_conflict', severity: 'medium', account_id };
}

export function inNamely(expected: Expected, key: string): Expected {
  return { ...expected, source: 'namely', account_id: `p-${key}` };
}

export function resolved(expected: Expected, resolution: Resolution): Expected {
  return { ...expected, status: 'resolved', resolution };
}

const OPEN = { status: 'open', account_id: null, identity_id: null, resolution: null } as const;

function toNames(key: string): { readonly givenName: string; readonly familyName: string } {
  return { givenName: 'Given', familyName: key };
}
