import { once } from 'node:events';
import { createServer, type IncomingMessage } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { startSandbox } from '../../src/sandbox/sandbox.ts';
import { aWorld, type Person } from '../../src/sandbox/world.ts';

// A process of its own, so that the simulated vendor's work is not counted as ours. Arguments: people, milliseconds before each answer. Each
// answer is kept: the sandbox sorts all its people for each page, which for 20,000 takes longer than the latency that is measured.

const [count = 0, delayMs = 0] = process.argv.slice(2).map(Number);
const sandbox = await startSandbox({
  world: aWorld({
    people: Array.from({ length: count }, (_unused, at) => person(at + 1)),
  }),
});
type Kept = { readonly status: number; readonly type: string; readonly body: Buffer };
const kept = new Map<string, Kept>();

const server = createServer((request, response) => {
  void answer(request).then(({ status, type, body }) => {
    response.writeHead(status, { 'content-type': type }).end(body);
  });
});
server.listen(0, '127.0.0.1');
await once(server, 'listening');
process.once('disconnect', () => {
  server.close();
  server.closeAllConnections();
  void sandbox[Symbol.asyncDispose]();
});
const address = server.address();
if (address === null || typeof address === 'string') throw new Error('no port');
process.send?.({ url: `http://127.0.0.1:${address.port}` });

async function answer({ url = '/', headers }: IncomingMessage): Promise<Kept> {
  await sleep(delayMs);
  const known = kept.get(url);
  if (known !== undefined) return known;
  const { authorization = '' } = headers;
  const got = await fetch(`${sandbox.namelyUrl}${url}`, { headers: { authorization } });
  const body = Buffer.from(await got.arrayBuffer());
  const made = { status: got.status, type: got.headers.get('content-type') ?? '', body };
  kept.set(url, made);
  return made;
}

function person(number: number): Person {
  const names = { givenName: 'Person', familyName: `No${number}`, email: `person.${number}@example.com` };
  return {
    identity: { ...names, id: `I${number}`, status: 'active' },
    nimble: [],
    namely: [{ ...names, id: `P${number}`, status: 'active', department: 'Sales', office: 'Main' }],
  };
}
