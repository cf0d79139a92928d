import { toRow } from '../../src/core/normalise.ts';
import type { RawRow, RosterRow, RowPolicy } from '../../src/core/row.ts';
import type { Rule } from '../../src/core/rule.ts';

/**
 * An invented company: `rows` people in a directory and `rows` accounts in one application, the same for the same seed. Every row
 * is a function of its number, so a roster of any size passes without being kept, and the findings that must come out follow
 * from the shares alone, not from anything that was run.
 */
export type Company = {
  readonly rows: number;
  readonly expected: ReadonlyMap<Rule, number>;
  /** Rows that one change (see `accounts`) makes different from the change before. */
  readonly changedRows: number;
  identities(): Generator<readonly RosterRow[]>;
  /** `change`: 0 is the roster as it was first; each number gives one account in a thousand another title. */
  accounts(change: number): Generator<readonly RosterRow[]>;
};

/** Below this a share of one in a thousand would be nobody. */
export const ROWS_MIN = 1_000;
/** What the worker stages at once (src/worker/sync.ts). */
const BATCH_ROWS = 5_000;
const CHANGE_EVERY = 1_000;

// Each person belongs to exactly one part; who is in none is in order. Rows with a finding: 7 %, as contract §10 asks.
const SHARES = {
  orphan: 0.02,
  leaverByDate: 0.014,
  leaverByStatus: 0.014,
  leaverStillActive: 0.002, // active in the directory although the end date there is past: two findings
  inactive: 0.01,
  duplicate: 0.005,
  disputed: 0.001,
  conflict: 0.002,
  alias: 0.005,
  case: 0.005,
  drift: 0.01, // another title: for `attribute_mismatch`, when it is built
  service: 0.002, // listed nowhere: a finding each
  closed: 0.01, // has left, and the account is inactive: in order, but not by the short way
  onLeave: 0.03,
} as const satisfies Readonly<Record<string, number>>;
type Part = keyof typeof SHARES | 'plain';
type Range = { readonly part: Part; readonly start: number; readonly end: number };

const PAST = '2020-02-29';
const POLICY: RowPolicy = { privilegedRoles: new Set(['admin']), serviceAccounts: new Set() };
const GIVEN = ['Ada', 'Bo', 'Chidi', 'Dora', 'Emil', 'Fatima', 'Goran', 'Hana', 'Ivo', 'June', 'Kofi', 'Lena', 'Zoë'];
const FAMILY = ['Abbott', 'Berg', 'Castro', 'Dvořák', 'Eze', 'Fischer', 'Garcia', 'Haddad', 'Ito', 'Jones', "O'Neil"];
const TITLES = ['Engineer', 'Account Manager', 'Designer', 'Accountant', 'Support Specialist', 'Analyst'];
const DEPARTMENTS = ['Engineering', 'Sales', 'Design', 'Finance', 'Support', 'Operations', 'Marketing'];

export function makeCompany(rows: number, seed: number): Company {
  const ranges = layOut(rows);
  const of = { rows, seed, ranges };
  return {
    rows,
    expected: expectedFindings(ranges),
    changedRows: Math.ceil(rows / CHANGE_EVERY),
    identities: () => batches(of, (person) => identityRow(of, person)),
    accounts: (change) => batches(of, (person) => accountRow(of, person, change)),
  };
}

function layOut(rows: number): ReadonlyMap<Part, Range> {
  const ranges = new Map<Part, Range>();
  let start = 0;
  const add = (part: Part, size: number): void => {
    ranges.set(part, { part, start, end: start + size });
    start += size;
  };
  for (const part of PARTS) add(part, Math.round(rows * SHARES[part]));
  add('plain', rows - start);
  return ranges;
}

const PARTS = [
  'orphan',
  'leaverByDate',
  'leaverByStatus',
  'leaverStillActive',
  'inactive',
  'duplicate',
  'disputed',
  'conflict',
  'alias',
  'case',
  'drift',
  'service',
  'closed',
  'onLeave',
] as const satisfies readonly (keyof typeof SHARES)[];

function expectedFindings(ranges: ReadonlyMap<Part, Range>): ReadonlyMap<Rule, number> {
  const size = (part: Part): number => {
    const { start, end } = rangeOf(ranges, part);
    return end - start;
  };
  return new Map<Rule, number>([
    ['orphaned_account', size('orphan')],
    ['leaver_account', size('leaverByDate') + size('leaverByStatus') + size('leaverStillActive')],
    ['inactive_account', size('inactive')],
    ['duplicate_account', size('duplicate')],
    ['disputed_account', size('disputed')],
    ['service_account_unowned', size('service')],
    ['lifecycle_conflict', size('conflict') + size('leaverStillActive')],
  ]);
}

type Made = { readonly rows: number; readonly seed: number; readonly ranges: ReadonlyMap<Part, Range> };

/** In an order that has nothing to do with who is in which part: joins of sorted rows are another, easier work. */
function* batches(of: Made, rowOf: (person: number) => RosterRow): Generator<readonly RosterRow[]> {
  const step = coprimeStep(of.rows);
  let person = of.seed % of.rows;
  for (let done = 0; done < of.rows; done += BATCH_ROWS) {
    const batch: RosterRow[] = [];
    for (let at = done; at < Math.min(done + BATCH_ROWS, of.rows); at += 1) {
      batch.push(rowOf(person));
      person = (person + step) % of.rows;
    }
    yield batch;
  }
}

