import fc from '../support/property.ts';
import type pg from 'pg';
import { describe, expect, test } from 'vitest';
import type { Case, IdentityCase } from '../../src/core/case.ts';
import { classify } from '../../src/core/classify.ts';
import type { Judging, RulePlan } from '../../src/core/policy.ts';
import { RULE_POLICY, RULES, type Rule } from '../../src/core/rule.ts';
import { serviceAccountsOf, type ServiceEntry } from '../../src/core/service-accounts.ts';
import { isConfigured } from '../../src/core/rule-options.ts';
import { accountCases, everyAccountCase } from '../../src/store/reconcile/account-cases.ts';
import type { ReconcileContext } from '../../src/store/reconcile/context.ts';
import { everyIdentityCase, identityCases } from '../../src/store/reconcile/identity-cases.ts';
import { linkPlain } from '../../src/store/reconcile/link-plain.ts';
import { loadOwners } from '../../src/store/reconcile/load-owners.ts';
import { saveJudgements } from '../../src/store/reconcile/save-judgements.ts';
import { collect, fullPlan, openContext, refKey, type WorldRow } from '../support/reconcile-world.ts';
import { build, calmWorld, world, type World } from '../support/random-world.ts';
import { openTestStore } from '../support/store.ts';

const TODAY = '2026-11-21';
const JUDGING = {
  now: '2026-11-21T10:00:00Z',
  today: TODAY,
  leaverGraceDays: 0,
};
const RUNS = 150;
/** Some accounts are listed, with owners who are on a list, were once, or never were. */
const ENTRIES: readonly ServiceEntry[] = [
  { source: 'nimble', account: 'a0', owner: 'a@example.com' },
  { source: 'nimble', account: 'a1', owner: 'p0', review: '2026-11-20' },
  { source: 'nimble', account: 'b@example.com', owner: 'p1', review: TODAY },
  { source: 'namely', account: 'a2', owner: 'ghost@example.com' },
  { source: 'people', account: 'a0', owner: 'c@example.com' },
];

async function judgingIn(context: ReconcileContext, { rules }: World): Promise<Judging> {
  const owners = await loadOwners(
    context,
    ENTRIES.map((entry) => entry.owner),
    JUDGING.today,
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

function keyOf({ sourceId, identity }: IdentityCase): string {
  return `${sourceId}:${identity.map((row) => refKey(row)).join()}`;
}

/** Whether the judgement of this case would leave a trace: a finding, something undecided, a link, a flag. */
function matters(of: Case, judging: Judging): boolean {
  const { charges, undecided, link } = classify(of, judging);
  if (charges.length > 0) return true;
  // What is undecided keeps findings as they are, and these identities have none; of accounts the report counts it.
  if (of.kind !== 'account') return false;
  if (undecided.length > 0) return true;
  if (link.kind === 'link' || link.kind === 'disputed' || link.kind === 'forget') return true;
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
      await linkPlain(context, TODAY);
      const cases = await collect(identityCases(context, plan, TODAY, given.rules.options));
      const every = await collect(everyIdentityCase(context, plan));
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
      linked += await linkPlain(context, TODAY);
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
      await linkPlain(context, TODAY);
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
  before: undefined,
  movedFrom: undefined,
} as const;

const AS_USUAL: Pick<World, 'plain' | 'rules'> = {
  plain: false,
  rules: {
    disabled: [],
    timezone: 'UTC',
    options: { missingAccount: new Map(), mismatchFields: [], preHireDays: 14, dormantDays: 45 },
  },
};

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
  ...AS_USUAL,
};

/** The id of the person came to somebody else: of the account that was linked to it nothing may be concluded. */
const REUSED_IDENTITY: World = {
  identities: [
    { at: 0, row: { ...JANE, ...plain, before: { email: 'a@example.com', aliases: [], givenName: 'Joan' } } },
  ],
  accounts: [{ at: 3, row: { ...JANE, ...plain, email: 'a@example.com' } }],
  links: [{ account: 0, identity: 0, rule: 'email' }],
  ...AS_USUAL,
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
      if (given.plain) await linkPlain(context, TODAY);
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
      { numRuns: RUNS, examples: [[ONE_ALONE], [REUSED_IDENTITY]] },
    );
  } finally {
    client.release();
  }
}
