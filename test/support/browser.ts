import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { promisify } from 'node:util';
import { chromium, type Browser } from 'playwright-core';

const run = promisify(execFile);
const PATHS = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'];
const APT_TIMEOUT_MS = 300_000;

/** The system's Chromium; on Debian as root it is installed. Otherwise why there is none. */
export async function findChromium(): Promise<{ readonly path: string } | { readonly missing: string }> {
  const found = PATHS.find((path) => existsSync(path));
  if (found !== undefined) return { path: found };
  if (process.getuid?.() !== 0 || !existsSync('/etc/debian_version')) {
    return { missing: 'no Chromium, and without root and Debian it cannot be had' };
  }
  // A new machine has no lists of packages.
  await apt('update', '--quiet');
  await apt('install', '--yes', '--quiet', '--no-install-recommends', 'chromium', 'fonts-dejavu-core');
  return { path: '/usr/bin/chromium' };
}

/** Without the sandbox that a container does not have, and nothing but the pages of the test is opened. */
export async function openBrowser(path: string): Promise<Browser & AsyncDisposable> {
  const browser = await chromium.launch({ executablePath: path, args: ['--no-sandbox', '--disable-gpu'] });
  return Object.assign(browser, { [Symbol.asyncDispose]: () => browser.close() });
}

async function apt(...args: readonly string[]): Promise<void> {
  await run('apt-get', args, { timeout: APT_TIMEOUT_MS, env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' } });
}
