import type { Person } from './world.ts';

/** One employee of the demo company: all three systems agree about this person. */
export type Employee = {
  readonly number: number;
  readonly givenName: string;
  readonly familyName: string;
  readonly title: string;
  readonly department: string;
  /** Role in Nimble; absent: no account there. */
  readonly nimbleRole?: 'user' | 'admin' | undefined;
  /** Number of the manager. */
  readonly manager?: number | undefined;
};

/** Acme has invented staff only. Numbers are stable: they become the ids in all three systems. */
export const EMPLOYEES: readonly Employee[] = [
  { number: 1, givenName: 'Ada', familyName: 'Brandt', title: 'Managing Director', department: 'Office' },
  { number: 2, givenName: 'Bruno', familyName: 'Castell', title: 'Head of Sales', department: 'Sales', ...admin(1) },
  {
    number: 3,
    givenName: 'Carla',
    familyName: 'Dimitrova',
    title: 'Account Executive',
    department: 'Sales',
    ...user(2),
  },
  {
    number: 4,
    givenName: 'Daniel',
    familyName: 'Ekwueme',
    title: 'Account Executive',
    department: 'Sales',
    ...user(2),
  },
  { number: 5, givenName: 'Elif', familyName: 'Fontaine', title: 'Account Executive', department: 'Sales', ...user(2) },
  { number: 6, givenName: 'Marcus', familyName: 'Webb', title: 'Account Executive', department: 'Sales', ...user(2) },
  { number: 7, givenName: 'Priya', familyName: 'Nair', title: 'Sales Engineer', department: 'Sales', ...user(2) },
  {
    number: 8,
    givenName: 'Hugo',
    familyName: 'Iversen',
    title: 'Head of Marketing',
    department: 'Marketing',
    ...user(1),
  },
  { number: 9, givenName: 'Ines', familyName: 'Jung', title: 'Content Editor', department: 'Marketing', ...user(8) },
  { number: 10, givenName: 'Jonas', familyName: 'Keller', title: 'Designer', department: 'Marketing', ...user(8) },
  {
    number: 11,
    givenName: 'Kofi',
    familyName: 'Lindgren',
    title: 'Head of Support',
    department: 'Support',
    ...user(1),
  },
  { number: 12, givenName: 'Lena', familyName: 'Moreau', title: 'Support Agent', department: 'Support', ...user(11) },
  { number: 13, givenName: 'Mei', familyName: 'Novak', title: 'Support Agent', department: 'Support', ...user(11) },
  { number: 14, givenName: 'Tom', familyName: 'Okafor', title: 'Support Agent', department: 'Support', ...user(11) },
  { number: 15, givenName: 'Olga', familyName: 'Petit', title: 'Head of Finance', department: 'Finance', manager: 1 },
  { number: 16, givenName: 'Pavel', familyName: 'Quist', title: 'Accountant', department: 'Finance', manager: 15 },
  { number: 17, givenName: 'Rosa', familyName: 'Rahimi', title: 'IT Lead', department: 'IT', ...admin(1) },
  { number: 18, givenName: 'Sven', familyName: 'Silva', title: 'IT Engineer', department: 'IT', ...user(17) },
  { number: 19, givenName: 'Tara', familyName: 'Thorsen', title: 'Recruiter', department: 'People', manager: 1 },
  { number: 20, givenName: 'Umar', familyName: 'Ueda', title: 'Warehouse Lead', department: 'Logistics', manager: 1 },
  { number: 21, givenName: 'Vera', familyName: 'Vance', title: 'Driver', department: 'Logistics', manager: 20 },
];

/** What the identity list, Nimble and Namely say of an employee about whom nothing is to be said. */
export function toPerson(employee: Employee): Person {
  const { number, givenName, familyName, title, department, nimbleRole, manager } = employee;
  const email = `${givenName}.${familyName}@example.com`.toLowerCase();
  const names = { givenName, familyName, email };
  return {
    identity: {
      ...names,
      id: toEmployeeId(number),
      status: 'active',
      title,
      department,
      managerId: manager === undefined ? undefined : toEmployeeId(manager),
      startDate: '2023-03-01',
    },
    nimble: nimbleRole === undefined ? [] : [{ ...names, id: toNimbleId(number), role: nimbleRole }],
    namely: [
      {
        ...names,
        id: toNamelyId(number),
        status: 'active',
        jobTitle: title,
        department,
        office: 'Harbour Street',
        managerId: manager === undefined ? undefined : toNamelyId(manager),
        startDate: '2023-03-01',
      },
    ],
  };
}

export function toEmployeeId(number: number): string {
  return `E${String(100 + number)}`;
}

export function toNimbleId(number: number): string {
  return `5ce69c1fceee1836${String(number).padStart(8, '0')}`;
}

export function toNamelyId(number: number): string {
  return `6f1b2c3d-0000-4000-8000-${String(number).padStart(12, '0')}`;
}

function user(manager: number): { readonly nimbleRole: 'user'; readonly manager: number } {
  return { nimbleRole: 'user', manager };
}

function admin(manager: number): { readonly nimbleRole: 'admin'; readonly manager: number } {
  return { nimbleRole: 'admin', manager };
}
