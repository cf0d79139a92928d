import { describe, expect, test } from 'vitest';
import { applyChange, type Change, type Drift } from '../../../src/sandbox/drift.ts';
import type { Sandbox } from '../../../src/sandbox/sandbox.ts';
import { aWorld, type World } from '../../../src/sandbox/world.ts';
import { aPerson, askSandbox, somePeople, startFaultServer } from '../../support/sandbox.ts';

const NOW = new Date('2026-03-10T12:00:00Z');
const names = { givenName: 'New', familyName: 'Comer', email: 'new@example.com' };

type Ids = { readonly namely: string; readonly nimble: string; readonly identities: string };

function idsOf({ people }: World): Ids {
  return {
    namely: people.flatMap((person) => (person.namely ?? []).map(({ id }) => id)).join(' '),
    nimble: people.flatMap((person) => (person.nimble ?? []).map(({ id }) => id)).join(' '),
    identities: people.flatMap((person) => person.identity?.id ?? []).join(' '),
  };
}

describe('a change', () => {
  const world = aWorld({ people: somePeople(3) });
  const before = idsOf(world);
  const profile = { ...names, id: 'new', status: 'active' };
  test.each<{ name: string; change: Change; after: Partial<Ids> }>([
    { name: 'deletes a profile', change: { kind: 'delete', list: 'namely', rowId: 'P2' }, after: { namely: 'P1 P3' } },
    { name: 'deletes a member', change: { kind: 'delete', list: 'nimble', rowId: 'N1' }, after: { nimble: 'N2 N3' } },
    {
      name: 'deletes an identity',
      change: { kind: 'delete', list: 'identities', rowId: 'I3' },
      after: { identities: 'I1 I2' },
    },
    {
      name: 'inserts a profile at the front',
      change: { kind: 'insert', list: 'namely', row: profile },
      after: { namely: 'new P1 P2 P3' },
    },
    {
      name: 'inserts a member at a position',
      change: { kind: 'insert', list: 'nimble', row: { ...names, id: 'new' }, position: 2 },
      after: { nimble: 'N1 N2 new N3' },
    },
    {
      name: 'inserts an identity beyond the end',
      change: { kind: 'insert', list: 'identities', row: { id: 'new' }, position: 99 },
      after: { identities: 'I1 I2 I3 new' },
    },
  ])('$name and touches no other list', ({ change, after }) => {
    expect(idsOf(applyChange(world, change, NOW))).toEqual({ ...before, ...after });
    expect(idsOf(world)).toEqual(before);
  });

  test('inserts between two rows of one person', () => {
    const [first, second] = somePeople(2).flatMap((person) => person.nimble ?? []);
    if (first === undefined || second === undefined) throw new Error('nobody');
    const both = aWorld({ people: [{ identity: { id: 'I1' }, nimble: [first, second] }] });
    const change = { kind: 'insert', list: 'nimble', row: { ...names, id: 'new' }, position: 1 } as const;
    expect(idsOf(applyChange(both, change, NOW))).toEqual({ namely: '', nimble: 'N1 new N2', identities: 'I1' });
  });

  test('updates a row where it stands, and Namely stamps it unless it is told a time', () => {
    const update = { kind: 'update', list: 'namely', rowId: 'P2', fields: { status: 'inactive' } } as const;
    expect(applyChange(world, update, NOW).people.map((person) => person.namely?.[0])).toMatchObject([
      { id: 'P1', status: 'active' },
      { id: 'P2', status: 'inactive', updatedAt: '2026-03-10T12:00:00.000Z' },
      { id: 'P3', status: 'active' },
    ]);
    const told = { ...update, fields: { updatedAt: '2099-01-01T00:00:00Z' } };
    expect(applyChange(world, told, NOW).people[1]).toMatchObject({ namely: [{ updatedAt: '2099-01-01T00:00:00Z' }] });
    const inserted = applyChange(world, { kind: 'insert', list: 'namely', row: profile }, NOW);
    expect(inserted.people[0]).toMatchObject({ namely: [{ createdAt: '2026-03-10T12:00:00.000Z' }] });
  });

  test('of a row that is not there, or of recorded profiles, is a mistake of the scenario', () => {
    const change = { kind: 'delete', list: 'namely', rowId: 'N1' } as const;
    expect(() => applyChange(world, change, NOW)).toThrow('not in the list namely');
    const recorded = aWorld({ namely: { dialect: 'live', recorded: [{ id: 'N1' }] } });
    expect(() => applyChange(recorded, change, NOW)).toThrow('recorded');
  });
});

