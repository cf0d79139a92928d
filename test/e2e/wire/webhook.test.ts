import { createHmac } from 'node:crypto';
import { Agent } from 'node:http';
import { describe, expect, test } from 'vitest';
import { OperationalError } from '../../../src/errors.ts';
import {
  ACCEPTED,
  call,
  EVENT,
  IGNORED,
  NEW,
  NOT_ACCEPTED,
  NOW,
  OLD,
  serve,
  sign,
  type Call,
} from '../../support/webhook-server.ts';

describe('case 98', () => {
  test('a call that is signed is taken, whatever its Host, without a token, and nothing of it but the id goes on', async () => {
    await using served = await serve();
    expect(await call(served)).toMatchObject(ACCEPTED);
    expect(served.hinted).toEqual([['p-1']]);
    expect(await call(served, { body: '{"profile_id":"p-2"}', chunked: true })).toMatchObject(ACCEPTED);
    expect(served.hinted).toEqual([['p-1'], ['p-2']]);
  });

  const signature = sign(EVENT, String(NOW / 1000), NEW);
  const refused: { name: string; given: Call }[] = [
    { name: 'a missing signature', given: { headers: { 'x-namely-signature': undefined } } },
    { name: 'a wrong signature', given: { secret: 'another-secret-of-16' } },
    { name: 'a truncated signature', given: { headers: { 'x-namely-signature': signature.slice(0, 32) } } },
    { name: 'an empty signature', given: { headers: { 'x-namely-signature': '' } } },
    { name: 'a changed byte', given: { sent: EVENT.replace('p-1', 'p-2') } },
    { name: 're-serialised JSON', given: { sent: JSON.stringify(JSON.parse(EVENT), undefined, 1) } },
    { name: 'a body that is not there', given: { sent: '' } },
    { name: 'a time of six minutes ago', given: { atMs: NOW - 360_000 } },
    { name: 'a time six minutes ahead', given: { atMs: NOW + 360_000 } },
    { name: 'no time', given: { headers: { 'x-namely-timestamp': undefined } } },
    {
      name: 'a newer time than was signed',
      given: { atMs: NOW - 360_000, headers: { 'x-namely-timestamp': String(NOW / 1000) } },
    },
  ];
  test.each(refused)('$name is 401 without a reason', async ({ given }) => {
    await using served = await serve();
    expect(await call(served, given)).toMatchObject(NOT_ACCEPTED);
    expect(served.hinted).toEqual([]);
  });

  test('a call that comes again, or another of its event, is ignored; after the window it is too old', async () => {
    await using served = await serve();
    expect(await call(served)).toMatchObject(ACCEPTED);
    expect(await call(served)).toMatchObject(IGNORED);
    // Signed anew, as a sender does that has had no answer.
    expect(await call(served, { atMs: NOW + 60_000 })).toMatchObject(IGNORED);
    const event = '{"event_id":"e-7","profile_id":"p-1","attempt":';
    expect(await call(served, { body: `${event}1}` })).toMatchObject(ACCEPTED);
    expect(await call(served, { body: `${event}2}` })).toMatchObject(IGNORED);
    // Signed at the edge of the window, it lives for twice as long.
    const ahead = { body: '{"profile_id":"p-3"}', atMs: NOW + 300_000 };
    expect(await call(served, ahead)).toMatchObject(ACCEPTED);
    served.nowMs = NOW + 599_000;
    expect(await call(served, ahead)).toMatchObject(IGNORED);
    expect(await call(served)).toMatchObject(NOT_ACCEPTED);
    expect(served.hinted).toEqual([['p-1'], ['p-1'], ['p-3']]);
  });

  test.each([
    { name: "the profile's own", of: (profile: string) => profile },
    { name: 'the same in every call', of: () => 'hook-7' },
  ])('an outer id that is $name makes no call a replay of another', async ({ of }) => {
    await using served = await serve();
    const send = async (type: string, profile: string) =>
      await call(served, { body: JSON.stringify({ id: of(profile), type, profile: { id: profile } }) });
    expect(await send('profile.updated', 'p-1')).toMatchObject(ACCEPTED);
    expect(await send('profile.terminated', 'p-1')).toMatchObject(ACCEPTED);
    expect(await send('profile.updated', 'p-2')).toMatchObject(ACCEPTED);
    expect(await send('profile.updated', 'p-2')).toMatchObject(IGNORED);
  });

  test('a call that could not be stored is 503, and its repetition is taken', async () => {
    let isAway = true;
    await using served = await serve({
      hint: async () => {
        if (isAway) throw new OperationalError('database-unavailable', 'away');
        return true;
      },
    });
    expect((await call(served)).status).toBe(503);
    isAway = false;
    expect(await call(served)).toMatchObject(ACCEPTED);
  });

  test('two secrets during a rotation; the old one ends with it', async () => {
    {
      await using during = await serve({ secrets: [NEW, OLD] });
      expect(await call(during, { secret: OLD })).toMatchObject(ACCEPTED);
      expect(await call(during, { secret: NEW, body: '{"profile_id":"p-2"}' })).toMatchObject(ACCEPTED);
    }
    await using after = await serve({ secrets: [NEW] });
    expect(await call(after, { secret: OLD })).toMatchObject(NOT_ACCEPTED);
  });

  test('is counted from 0 on: the first call that is refused is an increase', async () => {
    await using served = await serve();
    const lines = async () =>
      (await served.metrics.render()).split('\n').filter((line) => line.startsWith('rollcall_webhooks_total'));
    const quiet = ['rollcall_webhooks_total{result="accepted"} 0', 'rollcall_webhooks_total{result="ignored"} 0'];
    expect(await lines()).toEqual([...quiet, 'rollcall_webhooks_total{result="refused"} 0']);
    expect(await call(served, { secret: 'another-secret-of-16' })).toMatchObject(NOT_ACCEPTED);
    expect(await lines()).toEqual([...quiet, 'rollcall_webhooks_total{result="refused"} 1']);
  });

  const large = JSON.stringify({ profile_id: 'p-1', filling: 'x'.repeat(1_048_576) });
  test.each([
    { name: 'as declared', chunked: false },
    { name: 'in chunks of no declared length', chunked: true },
  ])('1 MB is 413, $name, before its signature is looked at', async ({ chunked }) => {
    await using served = await serve();
    for (const secret of [NEW, 'another-secret-of-16']) {
      // A server that stops reading may be met as a broken pipe; never as a call that was taken.
      const answer = await call(served, { body: large, chunked, secret }).then(
        ({ status }) => status,
        () => 'cut',
      );
      expect([413, 'cut']).toContain(answer);
    }
    expect(served.hinted).toEqual([]);
    expect(await served.metrics.render()).toContain('rollcall_webhooks_total{result="refused"} 2');
    expect(await call(served)).toMatchObject(ACCEPTED);
  });

  test('64 KiB are taken, one byte more is not', async () => {
    await using served = await serve();
    const frame = '{"profile_id":"p-1","filling":""}';
    const filled = (bytes: number) => frame.replace('""', `"${'x'.repeat(bytes - frame.length)}"`);
    for (const chunked of [false, true]) {
      expect((await call(served, { body: filled(65_537), chunked })).status).toBe(413);
    }
    expect((await call(served, { body: filled(65_536) })).status).toBe(200);
  });

  test.each(['GET', 'HEAD', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'])('%s is 405', async (method) => {
    await using served = await serve();
    expect(await call(served, { method })).toMatchObject({ status: 405, headers: { allow: 'POST' } });
    expect(served.hinted).toEqual([]);
  });

  test.each(['text/plain', 'application/x-www-form-urlencoded', 'application/json5', 'text/json', undefined])(
    '%s is 415',
    async (type) => {
      await using served = await serve();
      expect((await call(served, { headers: { 'content-type': type } })).status).toBe(415);
      expect(served.hinted).toEqual([]);
    },
  );

  test('JSON with a character set is JSON', async () => {
    await using served = await serve();
    const headers = { 'content-type': 'Application/JSON; charset=utf-8' };
    expect(await call(served, { headers })).toMatchObject(ACCEPTED);
  });

  test.each(['{}', '[1]', 'no json', '{"profile_id":"../me"}', 'null'])(
    'a shape that is not known is ignored: %s',
    async (body) => {
      await using served = await serve();
      expect(await call(served, { body })).toMatchObject(IGNORED);
      expect(served.hinted).toEqual([]);
    },
  );

  test('where no source could be asked a call is ignored', async () => {
    await using served = await serve({ hint: async () => false });
    expect(await call(served)).toMatchObject(IGNORED);
  });

  test('without a secret there is nothing', async () => {
    await using served = await serve({ secrets: [] });
    expect((await call(served)).status).toBe(404);
    expect((await call(served, { method: 'GET' })).status).toBe(404);
  });

  test('other header names and no time, as configured', async () => {
    await using served = await serve({ signatureHeader: 'X-Hook', timestampHeader: undefined, encoding: 'base64' });
    const hook = `sha256=${createHmac('sha256', NEW).update(EVENT).digest('base64')}`;
    expect(await call(served, { headers: { 'x-hook': hook } })).toMatchObject(ACCEPTED);
    expect(await call(served, { headers: { 'x-hook': hook } })).toMatchObject(IGNORED);
  });

  test('a flood, forged and signed, is answered and counted, and neither body nor secret is told', async () => {
    await using served = await serve();
    const agent = new Agent({ keepAlive: true, maxSockets: 50 });
    const forged = Array.from({ length: 1_000 }, (_unused, at) =>
      call(served, { agent, secret: 'another-secret-of-16', body: `{"profile_id":"f-${at}"}` }),
    );
    const signed = Array.from({ length: 1_000 }, (_unused, at) =>
      call(served, { agent, body: `{"profile_id":"p-${at}"}` }),
    );
    const answers = await Promise.all([...forged, ...signed]);
    agent.destroy();
    expect(answers.filter(({ status }) => status === 401)).toHaveLength(1_000);
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(1_000);
    expect(served.hinted.flat().filter((id) => id.startsWith('f-'))).toEqual([]);
    await call(served);
    await call(served);
    const metrics = await served.metrics.render();
    expect(metrics).toContain('rollcall_webhooks_total{result="refused"} 1000');
    expect(metrics).toContain('rollcall_webhooks_total{result="accepted"} 1001');
    expect(metrics).toContain('rollcall_webhooks_total{result="ignored"} 1');
    expect(served.logged.join('\n')).not.toMatch(/canary|p-1|[\da-f]{32}/iu);
  });
});
