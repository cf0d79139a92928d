import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { loadConfig } from '../../src/config/load.ts';
import { openSource } from '../../src/wire-sources.ts';
import { collect } from '../support/listing.ts';
import { startProxy } from '../support/proxy-server.ts';

describe('openSource', () => {
  test('reads a SCIM server through the proxy too', async () => {
    await using proxy = await startProxy({ status: 407 });
    const cwd = await mkdtemp(join(tmpdir(), 'rollcall-wire-'));
    await writeFile(join(cwd, 'rollcall.yaml'), 'sources: [{ name: s, type: scim, company: acme, token: t }]\n');
    const { config } = loadConfig({ env: { HTTPS_PROXY: `http://${proxy.host}` }, cwd });
    await rm(cwd, { recursive: true });
    const [source] = config.sources;
    if (source === undefined) throw new Error('no source is configured');
    const { end } = await collect(openSource(source, config));
    expect(proxy.asked).toMatchObject([{ target: 'acme.namely.com:443' }]);
    expect(end.outcome).toMatchObject({ kind: 'broken', detail: expect.stringContaining('the proxy wants a login') });
  });

  test.each([
    ['files.example.com:443', { IDENTITIES: 'https://files.example.com/list.csv' }],
    ['api.nimble.com:443', { NIMBLE_TOKEN: 't' }],
    ['acme.namely.com:443', { NAMELY_TOKEN: 't', NAMELY_COMPANY: 'acme' }],
  ])('reads %s through the proxy of the environment', async (target, env) => {
    await using proxy = await startProxy({ status: 407 });
    const surroundings = { ...env, HTTPS_PROXY: `http://jane:proxy-canary@${proxy.host}` };
    const { config } = loadConfig({ env: surroundings, cwd: import.meta.dirname });
    const [source] = config.sources;
    if (source === undefined) throw new Error('no source is configured');
    const { end } = await collect(openSource(source, config));
    expect(proxy.asked).toMatchObject([{ target }]);
    expect(end.outcome).toMatchObject({ kind: 'broken', detail: expect.stringContaining('the proxy wants a login') });
    expect(JSON.stringify(end)).not.toContain('canary');
  });
});
