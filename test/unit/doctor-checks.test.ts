import { execFileSync } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { CheckResult } from '../../src/cli/doctor.ts';
import { loadConfig } from '../../src/config/load.ts';
import { doctorChecks } from '../../src/doctor-checks.ts';

let folder = '';
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'rollcall-doctor-'));
});
afterEach(async () => {
  await rm(folder, { recursive: true });
});

const silence = () => undefined;
const log = { debug: silence, info: silence, warn: silence, error: silence };

function checksOf(env: Readonly<Record<string, string>>) {
  return doctorChecks(
    () => loadConfig({ env, cwd: folder, configPath: undefined }),
    () => ({ clock: () => new Date(), log, say: silence }),
  );
}

async function checkIdentities(): Promise<CheckResult | readonly CheckResult[] | undefined> {
  const checks = checksOf({ IDENTITIES: './identities.csv' });
  return await checks.find(({ name }) => name === 'source identities')?.run();
}

test('each check says by its name what it looks at, also before it has an answer', () => {
  const names = checksOf({ IDENTITIES: './identities.csv', NIMBLE_TOKEN: 'token' }).map(({ name }) => name);
  expect(names).toEqual(['configuration', 'database', 'source identities', 'source nimble', 'Slack']);
  expect(checksOf({}).map(({ name }) => name)).toEqual(['configuration']);
});

test('a list is counted, and one with rows without an id is doubtful', async () => {
  const path = join(folder, 'identities.csv');
  await writeFile(path, 'id,email\n1,ann@example.com\n2,bob@example.com\n');
  expect(await checkIdentities()).toEqual({ name: 'source identities', status: 'ok', detail: '2 rows' });
  await writeFile(path, 'id,email\n1,ann@example.com\n,bob@example.com\n');
  expect(await checkIdentities()).toMatchObject({ status: 'warn', detail: expect.stringContaining('1 without an id') });
});

test('a pipe in the place of a list is a failure at once', async () => {
  execFileSync('mkfifo', [join(folder, 'identities.csv')]);
  expect(await checkIdentities()).toMatchObject({
    name: 'source identities',
    status: 'fail',
    detail: expect.stringContaining('is not a regular file'),
  });
});
