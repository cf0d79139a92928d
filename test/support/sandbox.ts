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

type TokenVendor = 'nimble' | 'namely' | 'scim';

/** Headers that let a request into the simulated vendor. */
export function withToken(vendor: TokenVendor): { headers: { authorization: string } } {
  const { nimbleToken: nimble, namelyToken: namely, scimToken: scim } = SANDBOX_SECRETS;
  return { headers: { authorization: `Bearer ${{ nimble, namely, scim }[vendor]}` } };
}

/** What the simulated vendor answers to a GET with its own token. */
export async function askSandbox(
  sandbox: Sandbox,
  vendor: TokenVendor,
  path: string,
): Promise<{ readonly status: number; readonly body: unknown }> {
  const { nimbleUrl: nimble, namelyUrl: namely, scimUrl: scim } = sandbox;
  const response = await fetch(`${{ nimble, namely, scim }[vendor]}${path}`, withToken(vendor));
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
