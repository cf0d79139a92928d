import { connect } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, test, vi } from 'vitest';
import { ACCEPTED, call, serve } from '../../support/webhook-server.ts';

/** What the server says to these bytes until it ends the connection, or until we do. */
async function say(port: number, bytes: string, hangUp = false): Promise<string> {
  const socket = connect(port, '127.0.0.1');
  let heard = '';
  socket.setEncoding('utf8').on('data', (text: string) => (heard += text));
  socket.on('error', () => undefined);
  socket.write(bytes);
  if (hangUp) setTimeout(() => socket.destroy(), 100);
  await new Promise((resolve) => void socket.once('close', resolve));
  return heard;
}

describe('a body that does not come', () => {
  const HEAD = 'POST /webhooks/namely HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n';
  const HALF = `${HEAD}Content-Length: 60000\r\n\r\n{`;

  test.each([
    { name: 'is broken off', bytes: HALF, hangUp: true },
    { name: 'is broken off in chunks', bytes: `${HEAD}Transfer-Encoding: chunked\r\n\r\nff\r\nabc`, hangUp: true },
    { name: 'is no body', bytes: `${HEAD}Transfer-Encoding: chunked\r\n\r\nzz\r\nabc`, hangUp: false },
  ])('and $name is counted as refused, and nobody has to look at it', async ({ bytes, hangUp }) => {
    await using served = await serve();
    await say(served.port, bytes, hangUp);
    const counted = async () => expect(await served.metrics.render()).toContain('{result="refused"} 1');
    await vi.waitFor(counted, { timeout: 10_000 });
    expect(served.levels.filter((level) => level !== 'debug')).toEqual([]);
    expect(served.hinted).toEqual([]);
  });

  test('is waited for 5 s', async () => {
    await using served = await serve();
    const startedMs = performance.now();
    expect(await say(served.port, HALF)).toMatch(/^HTTP\/1\.1 408 /u);
    expect(performance.now() - startedMs).toBeGreaterThan(4_900);
    expect(performance.now() - startedMs).toBeLessThan(12_000);
    expect(served.levels.filter((level) => level !== 'debug')).toEqual([]);
  });

  test.each([
    { target: 'POST /webhooks/namely', status: '503' },
    { target: 'POST /webhooks/other', status: '404' },
    { target: 'GET /livez', status: '200' },
  ])(
    'from 220 at once to `$target`, again and again, is answered with $status and keeps no probe waiting',
    async ({ target, status }) => {
      await using served = await serve();
      const half = HALF.replace('POST /webhooks/namely', target);
      const over = new AbortController();
      const answers = new Set<string>();
      const attack = async (): Promise<void> => {
        while (!over.signal.aborted) answers.add((await say(served.port, half)).slice(0, 'HTTP/1.1 503'.length));
      };
      const attackers = Array.from({ length: 220 }, attack);
      try {
        for (let probe = 0; probe < 20; probe += 1) {
          await sleep(400);
          const signal = AbortSignal.timeout(2_000);
          expect((await fetch(`http://127.0.0.1:${served.port}/livez`, { signal })).status).toBe(200);
        }
        expect(answers).toContain(`HTTP/1.1 ${status}`);
      } finally {
        over.abort();
        await Promise.all(attackers);
      }
      // Taken as before when it is over.
      expect(await call(served)).toMatchObject(ACCEPTED);
    },
  );
});
