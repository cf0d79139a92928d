import { describe, expect, test } from 'vitest';
import { createScrub } from '../../../src/scrub.ts';
import { load, loadWell } from './folder.ts';

const TOKEN = { NIMBLE_TOKEN: 't' };

function proxiesOf(env: Readonly<Record<string, string>>) {
  return loadWell({ env: { ...TOKEN, ...env } }).config.network.proxies;
}

describe('proxies of the environment', () => {
  test('are none by default, and by empty variables', () => {
    expect(proxiesOf({})).toEqual({});
    expect(proxiesOf({ HTTPS_PROXY: '', https_proxy: '', NO_PROXY: '' })).toEqual({});
  });

  test.each([
    ['in capitals', { HTTPS_PROXY: 'http://proxy.example.com:3128' }],
    ['in small letters', { https_proxy: 'http://proxy.example.com:3128/' }],
    [
      'in both, of which the small letters count',
      { HTTPS_PROXY: 'http://other.example', https_proxy: 'http://proxy.example.com:3128' },
    ],
    ['without a scheme', { HTTPS_PROXY: 'proxy.example.com:3128' }],
  ])('are read %s', (_name, env) => {
    expect(proxiesOf(env)).toEqual({ https: 'http://proxy.example.com:3128/' });
  });

  test('are three variables', () => {
    const env = { HTTP_PROXY: 'http://a.example', HTTPS_PROXY: 'https://b.example', no_proxy: '.corp.example' };
    expect(proxiesOf(env)).toEqual({ http: 'http://a.example/', https: 'https://b.example/', except: '.corp.example' });
  });

  test.each([
    ['socks5://jane:canary@proxy.example.com', 'HTTPS_PROXY'],
    ['http://jane:can/ary@proxy.example.com', 'HTTPS_PROXY'],
    ['http://jane:canary%@proxy.example.com', 'https_proxy'],
    ['http://', 'HTTP_PROXY'],
  ])('that are no URL of a proxy are refused without being shown: %s', (value, name) => {
    const { lines } = load({ env: { ...TOKEN, [name]: value } });
    expect(lines).toHaveLength(1);
    expect(lines[0]).toMatch(new RegExp(`^${name}: must be a URL such as http://proxy\\.example\\.com:3128; `, 'u'));
    expect(lines[0]).not.toMatch(/canary|ary@/u);
  });

  test('have logins that no log line shows, in whatever form they come', () => {
    const login = 'http://jane:canary%40-1@proxy.example.com:3128';
    const { secrets } = loadWell({ env: { ...TOKEN, HTTPS_PROXY: login } });
    const scrub = createScrub(secrets);
    const header = Buffer.from('jane:canary@-1').toString('base64');
    for (const form of [login, `${login}/`, 'canary%40-1', 'canary@-1', header]) {
      expect(scrub(`before ${form} after`)).toMatch(/^before \S*\*\*\*\S* after$/u);
      expect(scrub(form)).not.toMatch(/canary|amFuZ/u);
    }
  });
});
