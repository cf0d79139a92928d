import { startSandbox } from '../../src/sandbox/sandbox.ts';
import { aWorld, type Person } from '../../src/sandbox/world.ts';

// A process of its own, so that the simulated vendor's work is not counted as ours. Arguments: people, milliseconds before each answer.

const [count = 0, delayMs = 0] = process.argv.slice(2).map(Number);
const sandbox = await startSandbox({
  world: aWorld({
    people: Array.from({ length: count }, (_unused, at) => person(at + 1)),
    faults: [{ id: 'latency', match: { vendor: 'namely' }, effect: { kind: 'slow', delayMs } }],
  }),
});
process.once('disconnect', () => void sandbox[Symbol.asyncDispose]());
process.send?.({ url: sandbox.namelyUrl });

function person(number: number): Person {
  const names = { givenName: 'Person', familyName: `No${number}`, email: `person.${number}@example.com` };
  return {
    identity: { ...names, id: `I${number}`, status: 'active' },
    nimble: [],
    namely: [{ ...names, id: `P${number}`, status: 'active', department: 'Sales', office: 'Main' }],
  };
}
