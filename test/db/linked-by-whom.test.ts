import { expect, test } from 'vitest';
import { RULE_POLICY, RULES } from '../../src/core/rule.ts';
import { account, person, upTo } from '../support/people.ts';
import { openWorkerWorld, type WorkerWorld } from '../support/worker.ts';

// Decision 50: a few new accounts are linked by their cases, where cases are linked at all.

const EARLIER = '2026-11-10T08:00:00Z';
const LATER = '2026-11-11T08:00:00Z';

async function linkOf(world: WorkerWorld, id: string): Promise<unknown> {
  const { rows } = await world.store.pool.query(
    'select situation, link_rule from rollcall.roster where external_id = $1',
    [id],
  );
  return rows[0];
}

async function openPeople(): Promise<WorkerWorld> {
  const world = await openWorkerWorld();
  world.identities = upTo(60).map((number) => person(number));
  world.accounts = upTo(50).map((number) => account(number));
  return world;
}

test('of two accounts of one person that are linked by alias in this look, this look knows', async () => {
  await using world = await openWorkerWorld();
  world.identities = upTo(3).map((number) => person(number, { aliases: [`alias${number}@example.com`] }));
  world.accounts = [...upTo(3).map((number) => account(number)), account(9, { email: 'alias2@example.com' })];
  await world.run(EARLIER);
  expect(await world.findings()).toEqual(['duplicate_account d2 open']);
});

test('a new account is linked by its case', async () => {
  await using world = await openPeople();
  await world.run(EARLIER);
  world.accounts = upTo(51).map((number) => account(number));
  await world.run(LATER);
  expect(await linkOf(world, 'a51')).toEqual({ situation: 'linked', link_rule: 'email' });
});

test('where only credentials are judged no case links, and the owner of a token is known all the same', async () => {
  await using world = await openPeople();
  world.disabledRules = RULES.filter((rule) => RULE_POLICY[rule].subject !== 'credential');
  world.tokenOwner = { externalId: 'a51', shape: 'test' };
  await world.run(EARLIER);
  expect(await world.findings()).toEqual(['credential_owner_at_risk open']);
  world.accounts = upTo(51).map((number) => account(number));
  await world.run(LATER);
  expect(await linkOf(world, 'a51')).toEqual({ situation: 'linked', link_rule: 'email' });
  expect(await world.findings()).toEqual(['credential_owner_at_risk resolved linked']);
});
