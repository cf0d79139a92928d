import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import axe from 'axe-core';
import type { Browser, BrowserContextOptions, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { makeReportFile } from '../../../src/cli/report-file.ts';
import type { HttpServer } from '../../../src/http/server.ts';
import { createPageReader } from '../../../src/store/reader/page/page-reader.ts';
import { createReader } from '../../../src/store/reader/reader.ts';
import { findChromium, openBrowser } from '../../support/browser.ts';
import { aRow } from '../../support/builders.ts';
import { servePages } from '../../support/page-server.ts';
import { openWorkerWorld, type WorkerWorld } from '../../support/worker.ts';

// The pages in a real browser, over what the real worker has made of a company in which everything that can be hostile is.

const CLOCK = () => new Date('2026-03-02T09:30:00Z');
const HOSTILE: readonly { readonly id: string; readonly name: string }[] = [
  { id: 'x-1', name: '<script>document.title="owned"</script>' },
  { id: 'javascript:document.title="owned"', name: '<svg onload=document.title="owned">' },
  { id: '../../x', name: '\u202eevil\u2066 \u0627\u0644\u0639\u0631\u0628\u064a\u0629' },
  { id: '..', name: 'W'.repeat(900) },
  { id: '"><img src=x onerror=document.title="owned">', name: '&lt;b&gt; \'"><base href=//evil.example>' },
];
const CROWD = Array.from({ length: 12 }, (_, n) => aRow({ externalId: `c-${n}`, email: `c${n}@example.com` }));

const found = await findChromium();
const skipped = 'missing' in found ? found.missing : undefined;
let world: WorkerWorld;
let server: HttpServer & AsyncDisposable;
let browser: Browser & AsyncDisposable;

beforeAll(async () => {
  if ('missing' in found) return;
  browser = await openBrowser(found.path);
  world = await openWorkerWorld();
  world.identities = [...CROWD, aRow({ externalId: 'p-1', endDate: '2026-02-28' })];
  const odd = HOSTILE.map(({ id, name }, at) =>
    aRow({ externalId: id, displayName: name, email: `odd${at}@example.net` }),
  );
  world.accounts = [...CROWD, aRow(), ...odd];
  await world.run('2026-03-02T09:00:00Z');
  server = await servePages(world.store, CLOCK);
});
afterAll(async () => {
  if (skipped !== undefined) return;
  await browser[Symbol.asyncDispose]();
  await server[Symbol.asyncDispose]();
  await world[Symbol.asyncDispose]();
});

/** What the browser itself complains of: violations of the policy are among it. */
async function visit(path: string, options: BrowserContextOptions = {}): Promise<{ page: Page; complaints: string[] }> {
  const context = await browser.newContext(options);
  const page = await context.newPage();
  const complaints: string[] = [];
  page.on('console', (message) => complaints.push(message.text()));
  page.on('pageerror', (error) => complaints.push(error.message));
  page.on('requestfailed', (request) => complaints.push(`not loaded: ${request.url()}`));
  page.on('request', (request) => {
    if (!request.url().startsWith(server.url) && !request.url().startsWith('file:')) complaints.push(request.url());
  });
  await page.goto(path.startsWith('file:') ? path : `${server.url}${path}`);
  return { page, complaints };
}

async function allPages(): Promise<readonly string[]> {
  const { rows } = await world.store.pool.query<{ id: number; rule: string }>(
    `select id, rule from rollcall.drift_findings order by id`,
  );
  const people = HOSTILE.map(({ id }) => `/people/crm?id=${encodeURIComponent(id)}`);
  return ['/', '/sources/crm', '/people/directory/p-1', ...people, ...rows.map(({ id }) => `/findings/${id}`)];
}

describe.skipIf(skipped !== undefined)(`in Chromium ${skipped ?? ''}`, () => {
  test('no page has anything that axe finds', async () => {
    const { page } = await visit('/', { bypassCSP: true });
    const others = (await allPages()).filter((path) => path !== '/');
    for (const path of ['/?rule=orphaned_account', '/?nonsense=1', ...others.slice(0, 3), ...others.slice(-2)]) {
      await page.goto(`${server.url}${path}`);
      await page.addScriptTag({ content: axe.source });
      const wrong: unknown = await page.evaluate(
        'axe.run().then((r) => r.violations.map((v) => v.id + ": " + v.nodes.map((n) => n.html).slice(0, 2).join(" | ")))',
      );
      expect({ path, wrong }).toEqual({ path, wrong: [] });
    }
    await page.context().close();
  });

  test('the report has nothing that axe finds in any look', async () => {
    const { page } = await visit('/', { bypassCSP: true });
    await page.addScriptTag({ content: axe.source });
    for (const colorScheme of ['light', 'dark'] as const) {
      for (const width of [1_200, 390]) {
        await page.emulateMedia({ colorScheme });
        await page.setViewportSize({ width, height: 844 });
        const wrong: unknown = await page.evaluate('axe.run().then((r) => r.violations.map((v) => v.id))');
        expect(wrong).toEqual([]);
        const overflow: unknown = await page.evaluate('document.documentElement.scrollWidth - innerWidth');
        expect(overflow).toBeLessThanOrEqual(0);
      }
    }
    await page.context().close();
  });

  test('on a phone no page is wider than the screen', async () => {
    const { page } = await visit('/', { viewport: { width: 390, height: 844 } });
    for (const path of await allPages()) {
      await page.goto(`${server.url}${path}`);
      const overflow: unknown = await page.evaluate('document.documentElement.scrollWidth - innerWidth');
      expect({ path, overflow }).toEqual({ path, overflow: 0 });
    }
    await page.context().close();
  });

  test('names act nowhere, nothing is fetched from elsewhere, and the browser has nothing to complain of', async () => {
    const { page, complaints } = await visit('/');
    for (const path of await allPages()) {
      await page.goto(`${server.url}${path}`);
      expect({ path, complaints }).toEqual({ path, complaints: [] });
      expect(await page.title()).not.toBe('owned');
      expect(await page.locator('script, svg:not(.trend), img, base, iframe, object').count()).toBe(0);
      expect(await page.evaluate('document.body.innerText.includes("\\u202e")')).toBe(false);
    }
    await page.context().close();
  });

  test('the policy is in force: a style and a script that got in all the same would do nothing', async () => {
    const { page, complaints } = await visit('/');
    await page.evaluate(
      `document.body.insertAdjacentHTML('beforeend', '<p id="in" style="color:red" onclick="document.title=1">x</p>')`,
    );
    expect(await page.evaluate('getComputedStyle(document.getElementById("in")).color')).toMatch(
      /^rgb\((?!255, 0, 0)/u,
    );
    await page.locator('#in').click();
    expect(await page.title()).not.toBe('1');
    expect(complaints.join()).toMatch(/Content Security Policy/u);
    await page.context().close();
  });

  test('without script it is the same page', async () => {
    const texts = [];
    for (const javaScriptEnabled of [true, false]) {
      const { page } = await visit('/', { javaScriptEnabled });
      texts.push(await page.locator('body').innerText());
      await page.context().close();
    }
    expect(texts[0]).toContain('1 person who left still has an account');
    expect(texts[1]).toBe(texts[0]);
  });

  test('by keyboard: to the content first, each stop is seen, and the form leads to the address of its filter', async () => {
    const { page } = await visit('/');
    await page.keyboard.press('Tab');
    expect(await page.locator(':focus').innerText()).toBe('To the content');
    expect(await page.locator(':focus').boundingBox()).toMatchObject({ x: expect.any(Number) });
    await page.keyboard.press('Enter');
    expect(await page.locator(':focus').getAttribute('id')).toBe('main');
    let stops = 0;
    const isButton = async (): Promise<boolean> => (await page.locator(':focus').innerText()) === 'Show';
    while (stops < 60 && !(await isButton())) {
      await page.keyboard.press('Tab');
      stops += 1;
      const outline: unknown = await page.evaluate('getComputedStyle(document.activeElement).outlineStyle');
      expect(outline).toBe('solid');
    }
    await page.getByRole('combobox', { name: 'Severity' }).selectOption('low');
    await page.getByRole('button', { name: 'Show' }).focus();
    await page.keyboard.press('Enter');
    await page.waitForURL(/severity=low/u);
    expect(await page.locator('body').innerText()).toContain('with severity low');
    await page.context().close();
  });

  test('the file opens from disk, acts nowhere and leads to its own sections', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'rollcall-file-'));
    try {
      const [reader, pages] = [createReader(world.store), createPageReader(world.store)];
      const report = await reader.report();
      if (report === undefined) throw new Error('no report');
      const [findings, sources, runs] = [
        await reader.findings({ statuses: ['open', 'held'] }),
        await reader.sources(),
        await reader.latestRuns(),
      ];
      const path = join(folder, 'report.html');
      await writeFile(path, await makeReportFile({ reader, pages }, { report, findings, sources, runs }, CLOCK()));
      const { page, complaints } = await visit(pathToFileURL(path).href);
      expect(complaints).toEqual([]);
      expect(await page.title()).toBe(`Report ${report.id} · Rollcall`);
      expect(await page.locator('script, img, base').count()).toBe(0);
      const [first] = findings;
      await page
        .locator(`a[href="#finding-${first?.id ?? 0}"]`)
        .first()
        .click();
      expect(await page.locator(`#finding-${first?.id ?? 0}:target`).count()).toBe(1);
      const pdf = await page.pdf({ format: 'A4' });
      expect(pdf.subarray(0, 5).toString()).toBe('%PDF-');
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  });
});
