import { describe, expect, test } from 'vitest';
import { refuseUrl, type HostRules } from '../../../src/net/hosts.ts';

const rules: HostRules = { vendorHosts: ['api.nimble.com'], allow: [] };

describe('refuseUrl', () => {
  test.each([
    ['the vendor by https', 'https://api.nimble.com/api/v1', {}],
    ['the vendor in capitals and with the root dot', 'https://API.nimble.com./x', {}],
    ['the configured public host', 'https://people.example.com/list.csv', { configuredHost: 'people.example.com' }],
    ['an allowed host of any port', 'http://localhost:4010/x', { allow: ['localhost'] }],
    ['an allowed host at its port', 'http://127.0.0.1:4010/x', { allow: ['127.0.0.1:4010'] }],
    ['an allowed host at the port that its scheme implies', 'http://intranet/x', { allow: ['intranet:80'] }],
    ['an allowed IPv6 address', 'http://[::1]:4010/x', { allow: ['::1'] }],
    ['an allowed IPv6 address with port', 'http://[::1]:4010/x', { allow: ['[::1]:4010'] }],
    ['an allowed private address by http', 'http://10.1.2.3/x', { allow: ['10.1.2.3'] }],
  ])('%s may be asked', (_name, url, overrides) => {
    expect(refuseUrl(new URL(url), { ...rules, ...overrides })).toBeUndefined();
  });

  test.each([
    ['another host', 'https://api.nimble.com.evil.example/x', {}],
    ['http to the vendor', 'http://api.nimble.com/x', {}],
    ['another scheme', 'ftp://api.nimble.com/x', {}],
    ['a user name', 'https://jane@api.nimble.com/x', {}],
    ['localhost', 'https://localhost/x', { configuredHost: 'localhost' }],
    ['localhost with a dot', 'https://localhost./x', { configuredHost: 'localhost' }],
    ['a name below localhost', 'https://app.localhost/x', { configuredHost: 'app.localhost' }],
    ['a name without a dot', 'https://intranet/x', { configuredHost: 'intranet' }],
    ['loopback', 'https://127.0.0.1/x', { configuredHost: '127.0.0.1' }],
    ['loopback written as a number', 'https://2130706433/x', { configuredHost: '127.0.0.1' }],
    ['the metadata service', 'https://169.254.169.254/latest', { configuredHost: '169.254.169.254' }],
    ['a private network', 'https://192.168.1.1/x', { configuredHost: '192.168.1.1' }],
    ['a private network of twelve bits', 'https://172.31.255.255/x', { configuredHost: '172.31.255.255' }],
    ['carrier NAT', 'https://100.64.0.1/x', { configuredHost: '100.64.0.1' }],
    ['IPv6 loopback', 'https://[::1]/x', { configuredHost: '[::1]' }],
    ['IPv6 link-local', 'https://[fe80::1]/x', { configuredHost: '[fe80::1]' }],
    ['IPv6 unique local', 'https://[fd00::1]/x', { configuredHost: '[fd00::1]' }],
    ['IPv4 mapped into IPv6', 'https://[::ffff:127.0.0.1]/x', { configuredHost: '[::ffff:7f00:1]' }],
    [
      'IPv4 translated by a network of its own',
      'https://[64:ff9b:1::7f00:1]/x',
      { configuredHost: '[64:ff9b:1::7f00:1]' },
    ],
    ['IPv4 translated into a host', 'https://[::ffff:0:7f00:1]/x', { configuredHost: '[::ffff:0:7f00:1]' }],
    ['a Teredo tunnel', 'https://[2001::1]/x', { configuredHost: '[2001::1]' }],
    ['the prefix that leads nowhere', 'https://[100::1]/x', { configuredHost: '[100::1]' }],
    ['IPv4 translated into IPv6', 'https://[64:ff9b::7f00:1]/x', { configuredHost: '[64:ff9b::7f00:1]' }],
    ['an allowed host at another port', 'http://127.0.0.1:4011/x', { allow: ['127.0.0.1:4010'] }],
    ['a host of which an allowed one is only the end', 'http://evil-localhost/x', { allow: ['localhost'] }],
  ])('%s is refused', (_name, url, overrides) => {
    expect(refuseUrl(new URL(url), { ...rules, ...overrides })).toEqual(expect.any(String));
  });

  test('a public address that is configured may be asked', () => {
    expect(refuseUrl(new URL('https://203.0.113.9/x'), { ...rules, configuredHost: '203.0.113.9' })).toBeUndefined();
  });
});
