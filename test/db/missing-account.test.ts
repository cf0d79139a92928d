import { describe, expect, test } from 'vitest';
import { DEFAULT_OPTIONS, expectationOf, type RuleOptions } from '../../src/core/rule-options.ts';
import { account, person, upTo } from '../support/people.ts';
import { openWorkerWorld, type WorkerWorld } from '../support/worker.ts';

const expecting = (source: string, fields: Readonly<Record<string, readonly string[]>> = {}): RuleOptions => ({
  ...DEFAULT_OPTIONS,
  missingAccount: new Map([[source, expectationOf(fields)]]),
});

/** Five people; the first four have an account, and everybody is expected to. */
async function aCompany(): Promise<WorkerWorld> {
  const world = await openWorkerWorld();
  world.identities = upTo(5).map((number) => person(number));
  world.accounts = upTo(4).map((number) => account(number));
  world.ruleOptions = expecting('crm');
  return world;
}

describe('missing_account', () => {
  test('opens for who is expected and has no account, and ends when one is linked', async () => {
    await using world = await aCompany();
    await world.run('2026-11-10T08:00:00Z');
    expect(await world.findings()).toEqual(['missing_account d5 open']);
    const { rows } = await world.store.pool.query(
      `select source, severity, account_id, identity_source, identity_email, evidence ->> 'expected' as expected
         from rollcall.drift_findings`,
    );
    expect(rows).toEqual([
      {
        source: 'crm',
        severity: 'low',
        account_id: null,
        identity_source: 'directory',
        identity_email: 'p5@example.com',
        expected: 'everybody',
      },
    ]);
    world.accounts = upTo(5).map((number) => account(number));
    await world.run('2026-11-10T09:00:00Z');
    expect(await world.findings()).toEqual(['missing_account d5 resolved linked']);
  });

  test('an inactive account is an account, one that is gone is none', async () => {
    await using world = await aCompany();
    world.accounts = [...world.accounts, account(5, { status: 'inactive' })];
    await world.run('2026-11-10T08:00:00Z');
    expect(await world.findings()).toEqual(['inactive_account a5 open']);
    world.accounts = upTo(4).map((number) => account(number));
    await world.run('2026-11-10T09:00:00Z');
    expect(await world.findings()).toContain('missing_account d5 open');
    expect(world.messages.at(-1)).toContain('1 person has no account where one is expected');
  });

  test('only who has the accepted values is expected, whatever the case and the accents', async () => {
    await using world = await aCompany();
    world.accounts = [account(1)];
    const departments = ['Säles', ' SALES ', 'Finance', undefined, 'Marketing'];
    world.identities = upTo(5).map((number) => person(number, { department: departments[number - 1]?.trim() }));
    world.ruleOptions = expecting('crm', { department: ['sales', 'märketing'] });
    await world.run('2026-11-10T08:00:00Z');
    expect(await world.findings()).toEqual(['missing_account d2 open', 'missing_account d5 open']);
    world.identities = upTo(5).map((number) => person(number, { department: number === 2 ? 'Finance' : 'Sales' }));
    await world.run('2026-11-10T09:00:00Z');
    expect(await world.findings()).toEqual([
      'missing_account d2 resolved record changed',
      'missing_account d3 open',
      'missing_account d4 open',
      'missing_account d5 open',
    ]);
  });

  test('opens on the day the person starts, and ends when the person leaves', async () => {
    await using world = await aCompany();
    const starting = (overrides: Parameters<typeof person>[1]) => {
      world.identities = [...upTo(4).map((number) => person(number)), person(5, overrides)];
    };
    starting({ startDate: '2026-11-12' });
    await world.run('2026-11-11T08:00:00Z');
    expect(await world.findings()).toEqual([]);
    await world.run('2026-11-12T08:00:00Z');
    expect(await world.findings()).toEqual(['missing_account d5 open']);
    starting({ startDate: '2026-11-12', status: 'unknown' });
    await world.run('2026-11-12T09:00:00Z');
    expect(await world.findings()).toEqual(['missing_account d5 open']);
    starting({ startDate: '2026-11-12', status: 'inactive' });
    await world.run('2026-11-12T10:00:00Z');
    expect(await world.findings()).toEqual(['missing_account d5 resolved record changed']);
  });

  test('a listing that is cut, empty or refused proves nobody missing, and the report says what was withheld', async () => {
    await using world = await aCompany();
    world.accounts = [account(1)];
    world.accountsEnd = { outcome: { kind: 'broken', code: 'source-contract', detail: 'page 2 is missing' } };
    await world.run('2026-11-10T08:00:00Z');
    expect(await world.findings()).toEqual([]);
    const { rows } = await world.store.pool.query<{ withheld: readonly { readonly rules: readonly string[] }[] }>(
      'select withheld from rollcall.drift_reports order by id desc limit 1',
    );
    expect(rows[0]?.withheld[0]?.rules).toContain('missing_account');
  });

  test('an identity list that cannot be read neither opens nor ends one', async () => {
    await using world = await aCompany();
    await world.run('2026-11-10T08:00:00Z');
    world.accounts = upTo(5).map((number) => account(number));
    world.identities = [];
    world.identitiesEnd = { outcome: { kind: 'broken', code: 'source-auth', detail: 'the token was refused' } };
    await world.run('2026-11-10T09:00:00Z');
    expect(await world.findings()).toEqual(['missing_account d5 open']);
  });

  test('an account that several people could own is no proof that one of them has none', async () => {
    await using world = await aCompany();
    const shared = ['team@example.com'];
    world.identities = [
      ...upTo(3).map((number) => person(number)),
      person(4, { aliases: shared }),
      person(5, { aliases: shared }),
    ];
    world.accounts = [...upTo(3).map((number) => account(number)), account(9, { email: 'team@example.com' })];
    await world.run('2026-11-10T08:00:00Z');
    expect(await world.findings()).toEqual(['disputed_account a9 open']);
    // A person says that it is not the fifth's: then it is the fourth's, and the fifth has none.
    await world.store.pool.query(
      `insert into rollcall.link (source_id, external_id, identity_source_id, identity_external_id, rule, evidence, created_at)
       select a.source_id, a.external_id, i.source_id, i.external_id, 'denied', '{}', now()
         from rollcall.account a, rollcall.account i where a.external_id = 'a9' and i.external_id = 'd5'`,
    );
    await world.store.pool.query(
      `insert into rollcall.dirty select source_id, external_id from rollcall.account where external_id = 'a9'`,
    );
    await world.run('2026-11-10T09:00:00Z');
    expect(await world.findings()).toEqual(['disputed_account a9 resolved linked', 'missing_account d5 open']);
  });

  test('a disputed account that is gone is no reason to wait', async () => {
    await using world = await aCompany();
    const shared = ['team@example.com'];
    const people = upTo(3).map((number) => person(number));
    world.identities = [...people, person(4, { aliases: shared }), person(5, { aliases: shared })];
    const accounts = upTo(3).map((number) => account(number));
    world.accounts = [...accounts, account(9, { email: 'team@example.com' })];
    await world.run('2026-11-10T08:00:00Z');
    world.accounts = accounts;
    await world.run('2026-11-10T09:00:00Z');
    expect(await world.findings()).toEqual([
      'disputed_account a9 resolved account gone',
      'missing_account d4 open',
      'missing_account d5 open',
    ]);
  });

  test('a denied account is none, also while others dispute it', async () => {
    await using world = await aCompany();
    const shared = ['team@example.com'];
    world.identities = [
      ...upTo(2).map((number) => person(number)),
      ...[3, 4, 5].map((n) => person(n, { aliases: shared })),
    ];
    world.accounts = [...upTo(2).map((number) => account(number)), account(9, { email: 'team@example.com' })];
    world.ruleOptions = DEFAULT_OPTIONS;
    await world.run('2026-11-10T08:00:00Z');
    await world.store.pool.query(
      `insert into rollcall.link (source_id, external_id, identity_source_id, identity_external_id, rule, evidence, created_at)
       select a.source_id, a.external_id, i.source_id, i.external_id, 'denied', '{}', now()
         from rollcall.account a, rollcall.account i where a.external_id = 'a9' and i.external_id = 'd5'`,
    );
    await world.store.pool.query(
      `insert into rollcall.dirty select source_id, external_id from rollcall.account where external_id = 'a9'`,
    );
    world.ruleOptions = expecting('crm');
    await world.run('2026-11-10T09:00:00Z');
    expect(await world.findings()).toEqual(['disputed_account a9 open', 'missing_account d5 open']);
  });

  test('ends as switched off when the rule is, and when the configuration no longer names the application', async () => {
    await using world = await aCompany();
    await world.run('2026-11-10T08:00:00Z');
    world.ruleOptions = expecting('another');
    await world.run('2026-11-10T09:00:00Z');
    expect(await world.findings()).toEqual(['missing_account d5 resolved rule disabled']);
    world.ruleOptions = expecting('crm');
    await world.run('2026-11-10T10:00:00Z');
    expect(await world.findings()).toEqual(['missing_account d5 open']);
    world.disabledRules = ['missing_account'];
    world.ruleOptions = DEFAULT_OPTIONS;
    await world.run('2026-11-10T11:00:00Z');
    expect(await world.findings()).toEqual(['missing_account d5 resolved rule disabled']);
  });

  test('an unchanged company writes no finding again', async () => {
    await using world = await aCompany();
    await world.run('2026-11-10T08:00:00Z');
    const written = 'select f.xmin::text, f.id, e.id as event from rollcall.finding f, rollcall.finding_event e';
    const before = (await world.store.pool.query(written)).rows;
    expect(before).toHaveLength(1);
    await world.run('2026-11-11T08:00:00Z');
    expect((await world.store.pool.query(written)).rows).toEqual(before);
  });
});
