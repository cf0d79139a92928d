import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { AccountCase, IdentityCase, IdentityRow } from '../../src/core/case.ts';
import type { RulePlan } from '../../src/core/policy.ts';
import {
  DEFAULT_OPTIONS,
  expectationOf,
  isConfigured,
  MISMATCH_FIELDS,
  type RuleOptions,
} from '../../src/core/rule-options.ts';
import { accountCases } from '../../src/store/reconcile/account-cases.ts';
import type { ReconcileContext } from '../../src/store/reconcile/context.ts';
import { identityCases } from '../../src/store/reconcile/identity-cases.ts';
import {
  type Build,
  identity,
  type Ids,
  inWorld,
  linked,
  owned,
  TODAY,
  TOMORROW,
  with_,
  YESTERDAY,
} from '../support/case-world.ts';
import { collect, fullPlan, insertLink, insertRow, openContext, type WorldRow } from '../support/reconcile-world.ts';
import { openTestStore, type TestStore } from '../support/store.ts';

// One database for the file: each test builds its world in a transaction that is rolled back.
let store: TestStore;
beforeAll(async () => {
  store = await openTestStore();
});
afterAll(async () => {
  await store[Symbol.asyncDispose]();
});

/** All that is off by default is on. */
const ALL_ON: RuleOptions = {
  missingAccount: new Map([['nimble', expectationOf({})]]),
  mismatchFields: MISMATCH_FIELDS,
  preHireDays: 14,
  dormantDays: 45,
};
const OLD = '2026-10-06T23:59:59Z';
const manager = (source: keyof Ids, row: WorldRow): Build => {
  const fields = { externalId: 'm-1', email: 'max@example.com', ...row };
  return async (client, ids) => {
    await insertRow(client, ids[source], fields);
  };
};
/** Jane's account linked to her row on the first list, which a row of the second list with her address is the same person as. */
const onTwoLists = (row: WorldRow): Build => with_(linked({ title: 'Rep' }, { title: 'Rep' }), identity('people', row));

