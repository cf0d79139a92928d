import { startSandbox, type Sandbox } from '../../src/sandbox/sandbox.ts';
import { aWorld, type Person, SANDBOX_SECRETS, type World } from '../../src/sandbox/world.ts';
import { createNamelySource } from '../../src/sources/namely/client.ts';
import type { Bench } from './bench.ts';
import { type Figure, spreadOf } from './figure.ts';
import { mustEqual } from './repeat.ts';

const PROFILES = 2_000;
const CHANGED = 10;
const MANY = 1_000_000;
const HOUR_MS = 3_600_000;
/** Contract §10, with the ten minutes that are read again. */
const QUIET_MAX = 2;
const COUNTED = /\/(?:profiles|events)(?:[/?]|$)/;

/** How often Namely is asked when what has changed is read: when nothing has, and after ten profiles have. */
export async function measureDelta({ signal }: Bench): Promise<readonly Figure[]> {
  const anHourAgo = new Date(Date.now() - HOUR_MS).toISOString();
  await using sandbox = await startSandbox({ world: worldAt(0, anHourAgo) });
  const source = createNamelySource({
    name: 'namely',
    token: SANDBOX_SECRETS.namelyToken,
    baseUrl: sandbox.namelyUrl,
    allow: ['127.0.0.1'],
    concurrency: 1,
    requestsPerMinute: MANY,
    policy: { privilegedRoles: new Set<string>(), serviceAccounts: new Set<string>() },
  });
  let watermark: string | undefined;
  const read = async (mode: 'full' | 'delta', changed: number): Promise<number> => {
    sandbox.forget();
    const asked = { mode, watermark, budgetMs: HOUR_MS, signal, progress: () => {}, missing: async () => [] };
    const shown = new Map<string, string | undefined>();
    const listing = source.list(asked);
    for (;;) {
      const step = await listing.next();
      if (step.done !== true) {
        for (const row of step.value) shown.set(row.externalId, row.title);
        continue;
      }
      mustEqual('how the reading ended', step.value.outcome.kind, 'ended');
      ({ watermark } = step.value);
      break;
    }
    mustEqual('changed profiles read', [...shown.values()].filter((title) => title === 'Changed').length, changed);
    return countRequests(sandbox);
  };
  await read('full', 0);
  const quiet = await read('delta', 0);
  sandbox.setWorld(worldAt(CHANGED, new Date().toISOString()));
  const busy = await read('delta', CHANGED);
  return [line('nothing changed', quiet, QUIET_MAX), line(`${CHANGED} profiles changed`, busy, QUIET_MAX + CHANGED)];
}

function line(work: string, requests: number, limit: number): Figure {
  return {
    work: `Namely, reading of changes, ${work}: requests to /profiles and /events`,
    unit: 'rows',
    figure: spreadOf([requests]),
    target: { rows: 'any', limit, is: 'at most' },
  };
}

function countRequests({ requests }: Sandbox): number {
  return requests.filter(({ path }) => COUNTED.test(path)).length;
}

function worldAt(changed: number, at: string): World {
  return aWorld({
    people: Array.from({ length: PROFILES }, (_unused, n) => person(n + 1, n < changed ? at : undefined)),
  });
}

function person(number: number, changedAt: string | undefined): Person {
  const names = { givenName: 'Person', familyName: `No${number}`, email: `person.${number}@example.com` };
  const changed = changedAt === undefined ? {} : { jobTitle: 'Changed', updatedAt: changedAt };
  return {
    identity: { ...names, id: `I${number}`, status: 'active' },
    nimble: [],
    namely: [{ ...names, id: `P${number}`, status: 'active', ...changed }],
  };
}
