import { aWorld, type NamelyProfile, type NimbleMember, type Person, type World } from '../../../src/sandbox/world.ts';

// A company before and on the day of a fault. What must be found in it follows from who is who, as written down here.

export const SOURCES = ['directory', 'nimble', 'namely'] as const;
export type SourceName = (typeof SOURCES)[number];
type Application = Exclude<SourceName, 'directory'>;

export const BASELINE_AT = '2026-11-21T10:00:00Z';
export const FAULT_AT = '2026-11-21T11:00:00Z';
export const RECOVERY_AT = '2026-11-21T12:00:00Z';
/** Between the baseline and the fault. */
const CHANGED_AT = '2026-11-21T10:30:00Z';

const STAFF = 120;

function nimbleMember(number: number): NimbleMember {
  return { ...namesOf(number), id: `N${number}`, role: 'user' };
}

export function namelyProfile(number: number, overrides: Partial<NamelyProfile> = {}): NamelyProfile {
  // Each a minute apart, so that changes alone can be read.
  const updatedAt = new Date(Date.UTC(2026, 10, 20) + (number % 1_000) * 60_000).toISOString();
  return { ...namesOf(number), id: `P${number}`, status: 'active', department: 'Sales', updatedAt, ...overrides };
}

function namesOf(number: number): Pick<NamelyProfile, 'givenName' | 'familyName' | 'email'> {
  return { givenName: 'Person', familyName: `No${number}`, email: `person.${number}@example.com` };
}

/** Somebody with both accounts, known to the directory or not. */
function aPerson(number: number, identity: 'active' | 'inactive' | undefined, updatedAt?: string): Person {
  const profile = namelyProfile(number, updatedAt === undefined ? {} : { updatedAt });
  return {
    ...(identity === undefined ? {} : { identity: { ...namesOf(number), id: `I${number}`, status: identity } }),
    nimble: [nimbleMember(number)],
    namely: [profile],
  };
}

const STAFF_PEOPLE = Array.from({ length: STAFF }, (_unused, at) => aPerson(at + 1, 'active'));
const STRANGER = aPerson(901, undefined);
const FORMER = aPerson(902, 'inactive');
const NEW_STRANGER = aPerson(903, undefined, CHANGED_AT);
const LEAVER = aPerson(904, 'active');
const CLOSED_ACCOUNTS = aPerson(905, 'active');
const VANISHING_STRANGER = aPerson(906, undefined);
const JOINER = aPerson(801, 'active', CHANGED_AT);

/** A stranger, somebody who has left, a stranger who is about to go, and 122 about whom all agree. */
export const BEFORE: World = aWorld({
  people: [...STAFF_PEOPLE, LEAVER, CLOSED_ACCOUNTS, VANISHING_STRANGER, FORMER, STRANGER],
  clockFixedAt: BASELINE_AT,
  // Somebody about whom all agree made the tokens.
  owner: { ...namesOf(1), nimbleId: nimbleMember(1).id, namelyId: namelyProfile(1).id },
});

/** Of the others one joins, one more stranger comes, and one leaves; nobody's account is closed. */
export const BUSY_DAY: World = {
  ...BEFORE,
  clockFixedAt: FAULT_AT,
  people: [
    JOINER,
    ...STAFF_PEOPLE,
    { ...LEAVER, identity: undefined },
    CLOSED_ACCOUNTS,
    VANISHING_STRANGER,
    FORMER,
    STRANGER,
    NEW_STRANGER,
  ],
};

/** The same, and the accounts of two people are closed. */
export const FULL_DAY: World = {
  ...BUSY_DAY,
  people: BUSY_DAY.people.flatMap((person) => {
    if (person === VANISHING_STRANGER) return [];
    return person === CLOSED_ACCOUNTS ? [{ identity: CLOSED_ACCOUNTS.identity }] : [person];
  }),
};

/** The accounts of before, and the directory of the day. */
export const YESTERDAYS_ACCOUNTS: World = {
  ...BEFORE,
  people: BEFORE.people.map((person) => (person === LEAVER ? { ...person, identity: undefined } : person)),
};

export function idsOf(world: World, source: SourceName): readonly string[] {
  return world.people
    .flatMap((person) => (source === 'directory' ? identityOf(person) : accountsOf(person, source)))
    .toSorted();
}

/**
 * What must be found among the accounts of an application, from who is who alone: whoever has no identity is a stranger, unless
 * there was one before the fault; then he has left.
 */
export function truthOf(world: World, application: Application): readonly string[] {
  return world.people
    .flatMap((person) => {
      const rule = ruleOf(person);
      return rule === undefined ? [] : accountsOf(person, application).map((id) => `${application} ${rule} ${id}`);
    })
    .toSorted();
}

function ruleOf(person: Person): 'leaver_account' | 'orphaned_account' | undefined {
  if (person.identity?.status === 'active') return undefined;
  if (person.identity !== undefined) return 'leaver_account';
  const knownOnce = [...accountsOf(person, 'nimble'), ...accountsOf(person, 'namely')].some((id) => ONCE_KNOWN.has(id));
  return knownOnce ? 'leaver_account' : 'orphaned_account';
}

const ONCE_KNOWN: ReadonlySet<string> = new Set(
  BEFORE.people.flatMap((person) =>
    person.identity === undefined ? [] : [...accountsOf(person, 'nimble'), ...accountsOf(person, 'namely')],
  ),
);

function accountsOf(person: Person, application: Application): readonly string[] {
  return (person[application] ?? []).map(({ id }) => id);
}

function identityOf({ identity }: Person): readonly string[] {
  return identity === undefined ? [] : [identity.id];
}

/** Every account whose owner nobody knows, on either day: another `orphaned_account` is a false one. */
export function isFalseOrphan(finding: string, worlds: readonly World[]): boolean {
  if (!finding.includes(' orphaned_account ')) return false;
  return !worlds.some((world) => [...truthOf(world, 'nimble'), ...truthOf(world, 'namely')].includes(finding));
}