describe('account cases by their relations', () => {
  const innocent: readonly { readonly name: string; readonly given: Build }[] = [
    {
      name: 'the manager there is active',
      given: with_(linked({ managerId: 'm-1' }, {}), manager('nimble', { status: 'pending' })),
    },
    { name: 'the manager there was never seen', given: linked({ managerId: 'ghost' }, {}) },
    {
      name: 'an inactive manager of another source has that id',
      given: with_(linked({ managerId: 'm-1' }, {}), manager('directory', { gone: true })),
    },
    {
      name: 'the manager on the list is on leave',
      given: with_(linked({}, { managerId: 'm-1' }), manager('directory', { status: 'on_leave' })),
    },
    {
      name: 'the last day of the manager on the list is today',
      given: with_(linked({}, { managerId: 'm-1' }), manager('directory', { endDate: TODAY })),
    },
    { name: 'the manager on the list was never seen', given: linked({}, { managerId: 'ghost' }) },
    {
      name: 'title and department differ in case alone',
      given: linked({ title: 'REP', department: 'sales' }, { title: 'Rep', department: 'Sales' }),
    },
    { name: 'one side has no title', given: linked({ title: 'Rep' }, { department: 'Sales' }) },
    { name: 'it was used yesterday', given: linked({ lastActiveAt: '2026-11-20T08:00:00Z' }, {}) },
    { name: 'nobody knows when it was used', given: linked({}, {}) },
  ];
  test.each(innocent)('an account is no case when $name', async ({ given }) => {
    expect(await accountsOf(given, ALL_ON)).toEqual([]);
  });

  const suspect: readonly { readonly name: string; readonly given: Build }[] = [
    {
      name: 'the manager there is gone',
      given: with_(linked({ managerId: 'm-1' }, {}), manager('nimble', { gone: true })),
    },
    {
      name: 'the manager there is inactive',
      given: with_(linked({ managerId: 'm-1' }, {}), manager('nimble', { status: 'inactive' })),
    },
    {
      name: 'the manager on the list is gone',
      given: with_(linked({}, { managerId: 'm-1' }), manager('directory', { gone: true })),
    },
    {
      name: 'the manager on the list is inactive',
      given: with_(linked({}, { managerId: 'm-1' }), manager('directory', { status: 'inactive' })),
    },
    {
      name: 'the manager on the list left yesterday',
      given: with_(linked({}, { managerId: 'm-1' }), manager('directory', { endDate: YESTERDAY })),
    },
    {
      name: 'the manager on the list is of unknown status',
      given: with_(linked({}, { managerId: 'm-1' }), manager('directory', { status: 'unknown' })),
    },
    {
      name: 'the manager on the other list is gone',
      given: with_(onTwoLists({ managerId: 'm-1' }), manager('people', { gone: true })),
    },
    { name: 'the title differs', given: linked({ title: 'Rep' }, { title: 'Lead' }) },
    { name: 'the title differs on the other list', given: onTwoLists({ title: 'Lead' }) },
    {
      name: 'it is inactive and the department differs',
      given: linked({ status: 'inactive', department: 'Sales' }, { status: 'inactive', department: 'IT' }),
    },
    {
      name: 'an accent differs: only the program folds it',
      given: linked({ department: 'Säles' }, { department: 'Sales' }),
    },
    {
      name: 'the manager’s account there belongs to nobody yet',
      given: with_(linked({ managerId: 'm-1' }, { managerId: 'm-1' }), manager('nimble', {}), manager('directory', {})),
    },
    { name: 'it was not used for long', given: linked({ lastActiveAt: OLD }, {}) },
    {
      name: 'it was not used for long somewhere on earth',
      given: linked({ lastActiveAt: '2026-10-07T11:59:59Z' }, {}),
    },
  ];
  test.each(suspect)('an account is a case when $name', async ({ given }) => {
    expect(await accountsOf(given, ALL_ON)).toHaveLength(1);
  });

  test('what is off by default asks nothing', async () => {
    const given = linked({ title: 'Rep', lastActiveAt: OLD }, { title: 'Lead' });
    expect(await accountsOf(given)).toEqual([]);
  });

  test('a case shows the manager’s row there, whom it is linked to, and the managers whom the lists name with all their rows', async () => {
    const [of] = await accountsOf(
      with_(
        linked({ status: 'inactive', managerId: 'm-1' }, { managerId: 'd-9' }),
        identity('directory', { externalId: 'd-9', email: 'max@example.com' }),
        identity('people', { externalId: 'h-9', email: 'max@example.com', gone: true }),
        async (client, ids) => {
          const ref = await insertRow(client, ids.nimble, { externalId: 'm-1', gone: true, email: 'm@example.com' });
          await insertLink(client, ref, { sourceId: ids.directory, externalId: 'd-9' });
        },
      ),
    );
    expect(of?.manager).toMatchObject({ row: { externalId: 'm-1' }, present: false, candidates: [] });
    const max = [
      ['d-9', true],
      ['h-9', false],
    ];
    expect(shown(of?.manager?.linked)).toEqual(max);
    expect(shown(of?.linked[0]?.manager)).toEqual(max);
  });

  test('a manager’s account without a link shows whom its keys lead to, but for those who are denied', async () => {
    const [of] = await accountsOf(
      with_(
        linked({ status: 'inactive', managerId: 'm-1' }, {}),
        identity('directory', { externalId: 'd-8', email: 'a@example.com', aliases: ['m@example.com'] }),
        identity('directory', { externalId: 'd-9', email: 'b@example.com', aliases: ['m@example.com'] }),
        async (client, ids) => {
          const ref = await insertRow(client, ids.nimble, { externalId: 'm-1', email: 'm@example.com' });
          await insertLink(client, ref, { sourceId: ids.directory, externalId: 'd-9' }, 'denied');
        },
      ),
    );
    expect(of?.manager?.linked).toEqual([]);
    expect(of?.manager?.candidates.map(({ ref }) => ref.externalId)).toEqual(['d-8']);
  });

  test('managers are not loaded where no rule looks at them', async () => {
    await inWorld(
      store.pool,
      with_(linked({ status: 'inactive', managerId: 'm-1' }, {}), manager('nimble', {})),
      async (client) => {
        const context = await openContext(client);
        const runs = fullPlan(context).runs.map((run) => ({ ...run, rules: ['inactive_account'] as const }));
        const cases = await collect(accountCases(context, { runs, withheld: [] }, TODAY));
        expect(cases.map((of) => [of.ref.externalId, of.manager])).toContainEqual(['n-1', undefined]);
      },
    );
  });
});

