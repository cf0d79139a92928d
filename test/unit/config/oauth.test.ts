import { describe, expect, test } from 'vitest';
import { GOOD_YAML, load, type Given } from './folder.ts';

const F = 'rollcall.yaml';

/** Text after a good file: its first line is line 6. */
function after(text: string): string {
  return `${GOOD_YAML}${text}\n`;
}

/** One more source with these keys, each on a line of its own from line 7. */
function source(type: string, ...keys: readonly string[]): string {
  return after([`  - name: extra`, `    type: ${type}`, ...keys.map((key) => `    ${key}`)].join('\n'));
}

type FaultCase = Given & { readonly name: string; readonly expected: readonly string[] };

const OAUTH = 'oauth: { clientId: c, clientSecret: s';
const WITH_KEY = { ROLLCALL_KEY: Buffer.alloc(32, 1).toString('base64') };

const cases: FaultCase[] = [
  {
    name: 'without a key that encrypts the tokens',
    yaml: source('nimble', `${OAUTH} }`),
    expected: [
      `${F}:8:5 sources[2].oauth: needs ROLLCALL_KEY, which encrypts the stored tokens; \`openssl rand -base64 32\` makes one`,
    ],
  },
  {
    name: 'beside a token',
    yaml: source('nimble', 'token: t', `${OAUTH} }`),
    env: WITH_KEY,
    expected: [`${F}:9:5 sources[2].oauth: excludes token; keep one of them`],
  },
  {
    name: 'neither oauth nor token',
    yaml: source('nimble'),
    expected: [`${F}:6:5 sources[2].token: is required`],
  },
  {
    name: 'without a secret',
    yaml: source('nimble', 'oauth: { clientId: c }'),
    env: WITH_KEY,
    expected: [`${F}:8:5 sources[2].oauth.clientSecret: is required`],
  },
  {
    name: 'addresses that are not https, private, or none',
    yaml: source('nimble', `${OAUTH}, authorizeUrl: "http://a.example/x", tokenUrl: "https://10.0.0.5/token" }`),
    env: WITH_KEY,
    expected: [
      `${F}:8:44 sources[2].oauth.authorizeUrl: a.example would be read without encryption; add a.example to network.allow if this is meant`,
      `${F}:8:80 sources[2].oauth.tokenUrl: 10.0.0.5 is a private, loopback or link-local address; add 10.0.0.5 to network.allow if this is meant`,
    ],
  },
  ...[
    'https://127.0.0.1:8976/callback',
    'http://example.com:8976/callback',
    'http://127.0.0.1/callback',
    'callback',
  ].map((redirectUri) => ({
    name: `the redirect address ${redirectUri}`,
    yaml: source('nimble', `${OAUTH}, redirectUri: "${redirectUri}" }`),
    env: WITH_KEY,
    expected: [
      `${F}:8:44 sources[2].oauth.redirectUri: must be on this machine, with a port, such as http://127.0.0.1:8976/callback`,
    ],
  })),
  ...[
    ['http://127.0.0.1:0/callback', 'must name a port above 0, the one that is registered at the vendor'],
    ['http://kim@127.0.0.1:8976/callback', 'must have no user and no password before the host'],
    ['http://kim:pw@localhost:8976/callback', 'must have no user and no password before the host'],
  ].map(([redirectUri, message]) => ({
    name: `the redirect address ${redirectUri}`,
    yaml: source('nimble', `${OAUTH}, redirectUri: "${redirectUri}" }`),
    env: WITH_KEY,
    expected: [`${F}:8:44 sources[2].oauth.redirectUri: ${message}`],
  })),
  {
    name: 'the key before without the new one',
    yaml: GOOD_YAML,
    env: { ROLLCALL_KEY_PREVIOUS: Buffer.alloc(32, 1).toString('base64') },
    expected: ['ROLLCALL_KEY: is not set, although ROLLCALL_KEY_PREVIOUS is; give the new key too'],
  },
];

describe('faults of oauth', () => {
  test.each(cases)('$name', ({ expected, ...given }) => {
    expect(load(given).lines).toEqual(expected);
  });
});
