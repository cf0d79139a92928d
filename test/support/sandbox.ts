import { expect } from 'vitest';
import { Sandbox } from '../../src/sandbox/sandbox.ts';
import { SANDBOX_SECRETS, type Person, type World } from '../../src/sandbox/world.ts';

/** A fault or drift that was declared and never fired means that the test has not shown what it says. */
export function expectAllFired(sandbox: Sandbox): void {
  expect(sandbox.unfired(), 'declared faults and drifts that never fired').toEqual([]);
}

class FaultServer extends Sandbox {
  override async [Symbol.asyncDispose](): Promise<void> {
    await super[Symbol.asyncDispose]();
    expectAllFired(this);
  }
}

/** A sandbox that fails the test at the end of its `await using` when something declared has never fired. */
export async function startFaultServer(world: World): Promise<Sandbox> {
  const sandbox = new FaultServer(world);
  await sandbox.listen('127.0.0.1', 0);
  return sandbox;
}

/** Headers that let a request into the simulated vendor. */
export function withToken(vendor: 'nimble' | 'namely'): { headers: { authorization: string } } {
  const token = vendor === 'nimble' ? SANDBOX_SECRETS.nimbleToken : SANDBOX_SECRETS.namelyToken;
  return { headers: { authorization: `Bearer ${token}` } };
}

/** What the simulated vendor answers to a GET with its own token. */
export async function askSandbox(
  sandbox: Sandbox,
  vendor: 'nimble' | 'namely',
  path: string,
): Promise<{ readonly status: number; readonly body: unknown }> {
  const base = vendor === 'nimble' ? sandbox.nimbleUrl : sandbox.namelyUrl;
  const response = await fetch(`${base}${path}`, withToken(vendor));
  return { status: response.status, body: await response.json() };
}

/** Numbered people about whom all systems agree, to fill a roster. */
export function somePeople(count: number): readonly Person[] {
  return Array.from({ length: count }, (_unused, index) => aPerson(index + 1));
}

export function aPerson(number: number): Person {
  const names = { givenName: 'Person', familyName: `No${number}`, email: `person.${number}@example.com` };
  return {
    identity: { ...names, id: `I${number}`, status: 'active' },
    nimble: [{ ...names, id: `N${number}`, role: 'user' }],
    namely: [{ ...names, id: `P${number}`, status: 'active', department: 'Sales', office: 'Main' }],
  };
}
