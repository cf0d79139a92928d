import fc from './property.ts';
import type pg from 'pg';
import type { LinkRule, RowRef } from '../../src/core/case.ts';
import type { Rule } from '../../src/core/rule.ts';
import { expectationOf, MISMATCH_FIELDS } from '../../src/core/rule-options.ts';
import { insertLink, insertRow, insertSources, refKey, type WorldRow } from './reconcile-world.ts';

// Random companies for the proof of innocence, with random options of the rules.

const SOURCES = [
  { name: 'directory', authoritative: true },
  { name: 'people', authoritative: true, audited: true },
  { name: 'former', authoritative: true, retired: true },
  { name: 'nimble' },
  { name: 'namely', correlateEmployeeId: true },
] as const;
const IDENTITY_SOURCES = [0, 0, 1, 2];
const ACCOUNT_SOURCES = [1, 3, 3, 4];

// Few values, so that rows meet: the same address in two sources, an alias that is somebody's e-mail, a reused employee id.
const email = fc.constantFrom('a@example.com', 'b@example.com', 'c@example.com', 'd@example.com', 'not an address');
const date = fc.constantFrom('2026-11-20', '2026-11-21', '2026-11-22');
/** Near, and far enough ahead for an account to be too early. */
const startDate = fc.oneof(
  { weight: 3, arbitrary: date },
  { weight: 1, arbitrary: fc.constantFrom('2026-12-05', '2027-01-31') },
);
/** On both sides of 45 days before, by the hour: which day it was depends on the zone. */
const instant = fc.constantFrom(
  '2026-08-01T00:00:00Z',
  '2026-10-06T10:30:00.5Z',
  '2026-10-06T23:30:00Z',
  '2026-10-07T03:30:00Z',
  '2026-11-20T08:00:00Z',
);
const word = fc.constantFrom('Sales', ' SALES', 'Sáles', 'Marketing', 'İstanbul', 'ISTANBUL');
const maybe = <T>(value: fc.Arbitrary<T>) => fc.option(value, { nil: undefined, freq: 2 });
const nowAndThen = <T>(value: fc.Arbitrary<T>) =>
  fc.oneof({ weight: 14, arbitrary: fc.constant(undefined) }, { weight: 1, arbitrary: value });
const rarely = fc.oneof({ weight: 5, arbitrary: fc.constant(false) }, { weight: 1, arbitrary: fc.constant(true) });
const mostly = <T>(usual: T, ...others: readonly T[]) =>
  fc.oneof({ weight: 3, arbitrary: fc.constant(usual) }, { weight: 2, arbitrary: fc.constantFrom(...others) });

const worldRow = fc.record({
  email: fc.option(email, { nil: undefined, freq: 6 }),
  aliases: fc.oneof(
    { weight: 2, arbitrary: fc.constant([]) },
    { weight: 1, arbitrary: fc.array(email, { minLength: 1, maxLength: 1 }) },
  ),
  employeeId: maybe(fc.constantFrom('1', '2')),
  givenName: mostly('Jane', 'Joan'),
  status: mostly('active', 'inactive', 'pending', 'on_leave', 'unknown'),
  kind: mostly('human', 'service', 'unknown'),
  startDate: maybe(startDate),
  endDate: maybe(date),
  title: maybe(word),
  department: maybe(word),
  lastActiveAt: maybe(instant),
  gone: rarely,
  disputed: rarely,
  before: nowAndThen(fc.record({ email, aliases: fc.constant([]), givenName: fc.constantFrom('Jane', 'Joan') })),
  movedFrom: nowAndThen(fc.constantFrom('a0', 'a1', 'p0', 'p1')),
}) satisfies fc.Arbitrary<WorldRow>;

/** `manager`: which row of its own source; one too many is a manager who was never seen. */
type Place = { readonly at: number; readonly row: WorldRow; readonly manager?: number | undefined };
const placed = (sources: readonly number[]): fc.Arbitrary<Place> =>
  fc.record({ at: fc.constantFrom(...sources), row: worldRow, manager: maybe(fc.nat(3)) });
/**
 * A company in which nearly everybody is in order: what the relations of an account say (a manager, another list, a title) is seen where
 * nothing else makes it a case.
 */
const seldom = <T>(usual: T, ...others: readonly T[]) =>
  fc.oneof({ weight: 12, arbitrary: fc.constant(usual) }, { weight: 1, arbitrary: fc.constantFrom(...others) });
const calmRow = fc.record({
  email: fc.constant(undefined),
  aliases: fc.constant([]),
  status: seldom('active', 'inactive', 'inactive', 'unknown', 'pending'),
  kind: fc.constant('human'),
  startDate: seldom(undefined, '2026-11-22', '2027-01-31'),
  endDate: seldom(undefined, '2026-11-20'),
  title: maybe(word),
  department: maybe(word),
  lastActiveAt: maybe(instant),
  gone: seldom(false, true, true),
}) satisfies fc.Arbitrary<WorldRow>;
const calmlyPlaced = (sources: readonly number[]): fc.Arbitrary<Place> =>
  fc.record({ at: fc.constantFrom(...sources), row: calmRow, manager: fc.nat(3) });
