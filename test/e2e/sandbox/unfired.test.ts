import { expect, test } from 'vitest';
import type { Fault } from '../../../src/sandbox/fault.ts';
import { startSandbox } from '../../../src/sandbox/sandbox.ts';
import { aWorld, type World } from '../../../src/sandbox/world.ts';
import { askSandbox, expectAllFired, somePeople, startFaultServer } from '../../support/sandbox.ts';

function aFault(id: string, from = 1): Fault {
  return { id, match: { vendor: 'nimble', attempts: { from } }, effect: { kind: 'total', total: 9 } };
}

async function useUp(world: World): Promise<void> {
  await using sandbox = await startFaultServer(world);
  await askSandbox(sandbox, 'nimble', '/api/v1/team/members');
}

test('a fault or a drift that never fired is named, and fails the test that declared it', async () => {
  const world = aWorld({
    people: somePeople(1),
    faults: [aFault('met'), aFault('late', 2)],
    drift: [{ id: 'elsewhere', match: { vendor: 'namely' }, change: { kind: 'delete', list: 'namely', rowId: 'P1' } }],
  });
  await using sandbox = await startSandbox({ world });
  await askSandbox(sandbox, 'nimble', '/api/v1/team/members');
  expect(sandbox.unfired()).toEqual(['late', 'elsewhere']);
  expect(sandbox.firedCounts()).toEqual({ met: 1, late: 0, elsewhere: 0 });
  expect(() => expectAllFired(sandbox)).toThrow('declared faults and drifts that never fired');
  await expect(useUp(world)).rejects.toThrow('declared faults and drifts that never fired');
  await useUp(aWorld({ faults: [aFault('met')] }));
});

test('a fault that another one hides has not fired', async () => {
  await using sandbox = await startSandbox({ world: aWorld({ faults: [aFault('first'), aFault('hidden')] }) });
  await askSandbox(sandbox, 'nimble', '/api/v1/team/members');
  expect(sandbox.unfired()).toEqual(['hidden']);
});

test('what a replaced world left behind stays named, unless the next world declares the very same', async () => {
  const shared = aFault('shared');
  const first = aWorld({ faults: [aFault('left'), shared] });
  await using sandbox = await startSandbox({ world: first });
  sandbox.setWorld(first);
  expect(sandbox.unfired()).toEqual(['left', 'shared']);
  sandbox.setWorld(aWorld({ faults: [shared, aFault('left', 2)] }));
  await askSandbox(sandbox, 'nimble', '/api/v1/team/members');
  expect(sandbox.unfired()).toEqual(['left', 'left']);
  await askSandbox(sandbox, 'nimble', '/api/v1/team/members');
  sandbox.setWorld(aWorld());
  expect(sandbox.unfired()).toEqual(['left', 'left']);
});

test('two of one name are refused', async () => {
  const world = aWorld({ faults: [aFault('twin'), aFault('twin')] });
  await expect(startSandbox({ world })).rejects.toThrow('two faults or drifts of the world have the id twin');
});
