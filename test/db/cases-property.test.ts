import fc from 'fast-check';
import type pg from 'pg';
import { describe, expect, test } from 'vitest';
import type { Case, IdentityCase, LinkRule, RowRef } from '../../src/core/case.ts';
import { classify } from '../../src/core/classify.ts';
import type { Judging, RulePlan } from '../../src/core/policy.ts';
import { RULE_POLICY, RULES, type Rule } from '../../src/core/rule.ts';
import { serviceAccountsOf, type ServiceEntry } from '../../src/core/service-accounts.ts';
import { expectationOf, isConfigured, MISMATCH_FIELDS } from '../../src/core/rule-options.ts';
import { accountCases, everyAccountCase } from '../../src/store/reconcile/account-cases.ts';
import type { ReconcileContext } from '../../src/store/reconcile/context.ts';
import { everyIdentityCase, identityCases } from '../../src/store/reconcile/identity-cases.ts';
import { linkPlain } from '../../src/store/reconcile/link-plain.ts';
import { loadOwners } from '../../src/store/reconcile/load-owners.ts';
import { saveJudgements } from '../../src/store/reconcile/save-judgements.ts';
import {
  collect,
  fullPlan,
  insertLink,
  insertRow,
  insertSources,
  openContext,
  refKey,
  type WorldRow,
} from '../support/reconcile-world.ts';
import { openTestStore } from '../support/store.ts';

const TODAY = '2026-11-21';
const JUDGING = {
  now: '2026-11-21T10:00:00Z',
  today: TODAY,
  leaverGraceDays: 0,
};
const SOURCES = [
  { name: 'directory', authoritative: true },
  { name: 'people', authoritative: true, audited: true },
  { name: 'former', authoritative: true, retired: true },
  { name: 'nimble' },
  { name: 'namely', correlateEmployeeId: true },
] as const;
const IDENTITY_SOURCES = [0, 0, 1, 2];
const ACCOUNT_SOURCES = [1, 3, 3, 4];
const RUNS = 150;

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
const world = fc.record(shape);
const calmWorld = fc.record(calm);
/** Some accounts are listed, with owners who are on a list, were once, or never were. */
const ENTRIES: readonly ServiceEntry[] = [
  { source: 'nimble', account: 'a0', owner: 'a@example.com' },
  { source: 'nimble', account: 'a1', owner: 'p0', review: '2026-11-20' },
  { source: 'nimble', account: 'b@example.com', owner: 'p1', review: TODAY },
  { source: 'namely', account: 'a2', owner: 'ghost@example.com' },
  { source: 'people', account: 'a0', owner: 'c@example.com' },
];
type World = typeof world extends fc.Arbitrary<infer T> ? T : never;

