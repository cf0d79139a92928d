import type pg from 'pg';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { AccountCase, IdentityCase, IdentityRow, RowRef } from '../../src/core/case.ts';
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
  collect,
  fullPlan,
  insertLink,
  insertRow,
  insertSources,
  openContext,
  type WorldRow,
} from '../support/reconcile-world.ts';
import { openTestStore, type TestStore } from '../support/store.ts';

const TODAY = '2026-11-21';
const YESTERDAY = '2026-11-20';
const TOMORROW = '2026-11-22';
/** `directory` and `people` are authorities, in this order; `nimble` is an application. */
type Ids = { readonly directory: number; readonly people: number; readonly nimble: number };
type Build = (client: pg.PoolClient, ids: Ids) => Promise<void>;

const account: WorldRow = { externalId: 'n-1', email: 'jane@example.com' };
const person: WorldRow = { externalId: 'p-1', email: 'jane@example.com' };

/** Jane's account, linked to Jane. */
const linked =
  (of: WorldRow, to: WorldRow, source: 'directory' | 'people' = 'directory'): Build =>
  async (client, ids) => {
    const identity = await insertRow(client, ids[source], { ...person, ...to });
    await insertLink(client, await insertRow(client, ids.nimble, { ...account, ...of }), identity);
  };
const alone =
  (of: WorldRow): Build =>
  async (client, ids) => {
    await insertRow(client, ids.nimble, { ...account, ...of });
  };
const with_ =
  (...builds: readonly Build[]): Build =>
  async (client, ids) => {
    for (const build of builds) await build(client, ids);
  };
const identity =
  (source: 'directory' | 'people', row: WorldRow): Build =>
  async (client, ids) => {
    await insertRow(client, ids[source], { ...person, ...row });
  };

const employeeSeven =
  (correlateEmployeeId: boolean): Build =>
  async (client, ids) => {
    const [app] = await insertSources(client, [{ name: 'app', correlateEmployeeId }]);
    await insertRow(client, app ?? 0, { externalId: 'a-1', email: undefined, employeeId: '7' });
    await insertRow(client, ids.directory, { ...person, employeeId: '7' });
  };
const owned =
  (externalId: string, row: WorldRow = {}, to: keyof Ids = 'directory'): Build =>
  async (client, ids) => {
    const ref = await insertRow(client, ids.nimble, { externalId, email: `${externalId}@example.com`, ...row });
    await insertLink(client, ref, { sourceId: ids[to], externalId: person.externalId ?? '' });
  };

// One database for the file: each test builds its world in a transaction that is rolled back.
let store: TestStore;
beforeAll(async () => {
  store = await openTestStore();
});
afterAll(async () => {
  await store[Symbol.asyncDispose]();
});

