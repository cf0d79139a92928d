// `npm run screenshots`: the pictures of the docs, of the real pages over real data.
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Browser } from 'playwright-core';
import { openEmbeddedPostgres } from '../../src/store/embedded/open.ts';
import { openDatabase } from '../../src/store/database.ts';
import { openBenchDatabase, SILENT } from '../bench/database.ts';
import { findChromium, openBrowser } from '../support/browser.ts';
import { runCli } from '../support/cli.ts';
import { fillCompany, LARGE } from '../support/page-company.ts';
import { servePages } from '../support/page-server.ts';
import { terminalPage } from './terminal.ts';

const OUT = fileURLToPath(new URL('../../docs/screenshots/', import.meta.url));
const DESK = { width: 1_000, height: 800 };
/** Enough to see what it is like; the rest is more of the same, and a picture stays small. */
const HEIGHT_MAX = 1_400;
/** A4 at 96 dots an inch. */
const PAPER = { width: 794, height: 1_123 };
const PHONE = { width: 390, height: 844 };
const LARGE_AT = new Date('2026-11-21T09:12:05.000Z');

type Shot = {
  readonly name: string;
  readonly url: string;
  readonly size?: { readonly width: number; readonly height: number };
  readonly dark?: boolean;
  readonly print?: boolean;
  /** Only what fits on the screen. */
  readonly top?: boolean;
};

async function shoot(browser: Browser, shot: Shot): Promise<void> {
  const { name, url, dark, print, top } = { dark: false, print: false, top: false, ...shot };
  const viewport = print ? PAPER : (shot.size ?? DESK);
  const context = await browser.newContext({
    viewport,
    colorScheme: dark ? 'dark' : 'light',
    javaScriptEnabled: false,
  });
  const page = await context.newPage();
  if (print) await page.emulateMedia({ media: 'print' });
  await page.goto(url);
  const { height } = (await page.locator('html').boundingBox()) ?? viewport;
  const clip = { x: 0, y: 0, width: viewport.width, height: Math.min(HEIGHT_MAX, Math.ceil(height)) };
  const file = path.join(OUT, `${name}.png`);
  await page.screenshot(top ? { path: file } : { path: file, fullPage: true, clip });
  await context.close();
  process.stdout.write(`${name}.png\n`);
}

async function main(): Promise<number> {
  const chromium = await findChromium();
  if ('missing' in chromium) {
    process.stderr.write(`${chromium.missing}\n`);
    return 1;
  }
  await mkdir(OUT, { recursive: true });
  const folder = await mkdtemp(path.join(tmpdir(), 'rollcall-screenshots-'));
  await using undo = new AsyncDisposableStack();
  undo.defer(() => rm(folder, { recursive: true, force: true }));
  const browser = undo.use(await openBrowser(chromium.path));
  await shootEmpty(browser);
  await shootDemo(browser, folder);
  await shootLarge(browser);
  return 0;
}

async function shootEmpty(browser: Browser): Promise<void> {
  await using undo = new AsyncDisposableStack();
  const database = undo.adopt(await openBenchDatabase(process.env), (opened) => opened.close());
  const server = undo.use(await servePages(database));
  await shoot(browser, { name: 'empty', url: server.url, size: { width: 1_000, height: 620 } });
}

/** The company of `rollcall demo`, by the program itself. */
async function shootDemo(browser: Browser, folder: string): Promise<void> {
  const ran = await runCli(['demo'], { cwd: folder });
  if (ran.code !== 0) throw new Error(`the demo ended with ${ran.code}: ${ran.stderr}`);
  const home = path.join(folder, '.rollcall-demo');
  const config = path.join(home, 'rollcall.yaml');
  const file = path.join(folder, 'report.html');
  await runCli(['--config', config, 'report', '--format', 'html', '--out', file], { cwd: folder });
  await shootTerminal(browser, folder, config);
  await using undo = new AsyncDisposableStack();
  const postgres = undo.adopt(
    await openEmbeddedPostgres({ directory: path.join(home, '.rollcall'), say: () => {} }),
    (opened) => opened.close(),
  );
  const database = undo.adopt(
    openDatabase({ url: postgres.url, poolMax: 4, log: SILENT, applicationName: 'rollcall screenshots' }),
    (opened) => opened.close(),
  );
  const { url } = undo.use(await servePages(database));
  for (const shot of [
    { name: 'demo-light', url },
    { name: 'demo-dark', url, dark: true },
    { name: 'demo-phone', url, size: PHONE },
    { name: 'demo-print', url, print: true },
    { name: 'finding', url: `${url}/findings/2` },
    { name: 'finding-dark', url: `${url}/findings/2`, dark: true },
    { name: 'source', url: `${url}/sources/nimble` },
    { name: 'not-found', url: `${url}/findings/4711`, size: { width: 1_000, height: 500 } },
    { name: 'file', url: `file://${file}` },
    { name: 'file-print', url: `file://${file}`, print: true },
  ]) {
    await shoot(browser, shot);
  }
  const { rows } = await database.pool.query<{ source: string; id: string }>(
    `select identity_source as source, identity_id as id from rollcall.drift_findings where rule = 'leaver_account' limit 1`,
  );
  const [leaver] = rows;
  if (leaver === undefined) throw new Error('nobody left in the demo');
  await shoot(browser, { name: 'person', url: `${url}/people/${leaver.source}/${encodeURIComponent(leaver.id)}` });
}

/** The vendors of the demo are gone by now: what `doctor` says when nobody answers. */
async function shootTerminal(browser: Browser, folder: string, config: string): Promise<void> {
  for (const [name, args, columns] of [
    ['terminal-report', ['report'], 100],
    ['terminal-narrow', ['findings'], 80],
    ['terminal-explain', ['explain', '3'], 100],
    ['terminal-doctor', ['doctor'], 100],
  ] as const) {
    const env = { COLUMNS: String(columns), FORCE_COLOR: '1' };
    const { stdout } = await runCli(['--config', config, ...args], { cwd: folder, env });
    const context = await browser.newContext({ viewport: { width: columns * 9 + 32, height: 100 } });
    const page = await context.newPage();
    await page.setContent(terminalPage(`rollcall ${args.join(' ')}`, stdout.replaceAll(folder, '/srv/acme'), columns));
    await page.locator('html').screenshot({ path: path.join(OUT, `${name}.png`) });
    await context.close();
    process.stdout.write(`${name}.png\n`);
  }
}

async function shootLarge(browser: Browser): Promise<void> {
  await using undo = new AsyncDisposableStack();
  const database = undo.adopt(await openBenchDatabase(process.env), (opened) => opened.close());
  await fillCompany(database.pool, LARGE);
  const { url } = undo.use(await servePages(database, () => LARGE_AT));
  await shoot(browser, { name: 'large-light', url, size: { width: 1_000, height: 1_400 }, top: true });
  await shoot(browser, { name: 'large-dark', url, size: { width: 1_000, height: 1_400 }, top: true, dark: true });
  await shoot(browser, { name: 'large-phone', url, size: { width: 390, height: 1_400 }, top: true });
  await shoot(browser, {
    name: 'large-filtered',
    url: `${url}/?severity=critical&source=nimble&age=30#findings`,
    top: true,
  });
}

process.exitCode = await main();