describe('identity cases of missing accounts', () => {
  test.each<[string, Build, readonly (readonly string[])[]]>([
    ['somebody without an account', identity('directory', {}), [['p-1']]],
    ['somebody whose account is gone', with_(identity('directory', {}), owned('n-1', { gone: true })), [['p-1']]],
    ['of unknown status', identity('directory', { status: 'unknown' }), [['p-1']]],
    ['starts today', identity('directory', { startDate: TODAY }), [['p-1']]],
    ['starts tomorrow', identity('directory', { startDate: TOMORROW }), []],
    ['left yesterday', identity('directory', { endDate: YESTERDAY }), []],
    ['inactive', identity('directory', { status: 'inactive' }), []],
    ['gone', identity('directory', { gone: true }), []],
    ['has an account', with_(identity('directory', {}), owned('n-1')), []],
    ['has an inactive account', with_(identity('directory', {}), owned('n-1', { status: 'inactive' })), []],
    [
      'known to two lists, under the first',
      with_(identity('people', { externalId: 'h-1' }), identity('directory', {})),
      [['p-1', 'h-1']],
    ],
    [
      'known to two lists, with an account linked to the second',
      with_(identity('people', {}), identity('directory', { externalId: 'd-1' }), owned('n-1', {}, 'people')),
      [],
    ],
  ])('%s', async (_name, build, expected) => {
    expect(await missing(build)).toEqual(expected);
  });

  test.each<[string, WorldRow, Readonly<Record<string, readonly string[]>>, boolean]>([
    ['the accepted value', { department: 'Sales' }, { department: ['SALES'] }, true],
    ['another value', { department: 'IT' }, { department: ['sales'] }, false],
    ['no value', {}, { department: ['sales'] }, false],
    ['a value that only the program folds', { department: 'Säles' }, { department: ['sales'] }, true],
    [
      'an accepted value with an accent, which the row has not',
      { department: 'Sales' },
      { department: ['Säles'] },
      true,
    ],
    ['spaces within', { department: 'Sales  Ops' }, { department: ['sales ops'] }, true],
    ['an address', {}, { email: ['JANE@example.com'] }, true],
    ['an alias', { aliases: ['j@example.com'] }, { aliases: ['x@example.com', 'j@example.com'] }, true],
    ['no alias', {}, { aliases: ['j@example.com'] }, false],
    ['privileged', { privileged: true }, { privileged: ['true'] }, true],
    ['a date', { startDate: '2020-01-31' }, { start_date: ['2020-01-31'] }, true],
  ])('%s', async (_name, row, fields, expected) => {
    expect(await missing(identity('directory', row), fields)).toEqual(expected ? [['p-1']] : []);
  });

  test('each row of a person may have one of the values: then none is skipped', async () => {
    const rows = with_(
      identity('directory', { department: 'Sales' }),
      identity('people', { externalId: 'h-1', title: 'Rep' }),
    );
    expect(await missing(rows, { department: ['sales'], title: ['rep'] })).toEqual([['p-1', 'h-1']]);
  });
});

/** Jane's account, if it is a case: others of a world are there for her sake. */
async function accountsOf(build: Build, options?: RuleOptions): Promise<readonly AccountCase[]> {
  const cases: AccountCase[] = [];
  await inWorld(store.pool, build, async (client) => {
    const context = await openContext(client);
    cases.push(...(await collect(accountCases(context, planOf(context, options), TODAY, options))));
  });
  return cases.filter((of) => of.ref.externalId === 'n-1');
}

async function identitiesOf(build: Build, options?: RuleOptions): Promise<readonly IdentityCase[]> {
  const cases: IdentityCase[] = [];
  await inWorld(store.pool, build, async (client) => {
    const context = await openContext(client);
    cases.push(...(await collect(identityCases(context, planOf(context, options), TODAY, options))));
  });
  return cases;
}

/** As `planRules` makes it: rules that are not told what to look for do not run. */
function planOf(context: ReconcileContext, options: RuleOptions = DEFAULT_OPTIONS): RulePlan {
  const runs = fullPlan(context).runs.map((run) => ({
    ...run,
    rules: run.rules.filter((rule) => isConfigured(rule, run.source, options)),
  }));
  return { runs, withheld: [] };
}

function shown(rows: readonly IdentityRow[] | undefined): unknown {
  return rows?.map((row) => [row.ref.externalId, row.present]);
}

/** Ids of the people who are cases, where whoever has these values is expected to have an account. */
async function missing(build: Build, fields: Readonly<Record<string, readonly string[]>> = {}): Promise<unknown> {
  const options = { ...ALL_ON, missingAccount: new Map([['nimble', expectationOf(fields)]]) };
  const cases = await identitiesOf(build, options);
  return cases.map((of) => of.identity.map((row) => row.ref.externalId));
}
