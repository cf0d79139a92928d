import type pg from 'pg';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { AccountCase, IdentityCase, RowRef } from '../../src/core/case.ts';
import { accountCases } from '../../src/store/reconcile/account-cases.ts';
import { identityCases } from '../../src/store/reconcile/identity-cases.ts';
import {
  alone,
  type Build,
  identity,
  inWorld,
  linked,
  owned,
  person,
  TODAY,
  TOMORROW,
  with_,
  YESTERDAY,
  account,
} from '../support/case-world.ts';
import { collect, fullPlan, insertLink, insertRow, insertSources, openContext } from '../support/reconcile-world.ts';
import { openTestStore, type TestStore } from '../support/store.ts';

const employeeSeven =
  (correlateEmployeeId: boolean): Build =>
  async (client, ids) => {
    const [app] = await insertSources(client, [{ name: 'app', correlateEmployeeId }]);
    await insertRow(client, app ?? 0, { externalId: 'a-1', email: undefined, employeeId: '7' });
    await insertRow(client, ids.directory, { ...person, employeeId: '7' });
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
    { name: 'linked to a row that is there no more', given: owned('n-1') },
    { name: 'inactive, of somebody of unknown status', given: linked({ status: 'inactive' }, { status: 'unknown' }) },
    { name: 'inactive, of somebody current', given: linked({ status: 'inactive' }, {}) },
    { name: 'usable after its own end date', given: linked({ endDate: YESTERDAY }, {}) },
    { name: 'marked as disputed', given: linked({ disputed: true }, {}) },
    { name: 'of an id that may be somebody else’s now', given: linked({ before: { email: 'm@example.com' } }, {}) },
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
    await inWorld(store.pool, alone({}), async (client) => {
      const context = await openContext(client);
      const plan = { ...fullPlan(context), runs: fullPlan(context).runs.filter((run) => run.source !== 'nimble') };
      expect(await collect(accountCases(context, plan, TODAY))).toEqual([]);
    });
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
      wasUndecided: false,
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
      supplanted: of.supplanted,
      findings: of.findings.length,
    }));
    expect(shown).toContainEqual({ identity: ['directory', 'people'], accounts: 2, supplanted: false, findings: 0 });
    expect(shown).toContainEqual({ identity: ['people'], accounts: 0, supplanted: true, findings: 1 });
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

async function accountsOf(build: Build): Promise<readonly AccountCase[]> {
  const cases: AccountCase[] = [];
  await inWorld(store.pool, build, async (client) => {
    const context = await openContext(client);
    cases.push(...(await collect(accountCases(context, fullPlan(context), TODAY))));
  });
  return cases.toSorted((a, b) => (nameOf(a.ref) < nameOf(b.ref) ? -1 : 1));
}

async function identitiesOf(build: Build): Promise<readonly IdentityCase[]> {
  const cases: IdentityCase[] = [];
  await inWorld(store.pool, build, async (client) => {
    const context = await openContext(client);
    cases.push(...(await collect(identityCases(context, fullPlan(context), TODAY))));
  });
  return cases;
}

function nameOf(ref: RowRef): string {
  return `${ref.sourceId}/${ref.externalId}`;
}