async function build(client: pg.PoolClient, { identities, accounts, links }: World): Promise<void> {
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

async function judgingIn(context: ReconcileContext, { rules }: World): Promise<Judging> {
  const owners = await loadOwners(
    context,
    ENTRIES.map((entry) => entry.owner),
  );
  return {
    ...JUDGING,
    ...rules,
    disabled: new Set(rules.disabled),
    serviceAccounts: serviceAccountsOf(ENTRIES, owners),
  };
}

/** As `planRules` makes it: nothing runs that is switched off, or not told what to look for. */
function planOf(context: ReconcileContext, { rules }: World): RulePlan {
  const { runs } = fullPlan(context);
  const isAsked = (rule: Rule, source: string): boolean =>
    !rules.disabled.includes(rule) && isConfigured(rule, source, rules.options);
  return {
    runs: runs.map((run) => ({ ...run, rules: run.rules.filter((rule) => isAsked(rule, run.source)) })),
    withheld: [],
  };
}

/** Whether the judgement of this case would leave a trace: a finding, something undecided, a link, a flag. */
function matters(of: Case, judging: Judging): boolean {
  const { charges, undecided, link } = classify(of, judging);
  if (charges.length > 0 || undecided.length > 0) return true;
  if (of.kind !== 'account') return false;
  if (link.kind === 'link' || link.kind === 'disputed') return true;
  return of.present && (of.wasDisputed || (link.kind === 'unmatched' && of.linked.length > 0));
}

/** What these look at is beside the account and its link: branches of the statement. */
const OF_RELATIONS: readonly Rule[] = ['manager_left', 'attribute_mismatch', 'dormant_account'];

describe('the proof of innocence', () => {
  test('what the statement skips, classify acquits: no charge, nothing undecided, no link to change', async () => {
    await using store = await openTestStore();
    const { charged, skipped, kept } = await compareIn(store.pool, world);
    // The worlds are of use only if the statement does skip, and does not skip everything.
    expect(skipped).toBeGreaterThan(RUNS / 4);
    expect(kept).toBeGreaterThan(RUNS / 4);
    const expected = RULES.filter((rule) => RULE_POLICY[rule].subject === 'account' && !OF_RELATIONS.includes(rule));
    expect(expected.filter((rule) => !charged.has(rule))).toEqual([]);
  });

  test('nor does it skip whom only a relation accuses, where nearly everybody is in order', async () => {
    await using store = await openTestStore();
    const { charged, skipped } = await compareIn(store.pool, calmWorld);
    expect(skipped).toBeGreaterThan(RUNS / 4);
    expect(OF_RELATIONS.filter((rule) => !charged.has(rule))).toEqual([]);
  });

  test('the same of identities: who is skipped has no two accounts, and none is missed', async () => {
    await using store = await openTestStore();
    const charged = new Set<Rule>();
    let skipped = 0;
    await inWorlds(store.pool, async (client, given) => {
      const context = await openContext(client);
      const plan = planOf(context, given);
      await linkPlain(context);
      const cases = await collect(identityCases(context, plan, TODAY, given.rules.options));
      const every = await collect(everyIdentityCase(context, plan));
      const keyOf = ({ sourceId, identity }: IdentityCase): string =>
        `${sourceId}:${identity.map((row) => refKey(row)).join()}`;
      const seen = new Set(cases.map(keyOf));
      expect(seen.size).toBe(cases.length);
      const judging = await judgingIn(context, given);
      expect(every.filter((of) => !seen.has(keyOf(of)) && matters(of, judging))).toEqual([]);
      for (const of of cases) for (const { rule } of classify(of, judging).charges) charged.add(rule);
      skipped += every.length - seen.size;
    });
    expect(skipped).toBeGreaterThan(RUNS / 4);
    expect([...charged]).toEqual(expect.arrayContaining(['missing_account', 'duplicate_account']));
  });

  test('what is linked in one statement, classify would have linked the same way', async () => {
    await using store = await openTestStore();
    let linked = 0;
    await inWorlds(store.pool, async (client, given) => {
      const context = await openContext(client);
      const plan = fullPlan(context);
      const before = await collect(everyAccountCase(context, plan, TODAY));
      linked += await linkPlain(context);
      const after = new Map((await collect(everyAccountCase(context, plan, TODAY))).map((of) => [refKey(of), of]));
      const judging = await judgingIn(context, given);
      for (const of of before.filter((each) => !each.authoritative)) {
        const now = after.get(refKey(of))?.link;
        if (now === undefined || of.link !== undefined) continue;
        expect(classify(of, judging).link).toMatchObject({ kind: 'link', identity: now.identity, rule: now.rule });
      }
    });
    expect(linked).toBeGreaterThan(RUNS / 15);
  });

  test('judging twice changes nothing the second time', async () => {
    await using store = await openTestStore();
    await inWorlds(store.pool, async (client, given) => {
      const context = await openContext(client);
      const plan = fullPlan(context);
      await linkPlain(context);
      const judging = await judgingIn(context, given);
      const state = [];
      for (let round = 0; round < 2; round += 1) {
        for await (const batch of accountCases(context, plan, TODAY)) {
          await saveJudgements(
            context,
            batch.map((of) => ({ of, judgement: classify(of, judging) })),
          );
        }
        const { rows: links } = await client.query('select * from rollcall.link order by 1, 2, 3, 4');
        const { rows: flags } = await client.query(
          'select source_id, external_id, disputed from rollcall.account order by 1, 2',
        );
        state.push({ links, flags });
      }
      expect(state[1]).toEqual(state[0]);
    });
  });
});

const JANE: WorldRow = { email: 'b@example.com', employeeId: '1', givenName: 'Jane', status: 'active', kind: 'human' };
const plain = {
  aliases: [],
  title: undefined,
  department: undefined,
  managerId: undefined,
  lastActiveAt: undefined,
  startDate: undefined,
  endDate: undefined,
  gone: false,
  disputed: false,
} as const;

/**
 * Two sources know Jane by one address, but one of them has a former row with it too: the two are not one person. Found by chance: the account
 * was linked to the one that has left, and then from it to itself.
 */
const ONE_ALONE: World = {
  identities: [{ at: 0, row: { ...JANE, ...plain, endDate: '2026-11-20' } }],
  accounts: [
    { at: 4, row: { ...JANE, ...plain, email: undefined } },
    { at: 1, row: { ...JANE, ...plain } },
    { at: 1, row: { ...JANE, ...plain, employeeId: undefined, givenName: 'Joan', gone: true } },
  ],
  links: [],
  plain: false,
  rules: {
    disabled: [],
    timezone: 'UTC',
    options: { missingAccount: new Map(), mismatchFields: [], preHireDays: 14, dormantDays: 45 },
  },
};

type Compared = { readonly charged: ReadonlySet<Rule>; readonly skipped: number; readonly kept: number };

async function compareIn(pool: pg.Pool, worlds: fc.Arbitrary<World>): Promise<Compared> {
  const charged = new Set<Rule>();
  let [skipped, kept] = [0, 0];
  await inWorlds(
    pool,
    async (client, given) => {
      const context = await openContext(client);
      const plan = planOf(context, given);
      if (given.plain) await linkPlain(context);
      const cases = await collect(accountCases(context, plan, TODAY, given.rules.options));
      const every = await collect(everyAccountCase(context, plan, TODAY));
      const seen = new Set(cases.map(refKey));
      const judging = await judgingIn(context, given);
      expect(every.filter((of) => !seen.has(refKey(of)) && matters(of, judging))).toEqual([]);
      for (const of of cases) for (const { rule } of classify(of, judging).charges) charged.add(rule);
      expect(cases.every((of) => every.some((other) => refKey(other) === refKey(of)))).toBe(true);
      kept += seen.size;
      skipped += every.length - seen.size;
    },
    worlds,
  );
  return { charged, skipped, kept };
}

/** Each random world in a transaction of its own that is rolled back. */
async function inWorlds(
  pool: pg.Pool,
  check: (client: pg.PoolClient, given: World) => Promise<void>,
  worlds: fc.Arbitrary<World> = world,
): Promise<void> {
  const client = await pool.connect();
  try {
    await fc.assert(
      fc.asyncProperty(worlds, async (given) => {
        await client.query('begin');
        try {
          await build(client, given);
          await check(client, given);
        } finally {
          await client.query('rollback');
        }
      }),
      { numRuns: RUNS, examples: [[ONE_ALONE]] },
    );
  } finally {
    client.release();
  }
}