const shape = {
  identities: fc.array(placed(IDENTITY_SOURCES), { maxLength: 5 }),
  accounts: fc.array(placed(ACCOUNT_SOURCES), { minLength: 1, maxLength: 5 }),
  links: fc.array(
    fc.record({
      account: fc.nat(9),
      identity: fc.nat(9),
      rule: fc.constantFrom<LinkRule | 'denied'>('email', 'alias', 'relinked', 'pinned', 'denied'),
    }),
    { maxLength: 5 },
  ),
  /** As the worker does before it asks for cases: most accounts are in order then. */
  plain: fc.boolean(),
  rules: fc.record({
    disabled: fc.subarray<Rule>(
      ['manager_left', 'attribute_mismatch', 'dormant_account', 'early_account', 'missing_account'],
      {
        maxLength: 2,
      },
    ),
    timezone: fc.constantFrom('UTC', 'Pacific/Kiritimati', 'Etc/GMT+12', 'America/New_York'),
    options: fc.record({
      missingAccount: fc
        .dictionary(
          fc.constantFrom('nimble', 'namely'),
          fc.constantFrom<Record<string, readonly string[]>>(
            {},
            { department: ['sales'] },
            { department: ['SALES', 'istanbul'], title: ['Marketing', 'sales'] },
            { status: ['Active', 'on_leave'] },
            { aliases: ['A@EXAMPLE.com'], email: ['b@example.com', 'c@example.com'] },
          ),
        )
        .map((named) => new Map(Object.entries(named).map(([name, fields]) => [name, expectationOf(fields)]))),
      mismatchFields: fc.subarray([...MISMATCH_FIELDS], { minLength: 1 }),
      preHireDays: fc.constantFrom(0, 14, 30),
      dormantDays: fc.constant(45),
    }),
  }),
};
const EMAILS = ['a@example.com', 'b@example.com', 'c@example.com', 'd@example.com'] as const;
/** Each with an address of its own in the list. */
const calmList = (at: number, sizes: { readonly minLength?: number; readonly maxLength: number }) =>
  fc
    .array(calmlyPlaced([at]), sizes)
    .map((places) => places.map((each, index): Place => ({ ...each, row: { ...each.row, email: EMAILS[index] } })));
const calm = {
  ...shape,
  // Who is on the second list is the same person as somebody on the first.
  identities: fc
    .tuple(calmList(0, { minLength: 2, maxLength: 4 }), calmList(1, { maxLength: 1 }))
    .map((lists) => lists.flat()),
  accounts: fc.array(calmlyPlaced([3, 3, 3, 1]), { minLength: 3, maxLength: 5 }),
  links: fc
    .array(fc.nat(4), { minLength: 5, maxLength: 5 })
    .map((owners) => owners.map((identity, account) => ({ account, identity, rule: 'email' as const }))),
  plain: fc.constant(true),
};
export const world = fc.record(shape);
export const calmWorld = fc.record(calm);
export type World = typeof world extends fc.Arbitrary<infer T> ? T : never;

export async function build(client: pg.PoolClient, { identities, accounts, links }: World): Promise<void> {
  const ids = await insertSources(client, SOURCES);
  const peersAt = (at: number): readonly string[] => [
    ...identities.flatMap((each, index) => (each.at === at ? [`p${index}`] : [])),
    ...accounts.flatMap((each, index) => (each.at === at ? [`a${index}`] : [])),
  ];
  const insertAll = async (rows: readonly Place[], prefix: string): Promise<readonly RowRef[]> => {
    const refs: RowRef[] = [];
    for (const [index, { at, row, manager }] of rows.entries()) {
      const managerId = manager === undefined ? undefined : (peersAt(at)[manager] ?? 'ghost');
      refs.push(await insertRow(client, ids[at] ?? 0, { ...row, managerId, externalId: `${prefix}${index}` }));
    }
    return refs;
  };
  const people = await insertAll(identities, 'p');
  const owned = await insertAll(accounts, 'a');
  const linked = new Set<string>();
  for (const link of links) {
    const account = owned[link.account % owned.length];
    const identity = people[link.identity % Math.max(1, people.length)];
    if (account === undefined || identity === undefined || account.sourceId === identity.sourceId) continue;
    const slot =
      link.rule === 'denied' ? `${refKey({ ref: account })}:${refKey({ ref: identity })}` : refKey({ ref: account });
    const pair = `${refKey({ ref: account })}:${refKey({ ref: identity })}`;
    if (linked.has(slot) || linked.has(pair)) continue;
    linked.add(slot).add(pair);
    await insertLink(client, account, identity, link.rule);
  }
}
