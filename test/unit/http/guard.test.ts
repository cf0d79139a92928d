import { describe, expect, test } from 'vitest';
import { isLoopback, refuse, type Inbound } from '../../../src/http/guard.ts';

const TOKEN = 'a-long-token';

function aRequest(overrides: Partial<Inbound> = {}): Inbound {
  return { method: 'GET', path: '/api/findings', host: '127.0.0.1:8080', authorization: undefined, ...overrides };
}

function basic(user: string, password: string): string {
  return `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}`;
}

describe('without a token, only this machine may ask', () => {
  const cases: { host: string | undefined; status: number | undefined }[] = [
    { host: 'localhost', status: undefined },
    { host: 'LOCALHOST:8080', status: undefined },
    { host: '127.0.0.1:8080', status: undefined },
    { host: '127.9.9.9', status: undefined },
    { host: '[::1]:8080', status: undefined },
    { host: 'rollcall.example', status: 403 },
    { host: 'localhost.evil.example', status: 403 },
    { host: '127.0.0.1.evil.example', status: 403 },
    { host: '127.0.0.1:8080@evil.example', status: 403 },
    { host: '127.1', status: 403 },
    { host: '10.0.0.1', status: 403 },
    { host: '[::2]', status: 403 },
    { host: '', status: 403 },
    { host: undefined, status: 403 },
  ];
  test.each(cases)('Host $host', ({ host, status }) => {
    expect(refuse(aRequest({ host }), undefined)?.status).toBe(status);
    expect(refuse(aRequest({ host, path: '/livez' }), undefined)?.status).toBe(status);
  });
  test('a webhook may come under any name: its signature is its guard', () => {
    expect(
      refuse(aRequest({ host: 'hooks.example', path: '/webhooks/namely', method: 'POST' }), undefined),
    ).toBeUndefined();
  });
});

describe('with a token', () => {
  const cases: { name: string; given: Partial<Inbound>; status: number | undefined }[] = [
    { name: 'as bearer', given: { authorization: `Bearer ${TOKEN}` }, status: undefined },
    { name: 'as bearer, in another case', given: { authorization: `bearer  ${TOKEN}` }, status: undefined },
    { name: 'as Basic password of any user', given: { authorization: basic('anybody', TOKEN) }, status: undefined },
    {
      name: 'under any Host',
      given: { authorization: `Bearer ${TOKEN}`, host: 'rollcall.example' },
      status: undefined,
    },
    { name: 'none', given: {}, status: 401 },
    { name: 'a wrong one', given: { authorization: 'Bearer a-long-tokeN' }, status: 401 },
    { name: 'a part of it', given: { authorization: 'Bearer a-long' }, status: 401 },
    { name: 'an empty one', given: { authorization: 'Bearer ' }, status: 401 },
    { name: 'as Basic user', given: { authorization: basic(TOKEN, '') }, status: 401 },
    {
      name: 'as Basic without a colon',
      given: { authorization: `Basic ${Buffer.from(TOKEN).toString('base64')}` },
      status: 401,
    },
    { name: 'bare', given: { authorization: TOKEN }, status: 401 },
    { name: 'for a path that does not exist', given: { path: '/nothing' }, status: 401 },
    { name: 'for metrics', given: { path: '/metrics' }, status: 401 },
    { name: 'for the page', given: { path: '/' }, status: 401 },
    { name: 'not for livez', given: { path: '/livez' }, status: undefined },
    { name: 'not for readyz', given: { path: '/readyz', host: 'rollcall.example' }, status: undefined },
    { name: 'for what only begins like livez', given: { path: '/livez/../metrics' }, status: 401 },
  ];
  test.each(cases)('$name', ({ given, status }) => {
    expect(refuse(aRequest(given), TOKEN)?.status).toBe(status);
  });
  test('says how to send one', () => {
    expect(refuse(aRequest(), TOKEN)?.headers['www-authenticate']).toContain('Basic realm="rollcall"');
  });
});

test.each(['POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS', 'TRACE'])('%s is refused', (method) => {
  expect(refuse(aRequest({ method }), undefined)).toMatchObject({ status: 405, headers: { allow: 'GET, HEAD' } });
});

test('HEAD reads too', () => {
  expect(refuse(aRequest({ method: 'HEAD' }), undefined)).toBeUndefined();
});

test.each([
  ['127.0.0.1', true],
  ['::1', true],
  ['localhost', true],
  ['0.0.0.0', false],
  ['::', false],
  ['192.168.1.2', false],
  ['127.0.0.1.example', false],
])('listening on %s is listening to this machine alone: %s', (bind, expected) => {
  expect(isLoopback(bind)).toBe(expected);
});
