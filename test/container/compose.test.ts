import { beforeAll, describe, expect, test } from 'vitest';

import { freePort } from '../support/free-port.ts';
import { type DockerResult, tryCommand, uniqueName, waitFor } from './docker.ts';

/** Compose v2 is a command of docker, v1 a program of its own; the file has to please both. */
const CANDIDATES = [
  { file: 'docker', before: ['compose'] },
  { file: 'docker-compose', before: [] },
] as const;
let found: (typeof CANDIDATES)[number] | undefined;

const PROJECT = uniqueName('compose');
/** Not the ports of somebody's own demo, nor of another test. */
const PORTS = { ROLLCALL_DEMO_PORT: String(await freePort()), ROLLCALL_SANDBOX_PORT: String(await freePort()) };

beforeAll(async () => {
  for (const candidate of CANDIDATES) {
    const { code } = await tryCommand(candidate.file, [...candidate.before, 'version']).catch(() => ({ code: 1 }));
    if (code === 0) found ??= candidate;
  }
  if (found === undefined) throw new Error('neither `docker compose` nor `docker-compose` is there');
});

async function compose(...args: readonly string[]): Promise<DockerResult> {
  if (found === undefined) throw new Error('no compose');
  return await tryCommand(found.file, [...found.before, '--project-name', PROJECT, ...args], {
    ...PORTS,
    POSTGRES_PASSWORD: 'test-only',
  });
}

describe('docker-compose.yml', () => {
  test.each(['demo', 'worker'])('is valid with the profile %s', async (profile) => {
    expect(await compose('--profile', profile, 'config', '--quiet')).toMatchObject({ code: 0 });
  });

  test('the demo shows drift within minutes: findings in the database, a message in Slack', async () => {
    await using _down = {
      [Symbol.asyncDispose]: async () => void (await compose('--profile', 'demo', 'down', '--volumes')),
    };
    const up = await compose('--profile', 'demo', 'up', '--detach', '--build');
    expect(up.code === 0 ? '' : up.stderr).toBe('');
    const node = ['/nodejs/bin/node', '/app/src/main.ts'];
    const lines = await waitFor('the leaver', 200_000, async () => {
      const { stdout } = await compose('exec', '-T', 'demo', ...node, 'findings', '--format', 'csv');
      return stdout.includes('leaver_account') ? stdout : undefined;
    });
    expect(lines).toMatch(/"orphaned_account","critical"/);
    const slack = await waitFor('the message', 30_000, async () => {
      const text = await (await fetch(`http://127.0.0.1:${PORTS.ROLLCALL_SANDBOX_PORT}/`)).text();
      return text.includes('left') ? text : undefined;
    });
    expect(slack).toMatch(/still ha(s|ve) (an account|accounts)/);
    const page = await fetch(`http://127.0.0.1:${PORTS.ROLLCALL_DEMO_PORT}/readyz`, {
      headers: { authorization: 'Bearer demo' },
    });
    expect(page.status).toBe(200);
  });
});
