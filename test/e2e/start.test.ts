import { createServer } from 'node:net';

import { expect, test, vi } from 'vitest';

import { aWorld } from '../../src/sandbox/world.ts';
import { startCli } from '../support/cli.ts';
import { somePeople } from '../support/sandbox.ts';
import { startCompany } from '../support/sandbox-company.ts';

const STRAY = { nimble: [{ id: 'stray', email: 'stray@elsewhere.example' }] };
const WAIT = { timeout: 60_000, interval: 100 };

/** A port that was free a moment ago; the program is told it, because nothing prints the one it would choose. */
async function findFreePort(): Promise<number> {
  const server = createServer();
  const { promise, resolve } = Promise.withResolvers<undefined>();
  server.listen(0, '127.0.0.1', () => resolve(undefined));
  await promise;
  const address = server.address();
  const closed = Promise.withResolvers<undefined>();
  server.close(() => closed.resolve(undefined));
  await closed.promise;
  if (address === null || typeof address === 'string') throw new Error('no port');
  return address.port;
}

test('the worker reads every source at once, reconciles, tells Slack, answers health and ends on SIGTERM', async () => {
  const port = await findFreePort();
  await using company = await startCompany({
    world: aWorld({ people: [...somePeople(5), STRAY] }),
    yaml: `http: { bind: 127.0.0.1, port: ${port} }`,
  });
  await using worker = startCli(['start'], { cwd: company.directory, env: company.env, timeoutMs: 110_000 });
  const ask = async (path: string): Promise<Response> => await fetch(`http://127.0.0.1:${port}${path}`);

  await vi.waitFor(async () => expect((await ask('/livez')).status).toBe(200), WAIT);
  await vi.waitFor(async () => expect((await ask('/readyz')).status).toBe(200), WAIT);
  await vi.waitFor(() => expect(company.sandbox.messages).toMatchObject([{ accepted: true }]), WAIT);
  expect(await company.rows(`select rule, account_id, status from rollcall.drift_findings`)).toEqual([
    { rule: 'orphaned_account', account_id: 'stray', status: 'open' },
  ]);
  const metrics = await (await ask('/metrics')).text();
  expect(metrics).toMatch(/^rollcall_/m);
  expect(metrics).not.toMatch(/canary|stray@/i);

  worker.kill('SIGTERM');
  const ended = await worker.ended;
  expect(ended).toMatchObject({ code: 143, signal: null });
  expect(`${ended.stdout}${ended.stderr}`).not.toMatch(/canary/i);
});
