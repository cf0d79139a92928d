import { describe, expect, test } from 'vitest';
import { GOOD_YAML, load, loadWell } from './folder.ts';

const F = 'rollcall.yaml';

function listAt(url: string, allow: readonly string[] = []): string {
  return `${GOOD_YAML}  - { name: extra, type: file, format: csv, url: "${url}" }\nnetwork: { allow: ${JSON.stringify(allow)} }\n`;
}

function nimbleAt(baseUrl: string): string {
  return `${GOOD_YAML}    baseUrl: ${baseUrl}\n`;
}

describe('where requests may go', () => {
  test.each([
    [
      'http://files.example.com/a',
      'files.example.com would be read without encryption; add files.example.com to network.allow if this is meant',
    ],
    [
      'https://10.1.2.3/a',
      '10.1.2.3 is a private, loopback or link-local address; add 10.1.2.3 to network.allow if this is meant',
    ],
    [
      'https://169.254.169.254/a',
      '169.254.169.254 is a private, loopback or link-local address; add 169.254.169.254 to network.allow if this is meant',
    ],
    ['https://[::1]/a', '::1 is a private, loopback or link-local address; add ::1 to network.allow if this is meant'],
    [
      'https://localhost/a',
      'localhost is a private, loopback or link-local address; add localhost to network.allow if this is meant',
    ],
    ['https://user:canary@files.example.com/a', 'a user name or password in a URL is not sent anywhere'],
    ['ftp://files.example.com/a', 'ftp: is not https'],
    ['files.example.com/a', 'must be a URL that begins with https://'],
  ])('case 100: %s is refused', (url, reason) => {
    expect(load({ yaml: listAt(url) }).lines).toEqual([`${F}:6:45 sources[2].url: ${reason}`]);
  });

  test.each([
    ['https://files.example.com/a', []],
    ['http://10.1.2.3:8080/a', ['10.1.2.3']],
    ['http://localhost:8080/a', ['LOCALHOST']],
    ['http://[::1]:8080/a', ['::1']],
    ['http://sandbox:8080/a', ['sandbox:8080']],
  ])('%s may be read with network.allow %j', (url, allow) => {
    expect(loadWell({ yaml: listAt(url, allow) }).config.sources[2]).toMatchObject({ location: { kind: 'url', url } });
  });

  test('a database is no request: it may be anywhere', () => {
    const yaml = `${GOOD_YAML}  - { name: extra, type: sql, url: "postgres://u:p@10.1.2.3:5433/d", query: table staff }\n`;
    expect(loadWell({ yaml }).config.sources[2]).toMatchObject({ url: 'postgres://u:p@10.1.2.3:5433/d' });
  });

  test.each(['http://localhost', 'a/b', 'a b', 'user@host', '*.example.com', ''])(
    '%j is no entry of network.allow',
    (entry) => {
      const [line, ...others] = load({ yaml: listAt('https://files.example.com/a', [entry]) }).lines;
      expect(line).toMatch(/^rollcall\.yaml:7:\d+ network\.allow\[0\]: must /);
      expect(others).toEqual([]);
    },
  );

  test.each([
    [
      'http://api.nimble.com',
      'api.nimble.com would be read without encryption; add api.nimble.com to network.allow if this is meant',
    ],
    ['https://proxy.example.com/?token=canary', 'must end before any ? or #'],
    ['https://proxy.example.com/#', 'must end before any ? or #'],
  ])('the baseUrl %s is refused', (baseUrl, reason) => {
    expect(load({ yaml: nimbleAt(`"${baseUrl}"`) }).lines).toEqual([`${F}:6:5 sources[1].baseUrl: ${reason}`]);
  });

  test('a baseUrl loses its last slash', () => {
    const { config } = loadWell({ yaml: nimbleAt('https://proxy.example.com/nimble/') });
    expect(config.sources[1]).toMatchObject({ baseUrl: 'https://proxy.example.com/nimble' });
  });
});

function withHook(url: string, allow: readonly string[] = []): string {
  return `${GOOD_YAML}slack: { webhookUrl: "${url}" }\nnetwork: { allow: ${JSON.stringify(allow)} }\n`;
}

describe("Slack's webhook", () => {
  test.each(['https://hooks.slack.com/services/T/B/x', 'https://hooks.slack-gov.com/services/T/B/x'])(
    'may be %s',
    (url) => {
      expect(loadWell({ yaml: withHook(url) }).config.slack.webhookUrl).toBe(url);
    },
  );

  test.each([
    'http://hooks.slack.com/services/T/B/canary',
    'https://hooks.slack.com.evil.example/services/T/B/canary',
    'https://user:canary@hooks.slack.com/services/T/B/x',
    'https://hooks.slack.com@evil.example/canary',
    'https://evil.example/canary',
  ])('case 97: may not be %s', (url) => {
    const { lines } = load({ yaml: withHook(url) });
    expect(lines).toHaveLength(1);
    expect(lines[0]).toMatch(
      /^rollcall\.yaml:6:10 slack\.webhookUrl: must be a webhook of hooks\.slack\.com or hooks\.slack-gov\.com: /,
    );
    expect(lines[0]).not.toContain('canary');
  });

  test('may be another host when network.allow lists it, but never with a password', () => {
    const url = 'http://127.0.0.1:9000/services/T/B/x';
    expect(loadWell({ yaml: withHook(url, ['127.0.0.1']) }).config.slack.webhookUrl).toBe(url);
    expect(load({ yaml: withHook('http://u:canary@127.0.0.1/x', ['127.0.0.1']) }).lines).toHaveLength(1);
  });
});

describe('the address of the HTTP server', () => {
  test.each(['127.0.0.1', '127.1.2.3', '"::1"', 'localhost'])('%s needs no token', (bind) => {
    expect(loadWell({ yaml: `${GOOD_YAML}http: { bind: ${bind} }\n` }).config.http.token).toBeUndefined();
  });

  test.each([
    ['in the file', 'http: { bind: 0.0.0.0, token: t }', {}],
    ['in the environment', 'http: { bind: 0.0.0.0 }', { ROLLCALL_HTTP_TOKEN: 't' }],
  ])('0.0.0.0 goes with a token %s', (_place, http, env) => {
    expect(loadWell({ yaml: `${GOOD_YAML}${http}\n`, env }).config.http).toMatchObject({ bind: '0.0.0.0', token: 't' });
  });
});
