import { SANDBOX_SECRETS, type Person } from '../../src/sandbox/world.ts';
import type { Sandbox } from '../../src/sandbox/sandbox.ts';

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
