import { toShiftedDate } from '../../../src/sandbox/calendar.ts';
import type { Random } from './random.ts';
import type { Staff } from './staff.ts';

/** What a step may look at and change. */
export type Scene = { readonly staff: Staff; readonly at: string; readonly today: string };

/** One thing that happens to one person (or nobody's account) so many days after its story began. */
export type Step = { readonly afterDays: number; readonly what: string; readonly happen: (scene: Scene) => void };

type Teller = (key: string, random: Random) => readonly Step[];

/** Stories of people who work here and of whom all systems agree when it begins. */
export const STAFF_STORIES: readonly { readonly weight: number; readonly tell: Teller }[] = [
  { weight: 3, tell: leavesInOrder },
  { weight: 3, tell: leavesWithoutOffboarding },
  { weight: 2, tell: leavesByEndDate },
  { weight: 2, tell: vanishes },
  { weight: 2, tell: comesBack },
  { weight: 3, tell: isRenamed },
  { weight: 3, tell: changesRole },
  { weight: 2, tell: isLockedOut },
  { weight: 1, tell: hasTwoAccounts },
  { weight: 1, tell: hasPassedDeparture },
  { weight: 1, tell: isOnLeave },
];

export function joins(key: string, random: Random): readonly Step[] {
  return [
    step(0, 'joiner', ({ staff }) => {
      staff.identity(key, {});
      staff.nimble(key, {});
    }),
    step(random.below(3), 'joiner in Namely', ({ staff, at }) => staff.namely(key, at, {})),
  ];
}

/** An account of nobody: a contractor's, a forgotten one. */
export function strays(key: string, random: Random): readonly Step[] {
  const role = random.chance(0.3) ? 'admin' : 'user';
  const appears = step(0, 'stray account', ({ staff }) => {
    staff.nimble(key, { email: `${key}@elsewhere.example`, role });
  });
  const risen = step(1 + random.below(2), 'role change', ({ staff }) => staff.nimble(key, { role: 'admin' }));
  const ends = [
    step(4 + random.below(4), 'stray removed', ({ staff }) => staff.noNimble(key)),
    step(4 + random.below(4), 'stray switched off', ({ staff }) => staff.nimble(key, { active: false })),
    step(4 + random.below(4), 'stray explained', ({ staff }) => {
      staff.identity(key, { aliases: [`${key}@elsewhere.example`] });
    }),
  ];
  const end = random.pick(ends);
  return [appears, ...(random.chance(0.3) ? [risen] : []), ...(end === undefined ? [] : [end])];
}

export function straysInNamely(key: string, random: Random): readonly Step[] {
  return [
    step(0, 'stray profile', ({ staff, at }) => staff.namely(key, at, { email: `${key}@elsewhere.example` })),
    step(3 + random.below(3), 'stray profile ends', ({ staff, at }) => staff.namely(key, at, { status: 'inactive' })),
  ];
}

function leavesInOrder(key: string): readonly Step[] {
  return [
    step(0, 'leaver in order', ({ staff, at, today }) => {
      staff.identity(key, { status: 'inactive', endDate: today });
      staff.noNimble(key);
      staff.namely(key, at, { status: 'inactive', departureDate: today });
    }),
  ];
}

function leavesWithoutOffboarding(key: string, random: Random): readonly Step[] {
  const days = 3 + random.below(4);
  return [
    step(0, 'leaver who keeps accounts', ({ staff }) => staff.identity(key, { status: 'inactive' })),
    ...(random.chance(0.3) ? [step(2, 'role change', ({ staff }: Scene) => staff.nimble(key, { role: 'admin' }))] : []),
    offboards(key, days, random),
    step(days + 1, 'off-boarded in Namely', ({ staff, at }) => staff.namely(key, at, { status: 'inactive' })),
  ];
}

