import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, readdir, rename, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const run = promisify(execFile);
const CACHE = fileURLToPath(new URL('../../node_modules/.cache/promtool/', import.meta.url));
const APT_TIMEOUT_MS = 120_000;

/**
 * Prometheus's own checker: the system's, or the one of Debian's package, unpacked and not installed (installing it would start a server).
 * Otherwise why there is none.
 */
export async function findPromtool(): Promise<{ readonly path: string } | { readonly missing: string }> {
  for (const path of ['promtool', join(CACHE, 'promtool')]) {
    if (await answers(path, ['--version'])) return { path };
  }
  if (process.getuid?.() !== 0 || !(await answers('apt-get', ['--version']))) {
    return { missing: 'no promtool, and without root and apt-get it cannot be had' };
  }
  await unpack();
  return { path: join(CACHE, 'promtool') };
}

async function answers(file: string, args: readonly string[]): Promise<boolean> {
  try {
    await run(file, args);
    return true;
  } catch {
    return false; // not there, or not executable: the next one is asked
  }
}

async function unpack(): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'promtool-'));
  const options = { cwd: folder, timeout: APT_TIMEOUT_MS };
  try {
    // A new machine has no lists of packages.
    await run('apt-get', ['download', 'prometheus'], options).catch(async () => {
      await run('apt-get', ['update'], options);
      await run('apt-get', ['download', 'prometheus'], options);
    });
    const archive = (await readdir(folder)).find((name) => name.endsWith('.deb'));
    if (archive === undefined) throw new Error('apt-get has downloaded nothing');
    await run('dpkg-deb', ['--extract', archive, 'unpacked'], options);
    await mkdir(CACHE, { recursive: true });
    await run('cp', [join(folder, 'unpacked/usr/bin/promtool'), join(CACHE, 'promtool.new')]);
    await rename(join(CACHE, 'promtool.new'), join(CACHE, 'promtool'));
  } finally {
    await rm(folder, { recursive: true });
  }
}
