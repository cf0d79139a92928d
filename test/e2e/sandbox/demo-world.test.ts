import { expect, test } from 'vitest';
import { tellDemo } from '../../../src/sandbox/demo-world.ts';
import type { World } from '../../../src/sandbox/world.ts';

const chapters = tellDemo('2026-03-10');
const [baseline, later, empty] = chapters.map((chapter) => chapter.world);

function accountIds(world: World | undefined): readonly string[] {
  return (world?.people ?? [])
    .flatMap((person) => [...(person.nimble ?? []), ...(person.namely ?? [])])
    .map(({ id }) => id);
}

test('ids are unique in every chapter, and all people are invented', () => {
  for (const { world } of chapters) {
    const identities = world.people.flatMap((person) => (person.identity === undefined ? [] : [person.identity.id]));
    expect(new Set(identities).size).toBe(identities.length);
    expect(new Set(accountIds(world)).size).toBe(accountIds(world).length);
    const addresses = world.people.flatMap((person) => [
      person.identity,
      ...(person.nimble ?? []),
      ...(person.namely ?? []),
    ]);
    for (const address of addresses) {
      expect(address?.email ?? 'none@example.com').toMatch(/@(example\.com|[a-z-]+\.example)$/);
    }
  }
});

test('the identity list has the 23 people that the story tells of', () => {
  for (const world of [baseline, later]) {
    expect(world?.people.filter((person) => person.identity !== undefined)).toHaveLength(23);
  }
});

test('between the first two chapters one Nimble account goes and one comes; every other stays', () => {
  const before = new Set(accountIds(baseline));
  const after = new Set(accountIds(later));
  expect([...before].filter((id) => !after.has(id))).toEqual(['5ce69c1fceee183600000091']);
  expect([...after].filter((id) => !before.has(id))).toEqual(['5ce69c1fceee183600000092']);
});

test('the leaver left yesterday, keeps Nimble and is inactive in Namely', () => {
  const marcus = later?.people.find((person) => person.identity?.id === 'E106');
  expect(marcus).toMatchObject({
    identity: { status: 'inactive', endDate: '2026-03-09' },
    nimble: [{ email: 'marcus.webb@example.com' }],
    namely: [{ status: 'inactive' }],
  });
});

test('the renamed person keeps her ids, and her old address is an alias', () => {
  const priya = later?.people.find((person) => person.identity?.id === 'E107');
  expect(priya).toMatchObject({
    identity: { familyName: 'Raman', email: 'priya.raman@example.com', aliases: ['priya.nair@example.com'] },
    nimble: [{ email: 'priya.nair@example.com' }],
    namely: [{ email: 'priya.raman@example.com' }],
  });
});

test('in the last chapter nothing differs but the fault', () => {
  expect(empty?.people).toEqual(later?.people);
  expect(empty?.faults).toMatchObject([{ effect: { kind: 'empty' } }]);
});
