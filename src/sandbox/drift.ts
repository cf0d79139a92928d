import type { FaultMatch } from './fault.ts';
import type { IdentityRecord, NamelyProfile, NimbleMember, Person, ScimUser, World } from './world.ts';

/**
 * One change of the company while somebody reads it, such as a row that goes between two pages. It happens once: right after
 * the first request that `match` meets was answered, whatever the answer was. `attempts: { from: k }` makes that the k-th.
 */
export type Drift = {
  /** Unique in a world, faults included. */
  readonly id: string;
  readonly match: FaultMatch;
  readonly change: Change;
};

type Rows = {
  readonly namely: NamelyProfile;
  readonly nimble: NimbleMember;
  readonly scim: ScimUser;
  readonly identities: IdentityRecord;
};
type ListName = keyof Rows;

/** What happens to one row, by the id that the list's vendor gives it. */
export type Change = { [L in ListName]: ChangeOf<L> }[ListName];

type ChangeOf<L extends ListName> =
  | { readonly kind: 'delete'; readonly list: L; readonly rowId: string }
  /** `position` counts from 0 in the whole list as it stands; absent: the front; beyond the end: the end. */
  | { readonly kind: 'insert'; readonly list: L; readonly row: Rows[L]; readonly position?: number | undefined }
  | { readonly kind: 'update'; readonly list: L; readonly rowId: string; readonly fields: Partial<Rows[L]> };

/**
 * The world after a change. As the vendor would, it stamps profiles of Namely and users of SCIM that are inserted or updated without a time of
 * their own. A row that is not there is a mistake of the scenario and throws: a drift that changes nothing proves nothing.
 */
export function applyChange(world: World, change: Change, now: Date): World {
  if (change.list === 'namely' && world.namely.recorded !== undefined) {
    throw new Error('recorded profiles are served word for word: they cannot drift');
  }
  const people = applyToPeople(world.people, change, now.toISOString());
  if (people === undefined) throw new Error(`a drift is about a row that is not in the list ${change.list}`);
  return { ...world, people };
}

function applyToPeople(people: readonly Person[], change: Change, now: string): readonly Person[] | undefined {
  switch (change.list) {
    case 'namely':
      return edit(people, stampProfile(change, now), {
        read: (person) => person.namely ?? [],
        write: (person, rows) => ({ ...person, namely: rows }),
      });
    case 'nimble':
      return edit(people, change, {
        read: (person) => person.nimble ?? [],
        write: (person, rows) => ({ ...person, nimble: rows }),
      });
    case 'scim':
      return edit(people, stampUser(change, now), {
        read: (person) => person.scim ?? [],
        write: (person, rows) => ({ ...person, scim: rows }),
      });
    default:
      return edit(people, change, {
        read: (person) => (person.identity === undefined ? [] : [person.identity]),
        write: (person, [identity]) => ({ ...person, identity }),
      });
  }
}

function stampProfile(change: ChangeOf<'namely'>, now: string): ChangeOf<'namely'> {
  if (change.kind === 'delete') return change;
  if (change.kind === 'update') return { ...change, fields: { updatedAt: now, ...change.fields } };
  return { ...change, row: { createdAt: now, updatedAt: now, ...change.row } };
}

function stampUser(change: ChangeOf<'scim'>, now: string): ChangeOf<'scim'> {
  if (change.kind === 'delete') return change;
  if (change.kind === 'update') return { ...change, fields: { updatedAt: now, ...change.fields } };
  return { ...change, row: { createdAt: now, updatedAt: now, ...change.row } };
}

/** How one list is kept in people: each may hold several rows of it or none. */
type Place<L extends ListName> = {
  readonly read: (person: Person) => readonly Rows[L][];
  readonly write: (person: Person, rows: readonly Rows[L][]) => Person;
};

function edit<L extends ListName>(
  people: readonly Person[],
  change: ChangeOf<L>,
  place: Place<L>,
): readonly Person[] | undefined {
  if (change.kind === 'insert') return insert(people, change, place);
  const { rowId } = change;
  const holder = people.findIndex((person) => place.read(person).some(({ id }) => id === rowId));
  return people[holder] === undefined
    ? undefined
    : people.with(holder, place.write(people[holder], editRows(place.read(people[holder]), change)));
}

function editRows<L extends ListName>(
  rows: readonly Rows[L][],
  change: Exclude<ChangeOf<L>, { kind: 'insert' }>,
): readonly Rows[L][] {
  if (change.kind === 'delete') return rows.filter(({ id }) => id !== change.rowId);
  return rows.map((row) => (row.id === change.rowId ? { ...row, ...change.fields } : row));
}

/** The row comes as a person of its own, before the one who holds the row that stands at the position now. */
function insert<L extends ListName>(
  people: readonly Person[],
  change: Extract<ChangeOf<L>, { kind: 'insert' }>,
  place: Place<L>,
): readonly Person[] {
  const newcomer = place.write({}, [change.row]);
  let before = change.position ?? 0;
  for (const [index, person] of people.entries()) {
    const rows = place.read(person);
    // Between two rows of one person: what stands behind the position becomes a person after the newcomer.
    if (before > 0 && before < rows.length) {
      const halves = [place.write(person, rows.slice(0, before)), newcomer, place.write({}, rows.slice(before))];
      return people.toSpliced(index, 1, ...halves);
    }
    if (before === 0) return people.toSpliced(index, 0, newcomer);
    before -= rows.length;
  }
  return [...people, newcomer];
}