async function pageOf(sandbox: Sandbox, page: number): Promise<unknown> {
  return (await askSandbox(sandbox, 'namely', `/api/v1/profiles?page=${page}&per_page=2`)).body;
}

describe('a drift between pages', () => {
  const match = { vendor: 'namely', path: '/api/v1/profiles', page: 1 } as const;

  test('lets a row slip out: deleted from page 1 after it was read, page 2 begins one later', async () => {
    const drift: readonly Drift[] = [{ id: 'slip', match, change: { kind: 'delete', list: 'namely', rowId: 'P1' } }];
    await using sandbox = await startFaultServer(aWorld({ people: somePeople(5), drift }));
    expect(await pageOf(sandbox, 1)).toMatchObject({ profiles: [{ id: 'P1' }, { id: 'P2' }], meta: { total: 5 } });
    expect(await pageOf(sandbox, 2)).toMatchObject({ profiles: [{ id: 'P4' }, { id: 'P5' }], meta: { total: 4 } });
    expect(await askSandbox(sandbox, 'namely', '/api/v1/profiles/P3')).toMatchObject({ status: 200 });
    expect(await askSandbox(sandbox, 'namely', '/api/v1/profiles/P1')).toMatchObject({ status: 404 });
    expect(idsOf(sandbox.world).namely).toBe('P2 P3 P4 P5');
  });

  test('shows a row twice: inserted at the front after page 1 was read', async () => {
    const row = { ...names, id: 'new', status: 'active' };
    const drift: readonly Drift[] = [{ id: 'front', match, change: { kind: 'insert', list: 'namely', row } }];
    await using sandbox = await startFaultServer(aWorld({ people: somePeople(4), drift }));
    expect(await pageOf(sandbox, 1)).toMatchObject({ profiles: [{ id: 'P1' }, { id: 'P2' }] });
    expect(await pageOf(sandbox, 2)).toMatchObject({ profiles: [{ id: 'P2' }, { id: 'P3' }], meta: { total: 5 } });
    expect(await pageOf(sandbox, 1)).toMatchObject({ profiles: [{ id: 'new' }, { id: 'P1' }] });
  });

  test('happens once, after the k-th request that matches, also when a fault answered it', async () => {
    const world = aWorld({
      people: [aPerson(1)],
      faults: [{ id: 'down', match: { vendor: 'nimble', attempts: { from: 2, to: 2 } }, effect: { kind: 'html' } }],
      drift: [
        {
          id: 'role',
          match: { vendor: 'nimble', attempts: { from: 2 } },
          change: { kind: 'update', list: 'nimble', rowId: 'N1', fields: { role: 'admin' } },
        },
        {
          id: 'leaver',
          match: { vendor: 'identities' },
          change: { kind: 'update', list: 'identities', rowId: 'I1', fields: { status: 'inactive' } },
        },
      ],
    });
    await using sandbox = await startFaultServer(world);
    const roleAfter = async (): Promise<string | undefined> => {
      await fetch(`${sandbox.nimbleUrl}/api/v1/myself`);
      return sandbox.world.people[0]?.nimble?.[0]?.role;
    };
    expect([await roleAfter(), await roleAfter(), await roleAfter()]).toEqual(['user', 'admin', 'admin']);
    expect(await (await fetch(sandbox.identitiesUrl)).text()).toContain(',active,');
    expect(await (await fetch(sandbox.identitiesUrl)).text()).toContain(',inactive,');
    expect(sandbox.firedCounts()).toEqual({ down: 1, role: 1, leaver: 1 });
    sandbox.setWorld(world);
    expect([await roleAfter(), await roleAfter()]).toEqual(['user', 'admin']);
  });

  test('of a row that is not there makes the sandbox fail loudly', async () => {
    const drift: readonly Drift[] = [{ id: 'typo', match, change: { kind: 'delete', list: 'namely', rowId: 'Q1' } }];
    const sandbox = await startFaultServer(aWorld({ people: somePeople(1), drift }));
    const response = await fetch(`${sandbox.namelyUrl}/api/v1/profiles`);
    expect([response.status, await response.text()]).toEqual([500, expect.stringContaining('not in the list')]);
    expect(sandbox.unfired()).toEqual(['typo']);
    await sandbox.close();
  });
});
