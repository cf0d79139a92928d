import { describe, expect, test } from 'vitest';

import { openWorkerWorld } from '../support/worker.ts';
import { account, person, stranger, upTo } from '../support/people.ts';
import { rowsOf } from '../support/reconcile-store.ts';

// The list of accidents, matching and findings, as far as it needs a database. Cases 82, 84 and 88 are in test/unit/matching-faults.test.ts,
// the days of case 81 and 86 and the order of rows and pages (84) in test/db/scenario.test.ts, case 87 in test/bench.

const MONDAY = '2026-11-16T06:00:00Z';
const later = (hours: number): string => new Date(Date.parse(MONDAY) + hours * 3_600_000).toISOString();

describe('fault case 79: new address, new domain, new name, same id', () => {
  test('is one person who has changed: no orphan, the same link, one row with its versions', async () => {
    await using world = await openWorkerWorld();
    world.identities = upTo(5).map((number) => person(number));
    world.accounts = upTo(5).map((number) => account(number));
    await world.run(MONDAY);
    const changes = [
      { email: 'renamed@example.com' },
      { email: 'renamed@other.example' },
      { email: 'renamed@other.example', familyName: 'Married' },
    ];
    for (const [at, change] of changes.entries()) {
      world.accounts = [
        account(1, change),
        ...upTo(5)
          .slice(1)
          .map((number) => account(number)),
      ];
      await world.run(later(1 + at));
      expect(await world.findings()).toEqual([]);
    }
    expect(
      await rowsOf(
        world.store,
        `select external_id, situation, identity_id, link_rule, gone_at from rollcall.roster where source = 'crm' and external_id = 'a1'`,
      ),
    ).toEqual([{ external_id: 'a1', situation: 'linked', identity_id: 'd1', link_rule: 'email', gone_at: null }]);
    expect(
      await rowsOf(
        world.store,
        `select count(*)::int as versions from rollcall.account_version where external_id = 'a1'`,
      ),
    ).toEqual([{ versions: 4 }]);
  });
});

describe('fault case 81: a rehire, and two accounts with one address', () => {
  test('the link moves to the new row, and the first time of employment stays in the history', async () => {
    await using world = await openWorkerWorld();
    const others = upTo(5).slice(1);
    world.accounts = upTo(5).map((number) => account(number));
    world.identities = upTo(5).map((number) => person(number));
    await world.run(MONDAY);
    world.identities = others.map((number) => person(number));
    await world.run(later(24));
    expect(await world.findings()).toEqual(['leaver_account a1 open']);
    world.identities = [person(1, { externalId: 'd1-again' }), ...others.map((number) => person(number))];
    await world.run(later(48));
    expect(await world.findings()).toEqual(['leaver_account a1 resolved identity current']);
    expect(
      await rowsOf(
        world.store,
        `select external_id, gone_at is null as present from rollcall.roster
          where source = 'directory' and external_id like 'd1%' order by 1`,
      ),
    ).toEqual([
      { external_id: 'd1', present: false },
      { external_id: 'd1-again', present: true },
    ]);
    expect(
      await rowsOf(
        world.store,
        `select identity_id, link_rule from rollcall.roster where source = 'crm' and external_id = 'a1'`,
      ),
    ).toEqual([{ identity_id: 'd1-again', link_rule: 'relinked' }]);
  });

  test('two accounts with one address are one finding about their person, and no orphan', async () => {
    await using world = await openWorkerWorld();
    world.identities = upTo(5).map((number) => person(number));
    world.accounts = [...upTo(5).map((number) => account(number)), account(1, { externalId: 'a1-too' })];
    await world.run(MONDAY);
    expect(await world.findings()).toEqual(['duplicate_account d1 open']);
  });
});

describe('fault case 83: a status that nobody knows', () => {
  test('opens and resolves nothing, and the report counts it', async () => {
    await using world = await openWorkerWorld();
    world.identities = upTo(5).map((number) => person(number));
    world.accounts = upTo(5).map((number) => account(number));
    await world.run(MONDAY);
    world.identities = upTo(5).map((number) => person(number, number === 1 ? { status: 'unknown' } : {}));
    await world.run(later(24));
    expect(await world.findings()).toEqual([]);
    const [report] = await rowsOf(
      world.store,
      'select undecided > 0 as counted from rollcall.drift_report order by id desc limit 1',
    );
    expect(report).toEqual({ counted: true });
  });
});

describe('fault case 85: an account that is there in one listing and not in the next', () => {
  test('is one finding, opened again each time, and told once a day at most', async () => {
    await using world = await openWorkerWorld();
    world.identities = upTo(5).map((number) => person(number));
    const others = upTo(5).map((number) => account(number));
    world.accounts = others;
    await world.run(MONDAY);
    const quiet = world.messages.length;
    for (const at of upTo(8)) {
      world.accounts = at % 2 === 1 ? [...others, stranger(1)] : others;
      await world.run(later(at * 2));
    }
    expect(await world.findings()).toEqual(['orphaned_account x1 resolved account gone']);
    expect(
      await rowsOf(
        world.store,
        `select event, count(*)::int as times from rollcall.finding_event group by event order by event`,
      ),
    ).toEqual([
      { event: 'opened', times: 1 },
      { event: 'reopened', times: 3 },
      { event: 'resolved', times: 4 },
    ]);
    const opened = world.messages
      .slice(quiet)
      .filter((message) => /account/.test(message) && !/resolved/i.test(message));
    expect(opened).toHaveLength(1);
  });
});