function leavesByEndDate(key: string, random: Random): readonly Step[] {
  const notice = random.below(3);
  return [
    step(0, 'end date set', ({ staff, today }) => staff.identity(key, { endDate: toShiftedDate(today, notice) })),
    step(notice + 2, 'leaver marked late', ({ staff }) => staff.identity(key, { status: 'inactive' })),
    offboards(key, notice + 5, random),
    step(notice + 5, 'off-boarded in Namely', ({ staff, at }) => staff.namely(key, at, { status: 'inactive' })),
  ];
}

/** The identity is removed, the profile deleted: that, only a full listing tells. */
function vanishes(key: string, random: Random): readonly Step[] {
  return [
    step(0, 'leaver deleted from the directory', ({ staff }) => staff.noIdentity(key)),
    step(random.below(2), 'profile deleted', ({ staff }) => staff.noNamely(key)),
    offboards(key, 4 + random.below(2), random),
  ];
}

function comesBack(key: string, random: Random): readonly Step[] {
  const returns = step(4 + random.below(3), 'return', ({ staff }) => {
    staff.identity(key, { status: 'active', endDate: undefined });
  });
  // A word that no vendor documents: neither here nor gone.
  const unclear = step(3, 'status nobody knows', ({ staff }) => staff.identity(key, { status: 'sabbatical' }));
  return [
    step(0, 'leaver who will return', ({ staff }) => staff.identity(key, { status: 'inactive' })),
    ...(random.chance(0.5) ? [unclear] : []),
    returns,
  ];
}

/** The systems learn of it one after the other, and only the link still tells that it is the same person. */
function isRenamed(key: string, random: Random): readonly Step[] {
  const names = { familyName: `Family ${key} Renamed`, email: `${key}.renamed@example.com` };
  return [
    step(0, 'rename', ({ staff }) => staff.identity(key, names)),
    step(random.below(3), 'rename in Nimble', ({ staff }) => staff.nimble(key, names)),
    step(random.below(3), 'rename in Namely', ({ staff, at }) => staff.namely(key, at, names)),
  ];
}

function changesRole(key: string): readonly Step[] {
  return [
    step(0, 'role change', ({ staff, at }) => {
      staff.nimble(key, { role: staff.of(key).nimble?.[0]?.role === 'admin' ? 'user' : 'admin' });
      staff.namely(key, at, { department: 'Support', jobTitle: 'Team lead' });
    }),
  ];
}

function isLockedOut(key: string, random: Random): readonly Step[] {
  return [
    step(0, 'locked out', ({ staff }) => staff.nimble(key, { active: false })),
    step(2 + random.below(3), 'let in again', ({ staff }) => staff.nimble(key, { active: true })),
  ];
}

function hasTwoAccounts(key: string): readonly Step[] {
  const email = `${key}.second@example.com`;
  return [
    step(0, 'second account', ({ staff }) => {
      staff.identity(key, { aliases: [email] });
      staff.secondNimble(key, { id: `n-${key}-2`, email, role: 'user' });
    }),
    step(4, 'second account removed', ({ staff }) => staff.secondNimble(key, undefined)),
  ];
}

function hasPassedDeparture(key: string): readonly Step[] {
  return [
    step(0, 'departure date that is past', ({ staff, at, today }) => {
      staff.namely(key, at, { departureDate: toShiftedDate(today, -3) });
    }),
    step(3, 'departure date corrected', ({ staff, at }) => staff.namely(key, at, { departureDate: undefined })),
  ];
}

function isOnLeave(key: string): readonly Step[] {
  return [
    step(0, 'on leave', ({ staff }) => staff.identity(key, { status: 'on_leave' })),
    step(4, 'back from leave', ({ staff }) => staff.identity(key, { status: 'active' })),
  ];
}

function offboards(key: string, afterDays: number, random: Random): Step {
  return random.chance(0.5)
    ? step(afterDays, 'account removed', ({ staff }) => staff.noNimble(key))
    : step(afterDays, 'account switched off', ({ staff }) => staff.nimble(key, { active: false }));
}

function step(afterDays: number, what: string, happen: Step['happen']): Step {
  return { afterDays, what, happen };
}
