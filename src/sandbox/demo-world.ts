import type { PlainDate } from '../core/row.ts';
import { toShiftedDate } from './calendar.ts';
import { EMPLOYEES, toEmployeeId, toNamelyId, toNimbleId, toPerson, type Employee } from './demo-people.ts';
import { aWorld, type Person, type World } from './world.ts';

/** One reconciliation of the demo: what has happened, in sentences for a person, and the world as it is then. */
export type DemoChapter = { readonly title: string; readonly story: readonly string[]; readonly world: World };

/**
 * The demo company in three chapters. The identity list is the authority; Nimble and Namely are applications.
 * Baseline: one orphan. Then: a leaver kept in Nimble, a rename that is no finding, an orphan with the admin role, a profile in
 * Namely that outlives its departure date, and the old orphan gone. Last: Nimble answers with an empty roster.
 */
export function tellDemo(today: PlainDate): readonly DemoChapter[] {
  const later = tellLater(today);
  return [
    {
      title: 'First reconciliation',
      story: [
        'Acme has 23 people on its identity list and one account in Nimble that belongs to none of them.',
        'What is found the first time is a baseline: one summary, no alarm.',
      ],
      world: aWorld({ people: tellBaseline(today), namely: { dialect: 'live' }, owner: ROSA }),
    },
    {
      title: 'Things happened',
      story: [
        'Marcus Webb left yesterday, and nobody closed his Nimble account.',
        'Priya Nair is now Priya Raman, with a new address; Nimble still has the old one, and that is fine.',
        'Somebody outside the company has an admin account in Nimble.',
        'Namely has Tom Okafor active although his departure date is past; the identity list still has him.',
        'The orphan of the first run is gone.',
      ],
      world: later,
    },
    {
      title: 'Nimble answers with an empty roster',
      story: ['The answer is well formed and says that nobody has an account. It must not be believed.'],
      world: { ...later, faults: [EMPTY_NIMBLE] },
    },
  ];
}

const EMPTY_NIMBLE = {
  id: 'nimble-empty',
  match: { vendor: 'nimble', path: '/api/v1/team/members' },
  effect: { kind: 'empty' },
} as const;

/** The IT lead made the tokens: she is on the list and stays, so nothing is to be said of them. */
const ROSA: World['owner'] = {
  nimbleId: toNimbleId(17),
  namelyId: toNamelyId(17),
  email: 'rosa.rahimi@example.com',
  givenName: 'Rosa',
  familyName: 'Rahimi',
};

const MARCUS = 6;
const PRIYA = 7;
const LENA_ON_LEAVE = 12;
const TOM = 14;

function tellBaseline(today: PlainDate): readonly Person[] {
  const staff = EMPLOYEES.map((employee) => {
    const person = toPerson(employee);
    return employee.number === LENA_ON_LEAVE ? toOnLeave(person) : person;
  });
  return [...staff, tellStarter(today), tellFormer(), AGENCY];
}

function tellLater(today: PlainDate): World {
  const people = EMPLOYEES.map((employee) => tellEmployeeLater(employee, today));
  return aWorld({
    people: [...people, tellStarter(today), tellFormer(), GROWTH_PARTNER],
    namely: { dialect: 'live' },
    owner: ROSA,
  });
}

function tellEmployeeLater(employee: Employee, today: PlainDate): Person {
  const person = toPerson(employee);
  switch (employee.number) {
    case MARCUS:
      return toLeaver(person, toShiftedDate(today, -1));
    case PRIYA:
      return toRenamed(person, { familyName: 'Raman', email: 'priya.raman@example.com' });
    case LENA_ON_LEAVE:
      return toOnLeave(person);
    case TOM:
      return {
        ...person,
        namely: person.namely?.map((row) => ({ ...row, departureDate: toShiftedDate(today, -3) })),
      };
    default:
      return person;
  }
}

/** The identity list and Namely say goodbye; Nimble was forgotten. */
function toLeaver(person: Person, lastDay: PlainDate): Person {
  return {
    ...person,
    identity: person.identity === undefined ? undefined : { ...person.identity, status: 'inactive', endDate: lastDay },
    namely: person.namely?.map((row) => ({ ...row, status: 'inactive', departureDate: lastDay })),
  };
}

/** Same ids, new family name and address; the old address stays as an alias, and Nimble was not told. */
function toRenamed(person: Person, to: { readonly familyName: string; readonly email: string }): Person {
  const { identity } = person;
  if (identity?.email === undefined) return person;
  return {
    ...person,
    identity: { ...identity, ...to, aliases: [identity.email] },
    namely: person.namely?.map((row) => ({ ...row, ...to })),
  };
}

function toOnLeave(person: Person): Person {
  return {
    ...person,
    identity: person.identity === undefined ? undefined : { ...person.identity, status: 'on_leave' },
  };
}

/** Starts next week and has an account already: within the days that an account may be there before its person, no finding. */
function tellStarter(today: PlainDate): Person {
  const names = { givenName: 'Wanda', familyName: 'Wolff', email: 'wanda.wolff@example.com' };
  const startDate = toShiftedDate(today, 7);
  return {
    identity: { ...names, id: toEmployeeId(22), status: 'active', department: 'Sales', startDate },
    nimble: [{ ...names, id: toNimbleId(22), role: 'user' }],
    namely: [{ ...names, id: toNamelyId(22), status: 'pending', department: 'Sales', startDate }],
  };
}

/** Left long ago and was taken off properly: an inactive account of somebody who left is no finding. */
function tellFormer(): Person {
  const names = { givenName: 'Xaver', familyName: 'Young', email: 'xaver.young@example.com' };
  return {
    identity: { ...names, id: toEmployeeId(23), status: 'inactive', endDate: '2025-06-30' },
    nimble: [{ ...names, id: toNimbleId(23), role: 'user', active: false }],
    namely: [{ ...names, id: toNamelyId(23), status: 'inactive', departureDate: '2025-06-30' }],
  };
}

const AGENCY: Person = {
  nimble: [
    {
      id: toNimbleId(91),
      email: 'studio@northwind.example',
      givenName: 'Northwind',
      familyName: 'Studio',
      role: 'user',
    },
  ],
};

const GROWTH_PARTNER: Person = {
  nimble: [
    {
      id: toNimbleId(92),
      email: 'zoe@growth-partner.example',
      givenName: 'Zoe',
      familyName: 'Zimmer',
      role: 'admin',
    },
  ],
};