describe('account cases', () => {
  const innocent: readonly { readonly name: string; readonly given: Build }[] = [
    { name: 'linked to somebody current', given: linked({}, {}) },
    { name: 'of unknown status, linked to somebody current', given: linked({ status: 'unknown' }, {}) },
    { name: 'linked to somebody on leave', given: linked({}, { status: 'on_leave' }) },
    { name: 'linked to somebody whose last day is today', given: linked({}, { endDate: TODAY }) },
    { name: 'linked to somebody who starts today', given: linked({}, { startDate: TODAY }) },
    { name: 'its own end date is today', given: linked({ endDate: TODAY }, {}) },
    { name: 'inactive, of somebody who has left', given: linked({ status: 'inactive' }, { status: 'inactive' }) },
    { name: 'inactive, of somebody who is gone', given: linked({ status: 'inactive' }, { gone: true }) },
    { name: 'inactive and nobody', given: alone({ status: 'inactive' }) },
    { name: 'an inactive service account of nobody', given: alone({ kind: 'service', status: 'inactive' }) },
    { name: 'gone', given: alone({ gone: true }) },
  ];
  test.each(innocent)('an account is no case when it is $name', async ({ given }) => {
    expect(await accountsOf(given)).toEqual([]);
  });

  const suspect: readonly { readonly name: string; readonly given: Build }[] = [
    { name: 'nobody', given: alone({}) },
    { name: 'a service account, whoever answers for it', given: linked({ kind: 'service' }, {}) },
    { name: 'a service account that is only invited', given: alone({ kind: 'service', status: 'pending' }) },
    { name: 'of unknown status and nobody', given: alone({ status: 'unknown' }) },
    { name: 'linked to somebody inactive', given: linked({}, { status: 'inactive' }) },
    { name: 'linked to somebody gone', given: linked({}, { gone: true }) },
    { name: 'linked to somebody whose last day was yesterday', given: linked({}, { endDate: YESTERDAY }) },
    { name: 'linked to somebody who starts tomorrow', given: linked({}, { startDate: TOMORROW }) },
    { name: 'linked to somebody pending', given: linked({}, { status: 'pending' }) },
    { name: 'linked to somebody of unknown status', given: linked({}, { status: 'unknown' }) },
    { name: 'inactive, of somebody of unknown status', given: linked({ status: 'inactive' }, { status: 'unknown' }) },
    { name: 'inactive, of somebody current', given: linked({ status: 'inactive' }, {}) },
    { name: 'usable after its own end date', given: linked({ endDate: YESTERDAY }, {}) },
    { name: 'marked as disputed', given: linked({ disputed: true }, {}) },
    {
      name: 'inactive and nobody yet, although somebody has its address',
      given: with_(alone({ status: 'inactive' }), identity('directory', {})),
    },
    {
      name: 'a service account that an alias leads to somebody',
      given: with_(
        alone({ kind: 'service', aliases: ['kim@example.com'] }),
        identity('directory', { email: 'kim@example.com' }),
      ),
    },
    {
      name: 'inactive, of somebody who has left here and works there under the same address',
      given: with_(
        linked({ status: 'inactive', email: 'old@example.com' }, { status: 'inactive' }),
        identity('people', {}),
      ),
    },
    {
      name: 'linked to a row that a row of an earlier source names now',
      given: with_(linked({}, {}, 'people'), identity('directory', {})),
    },
    {
      name: 'pinned to somebody of a source that is configured no longer',
      given: async (client) => {
        const [former, nimble] = await insertSources(client, [
          { name: 'former', authoritative: true, retired: true },
          { name: 'x' },
        ]);
        const to = await insertRow(client, former ?? 0, { ...person, status: 'inactive' });
        await insertLink(
          client,
          await insertRow(client, nimble ?? 0, { ...account, status: 'inactive' }),
          to,
          'pinned',
        );
      },
    },
  ];
  test.each(suspect)('an account is a case when it is $name', async ({ given }) => {
    const cases = await accountsOf(given);
    expect(cases.filter((of) => !of.authoritative)).toHaveLength(1);
  });

  test('a row of an authority is a case when it is usable after its own end date, and only then', async () => {
    const cases = await accountsOf(
      with_(
        identity('directory', { externalId: 'late', endDate: YESTERDAY }),
        identity('directory', { externalId: 'left', email: 'b@example.com', endDate: YESTERDAY, status: 'inactive' }),
        identity('directory', { externalId: 'fine', email: 'c@example.com' }),
      ),
    );
    expect(cases.map((of) => [of.ref.externalId, of.authoritative, of.candidates])).toEqual([['late', true, []]]);
  });

  test('an account with a living finding is a case, also when it is gone or in order again', async () => {
    const cases = await accountsOf(
      with_(alone({ gone: true }), linked({ externalId: 'n-2' }, {}), async (client, ids) => {
        await insertFinding(client, ids.nimble, { subject: 'n-1', rule: 'orphaned_account', status: 'open' });
        await insertFinding(client, ids.nimble, { subject: 'n-2', rule: 'leaver_account', status: 'held' });
        await insertFinding(client, ids.nimble, { subject: 'n-2', rule: 'orphaned_account', status: 'resolved' });
      }),
    );
    expect(
      cases.map((of) => [of.ref.externalId, of.present, of.findings.map((finding) => [finding.rule, finding.status])]),
    ).toEqual([
      ['n-1', false, [['orphaned_account', 'open']]],
      [
        'n-2',
        true,
        [
          ['leaver_account', 'held'],
          ['orphaned_account', 'resolved'],
        ],
      ],
    ]);
  });

  test('sources whose rules do not run have no cases', async () => {
    await inWorld(alone({}), async (client) => {
      const context = await openContext(client);
      const plan = { ...fullPlan(context), runs: fullPlan(context).runs.filter((run) => run.source !== 'nimble') };
      expect(await collect(accountCases(context, plan, TODAY))).toEqual([]);
    });
  });
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
    expect((await accountsOf(given, ALL_ON)).filter((of) => of.ref.externalId === 'n-1')).toEqual([]);
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
    expect((await accountsOf(given, ALL_ON)).filter((of) => of.ref.externalId === 'n-1')).toHaveLength(1);
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
    const shown = (rows: readonly IdentityRow[] | undefined) => rows?.map((row) => [row.ref.externalId, row.present]);
    const max = [
      ['d-9', true],
      ['h-9', false],
    ];
    expect(shown(of?.manager?.linked)).toEqual(max);
    expect(shown(of?.linked[0]?.manager)).toEqual(max);
  });

  test('a manager’s account without a link shows whom its keys lead to, but for those who are denied', async () => {
    const cases = await accountsOf(
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
    const of = cases.find((each) => each.ref.externalId === 'n-1');
    expect(of?.manager?.linked).toEqual([]);
    expect(of?.manager?.candidates.map(({ ref }) => ref.externalId)).toEqual(['d-8']);
  });

  test('managers are not loaded where no rule looks at them', async () => {
    await inWorld(
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
  const missing = async (build: Build, fields: Readonly<Record<string, readonly string[]>> = {}) => {
    const options = { ...ALL_ON, missingAccount: new Map([['nimble', expectationOf(fields)]]) };
    const cases = await identitiesOf(build, options);
    return cases.map((of) => of.identity.map((row) => row.ref.externalId));
  };

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

describe('what an account case shows', () => {
  test('row, link, linked rows with their mark, and nothing of SQL', async () => {
    const [of] = await accountsOf(
      linked(
        { aliases: ['j@example.com'], role: 'admin', privileged: true },
        { status: 'inactive', leftOn: YESTERDAY },
      ),
    );
    expect(of).toMatchObject({
      kind: 'account',
      sourceName: 'nimble',
      authoritative: false,
      present: true,
      wasDisputed: false,
      row: { externalId: 'n-1', aliases: ['j@example.com'], role: 'admin', privileged: true, status: 'active' },
      link: { identity: { externalId: 'p-1' }, rule: 'email' },
      linked: [{ sourceName: 'directory', sourceRank: 0, present: true, leftOn: YESTERDAY, leftBy: 'status' }],
    });
    expect(JSON.stringify(of)).not.toContain('null');
  });

  test('candidates by the strongest key each, denied people left out with all their rows', async () => {
    const [of] = await accountsOf(
      with_(
        identity('directory', { externalId: 'by-email' }),
        identity('directory', { externalId: 'by-alias', email: 'x@example.com', aliases: ['jane@example.com'] }),
        identity('directory', { externalId: 'both', email: 'jane@example.com', aliases: ['j2@example.com'] }),
        identity('directory', { externalId: 'denied', email: 'd@example.com' }),
        identity('people', { externalId: 'denied-too', email: 'd@example.com' }),
        identity('directory', { externalId: 'stranger', email: 'else@example.com' }),
        async (client, ids) => {
          const ref = await insertRow(client, ids.nimble, { ...account, aliases: ['j2@example.com', 'd@example.com'] });
          await insertLink(client, ref, { sourceId: ids.directory, externalId: 'denied' }, 'denied');
        },
      ),
    );
    expect(of?.candidates.map(({ identity: { ref }, by }) => [ref.externalId, by])).toEqual([
      ['both', 'email'],
      ['by-email', 'email'],
      ['by-alias', 'alias'],
    ]);
    expect(of?.link).toBeUndefined();
  });

  test('a candidate brings the rows of the same person in other authorities', async () => {
    const [of] = await accountsOf(
      with_(
        identity('directory', {
          externalId: 'd',
          email: 'x@example.com',
          aliases: ['jane@example.com'],
          status: 'inactive',
        }),
        identity('people', { externalId: 'h', email: 'x@example.com' }),
        alone({}),
      ),
    );
    expect(of?.candidates.map(({ identity: { ref }, by }) => [ref.externalId, by])).toEqual([
      ['d', 'alias'],
      ['h', 'alias'],
    ]);
  });

  test('two rows of one authority with the same address have nobody merged with them', async () => {
    const [of] = await accountsOf(
      with_(
        linked({}, { status: 'inactive' }, 'people'),
        identity('directory', { externalId: 'd-1' }),
        identity('directory', { externalId: 'd-2' }),
      ),
    );
    expect(of?.linked.map(({ ref }) => ref.externalId)).toEqual(['p-1']);
  });

  test('employee ids lead to candidates only where the source says so', async () => {
    const [asked] = await accountsOf(employeeSeven(true));
    const [notAsked] = await accountsOf(employeeSeven(false));
    expect(asked?.candidates.map((candidate) => candidate.by)).toEqual(['employee_id']);
    expect(notAsked?.candidates).toEqual([]);
  });

  test('a shared alias of very many people shows fifty of them', async () => {
    const [of] = await accountsOf(
      with_(alone({}), async (client, ids) => {
        for (let n = 0; n < 60; n += 1) {
          await insertRow(client, ids.directory, {
            externalId: `p${n}`,
            email: `p${n}@example.com`,
            aliases: ['jane@example.com'],
          });
        }
      }),
    );
    expect(of?.candidates).toHaveLength(50);
  });
});

describe('identity cases', () => {
  test('two usable accounts of one identity are a case with all its present accounts', async () => {
    const cases = await identitiesOf(
      with_(
        identity('directory', {}),
        owned('n-1'),
        owned('n-2', { status: 'unknown' }),
        owned('n-3', { status: 'inactive' }),
        owned('n-4', { gone: true }),
      ),
    );
    expect(cases).toMatchObject([
      {
        sourceName: 'nimble',
        identity: [{ ref: { externalId: 'p-1' } }],
        accounts: [{ externalId: 'n-1' }, { externalId: 'n-2' }, { externalId: 'n-3' }],
        findings: [],
      },
    ]);
  });

  test('one usable account is no case', async () => {
    const given = with_(
      identity('directory', {}),
      owned('n-1'),
      owned('n-2', { status: 'inactive' }),
      owned('n-3', { gone: true }),
    );
    expect(await identitiesOf(given)).toEqual([]);
  });

  test('accounts linked to two rows of one person count together, under the row of the earlier source', async () => {
    const given = with_(identity('people', {}), identity('directory', {}), owned('n-1'), owned('n-2', {}, 'people'));
    const cases = await identitiesOf(given);
    expect(cases.map((of) => of.identity.map((row) => row.sourceName))).toEqual([['directory', 'people']]);
    expect(cases[0]?.accounts.map((row) => row.externalId)).toEqual(['n-1', 'n-2']);
  });

  test('a living finding keeps its identity a case; one of a row that another names now is shown without accounts', async () => {
    const cases = await identitiesOf(
      with_(identity('people', {}), identity('directory', {}), owned('n-1'), owned('n-2'), async (client, ids) => {
        await insertFinding(client, ids.nimble, {
          subject: `${ids.people}/p-1`,
          rule: 'duplicate_account',
          status: 'open',
        });
      }),
    );
    const shown = cases.map((of) => ({
      identity: of.identity.map((row) => row.sourceName),
      accounts: of.accounts.length,
      findings: of.findings.length,
    }));
    expect(shown).toContainEqual({ identity: ['directory', 'people'], accounts: 2, findings: 0 });
    expect(shown).toContainEqual({ identity: ['people'], accounts: 0, findings: 1 });
    expect(shown).toHaveLength(2);
  });
});

type Finding = { readonly subject: string; readonly rule: string; readonly status: string };

async function insertFinding(client: pg.PoolClient, sourceId: number, finding: Finding): Promise<void> {
  const { subject, rule, status } = finding;
  await client.query(
    `insert into rollcall.finding
            (fingerprint, source_id, rule, subject, severity, status, summary, evidence, charge_digest,
             first_detected_at, opened_at, resolved_at, report_id)
     values ($1, $2, $3, $4, 'high', $5, 's', '{}', 'd', now(), now(), case when $5 = 'resolved' then now() end, 1)`,
    [`${sourceId}:${rule}:${subject}`, sourceId, rule, subject, status],
  );
}

async function accountsOf(build: Build, options?: RuleOptions): Promise<readonly AccountCase[]> {
  const cases: AccountCase[] = [];
  await inWorld(build, async (client) => {
    const context = await openContext(client);
    cases.push(...(await collect(accountCases(context, planOf(context, options), TODAY, options))));
  });
  return cases.toSorted((a, b) => (nameOf(a.ref) < nameOf(b.ref) ? -1 : 1));
}

async function identitiesOf(build: Build, options?: RuleOptions): Promise<readonly IdentityCase[]> {
  const cases: IdentityCase[] = [];
  await inWorld(build, async (client) => {
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

function nameOf(ref: RowRef): string {
  return `${ref.sourceId}/${ref.externalId}`;
}

async function inWorld(build: Build, check: (client: pg.PoolClient) => Promise<void>): Promise<void> {
  const client = await store.pool.connect();
  try {
    await client.query('begin');
    const [directory = 0, people = 0, nimble = 0] = await insertSources(client, [
      { name: 'directory', authoritative: true },
      { name: 'people', authoritative: true },
      { name: 'nimble' },
    ]);
    await build(client, { directory, people, nimble });
    await check(client);
  } finally {
    await client.query('rollback');
    client.release();
  }
}