/** Steps of this size visit every number below `rows` once. */
function coprimeStep(rows: number): number {
  for (let step = Math.floor(rows * 0.618); step > 1; step -= 1) if (greatestDivisor(step, rows) === 1) return step;
  return 1;
}

function greatestDivisor(a: number, b: number): number {
  return b === 0 ? a : greatestDivisor(b, a % b);
}

function identityRow(of: Made, person: number): RosterRow {
  const part = partOf(of.ranges, person);
  return made({
    ...personFields(of, person),
    externalId: `p-${idOf(of, person)}`,
    email: emailOf(sharedWith(of, part, person)),
    aliases: part === 'alias' ? [`alias.${person}@example.com`] : [],
    status: identityStatus(part),
    endDate: ['leaverByDate', 'leaverStillActive', 'closed'].includes(part) ? PAST : undefined,
    startDate: `20${10 + (person % 10)}-0${1 + (person % 9)}-15`,
  });
}

function identityStatus(part: Part): 'active' | 'inactive' | 'on_leave' {
  if (part === 'onLeave') return 'on_leave';
  return part === 'leaverByDate' || part === 'leaverByStatus' || part === 'closed' ? 'inactive' : 'active';
}

/** The directory's row of a person whose own account is an orphan repeats the address of one who is then disputed. */
function sharedWith(of: Made, part: Part, person: number): number {
  const disputed = rangeOf(of.ranges, 'disputed');
  const at = person - rangeOf(of.ranges, 'orphan').start;
  return part === 'orphan' && at < disputed.end - disputed.start ? disputed.start + at : person;
}

function accountRow(of: Made, person: number, change: number): RosterRow {
  const part = partOf(of.ranges, person);
  const fields = personFields(of, person);
  const isChanged = change > 0 && person % CHANGE_EVERY === 0;
  return made({
    ...fields,
    externalId: `n-${idOf(of, person)}`,
    email: accountEmail(of, part, person),
    status: part === 'inactive' || part === 'closed' ? 'inactive' : 'active',
    kind: part === 'service' ? 'service' : 'human',
    role: person % 50 === 0 ? 'admin' : 'member',
    employeeId: part === 'service' ? undefined : fields.employeeId,
    title: isChanged ? `Changed ${change}` : titleOf(part, fields.title),
    endDate: part === 'conflict' ? PAST : undefined,
    lastActiveAt: `2026-0${1 + (person % 9)}-11T08:30:00.123456Z`,
    sourceCreatedAt: '2021-05-04T09:00:00Z',
  });
}

function titleOf(part: Part, title: string): string {
  return part === 'drift' ? `Senior ${title}` : title;
}

function accountEmail(of: Made, part: Part, person: number): string {
  if (part === 'orphan') return `nobody.${person}@example.net`;
  if (part === 'service') return `robot.${person}@example.net`;
  if (part === 'alias') return `alias.${person}@example.com`;
  if (part === 'case') return ` ${emailOf(person).toUpperCase()}`;
  // The last people of all are in order; each of the first of them gets a second account.
  if (part === 'duplicate') return emailOf(of.rows - 1 - (person - rangeOf(of.ranges, 'duplicate').start));
  return emailOf(person);
}

function emailOf(person: number): string {
  return `person.${person}@example.com`;
}

type PersonFields = Required<Pick<RawRow, 'givenName' | 'familyName' | 'employeeId' | 'department' | 'managerId'>> & {
  readonly title: string;
};

function personFields(of: Made, person: number): PersonFields {
  const draw = mix(of.seed ^ person);
  return {
    givenName: pick(GIVEN, draw),
    familyName: `${pick(FAMILY, draw >>> 4)}-${pick(FAMILY, draw >>> 9)}`,
    employeeId: draw % 5 < 2 ? undefined : `E${person}`,
    title: pick(TITLES, draw >>> 13),
    department: pick(DEPARTMENTS, draw >>> 17),
    managerId: undefined,
  };
}

/** Ids as vendors make them: of one length, in no order. */
function idOf(of: Made, person: number): string {
  return `${mix(person ^ of.seed)
    .toString(16)
    .padStart(8, '0')}${person.toString(16).padStart(8, '0')}`;
}

function pick(words: readonly string[], draw: number): string {
  return words[draw % words.length] ?? '';
}

/** Thomas Mueller's integer hash: neighbours become strangers, and the same number gives the same one everywhere. */
function mix(value: number): number {
  let mixed = value >>> 0;
  mixed = Math.imul((mixed >>> 16) ^ mixed, 0x45d9f3b);
  mixed = Math.imul((mixed >>> 16) ^ mixed, 0x45d9f3b);
  return ((mixed >>> 16) ^ mixed) >>> 0;
}

/** Through the program's own border, as a source's rows go: spaces and capitals of an address end there. */
function made(raw: RawRow): RosterRow {
  const row = toRow(raw, POLICY);
  if (row === undefined) throw new Error('the data maker made a row without an id');
  return row;
}

function partOf(ranges: ReadonlyMap<Part, Range>, person: number): Part {
  for (const { part, start, end } of ranges.values()) if (person >= start && person < end) return part;
  throw new Error('a person in no part');
}

function rangeOf(ranges: ReadonlyMap<Part, Range>, part: Part): Range {
  const range = ranges.get(part);
  if (range === undefined) throw new Error(`no part ${part}`);
  return range;
}
