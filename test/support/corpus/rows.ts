import type { Person } from '../../../src/sandbox/world.ts';

export const SOURCES = ['directory', 'nimble', 'namely'] as const;
export type SourceName = (typeof SOURCES)[number];
export type Application = Exclude<SourceName, 'directory'>;
export const APPLICATIONS: readonly Application[] = ['nimble', 'namely'];

/** One row as contract §3 wants it kept, as far as the corpus changes it. */
export type Row = {
  readonly id: string;
  readonly email: string;
  readonly aliases: readonly string[];
  readonly givenName: string;
  readonly familyName: string;
  readonly status: 'active' | 'inactive' | 'on_leave' | 'unknown';
  readonly role: string | undefined;
  readonly department: string | undefined;
  readonly endDate: string | undefined;
};

/** What a system has, in its own order; said from the world, not by asking anybody. */
export function rowsOf(source: SourceName, people: readonly Person[]): readonly Row[] {
  if (source === 'directory')
    return people.flatMap(({ identity }) => (identity === undefined ? [] : [toIdentityRow(identity)]));
  if (source === 'nimble') return people.flatMap(({ nimble = [] }) => nimble.map((member) => toNimbleRow(member)));
  return people.flatMap(({ namely = [] }) => namely.map((profile) => toNamelyRow(profile)));
}

type Identity = NonNullable<Person['identity']>;
type Member = NonNullable<Person['nimble']>[number];
type Profile = NonNullable<Person['namely']>[number];

const EMPTY = {
  email: '',
  aliases: [],
  givenName: '',
  familyName: '',
  role: undefined,
  department: undefined,
  endDate: undefined,
};

function toIdentityRow({ id, email = '', aliases = [], givenName = '', familyName = '', ...rest }: Identity): Row {
  const status = toStatus(rest.status);
  return { ...EMPTY, id, email, aliases, givenName, familyName, status, endDate: rest.endDate };
}

function toNimbleRow({ id, email, givenName = '', familyName = '', role, active }: Member): Row {
  return { ...EMPTY, id, email, givenName, familyName, role, status: active === false ? 'inactive' : 'active' };
}

function toNamelyRow({ id, email, givenName, familyName, status, department, departureDate }: Profile): Row {
  return { ...EMPTY, id, email, givenName, familyName, department, status: toStatus(status), endDate: departureDate };
}

function toStatus(word: string | undefined): Row['status'] {
  if (word === undefined) return 'active';
  return word === 'active' || word === 'inactive' || word === 'on_leave' ? word : 'unknown';
}
