import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { HttpServer } from '../../../src/http/server.ts';
import { makeReportFile } from '../../../src/cli/report-file.ts';
import { renderReport } from '../../../src/cli/render/report.ts';
import { createPageReader } from '../../../src/store/reader/page/page-reader.ts';
import { createReader } from '../../../src/store/reader/reader.ts';
import { aReport } from '../../support/view-rows.ts';
import { aRow } from '../../support/builders.ts';
import { servePages } from '../../support/page-server.ts';
import { ask } from '../../support/served.ts';
import { openWorkerWorld, type WorkerWorld } from '../../support/worker.ts';

const HOSTILE = '<img src=x onerror=alert(1)>';
const ODD = 'a/b?c#d%e木';
const CROWD = Array.from({ length: 12 }, (_, n) => aRow({ externalId: `c-${n}`, email: `c${n}@example.com` }));
const clock = () => new Date('2026-03-02T09:30:00Z');

let world: WorkerWorld;
let server: HttpServer & AsyncDisposable;

beforeAll(async () => {
  world = await openWorkerWorld();
  world.identities = [...CROWD, aRow({ externalId: 'p-1', endDate: '2026-02-28', aliases: ['jane@example.com'] })];
  world.accounts = [
    ...CROWD,
    aRow({ externalId: ODD }),
    aRow({ externalId: '..', email: 'jane@example.com' }),
    aRow({ externalId: 'x-1', email: 'stranger@example.com', displayName: HOSTILE }),
  ];
  await world.run('2026-03-02T09:00:00Z');
  server = await servePages(world.store, clock);
});
afterAll(async () => {
  await server[Symbol.asyncDispose]();
  await world[Symbol.asyncDispose]();
});

const linksOf = (body: string): readonly string[] =>
  [...body.matchAll(/href="(\/[^"]*)"/gu)].map(([, href = '']) => href.replaceAll('&amp;', '&').replace(/#.*$/u, ''));

test('the report: the headline counts one person who left once, the sources say what they rest on', async () => {
  const { status, body } = await ask(server, '/');
  expect(status).toBe(200);
  expect(body).toMatch(/<h1>\s*1 person who left still has an account, 1 account belongs to nobody we know/u);
  expect(body).toContain('read in full <time');
  expect(body).toContain('30 minutes ago');
  expect(body).not.toContain('<img');
});

test('what accounts that should not be cost a month: two of who left and one of nobody, where a price is set', async () => {
  const set = (amount: number | null): Promise<unknown> =>
    world.store.pool.query(
      `update rollcall.source set seat_amount = $1, seat_currency = case when $1::numeric is null then null else 'USD' end,
              seat_per = case when $1::numeric is null then null else 'month' end where name = 'crm'`,
      [amount],
    );
  await set(24.9);
  await using priced = await servePages(world.store, clock);
  const cost = 'Paid for accounts that should not be: crm 74.70 USD a month (3 seats).';
  expect((await ask(priced, '/')).body).toContain(cost);
  expect((await ask(priced, '/sources/crm')).body).toContain(cost);
  expect((await ask(priced, '/sources/directory')).body).not.toContain('Paid for');
  const parts = { report: aReport(), sources: await createReader(world.store).sources(), runs: [], findings: [] };
  expect(renderReport(parts, { format: 'table', width: 120, now: clock() })).toContain(`\n${cost}\n`);
  expect(renderReport(parts, { format: 'md', width: 120, now: clock() })).toContain(`\n${cost}\n`);
  const deps = { reader: createReader(world.store), pages: createPageReader(world.store) };
  expect(await makeReportFile(deps, parts, clock())).toContain(cost);
  await set(null);
  await using free = await servePages(world.store, clock);
  expect((await ask(free, '/')).body).not.toContain('Paid for');
});

test('every link of every page leads somewhere', async () => {
  const seen = new Set(['/']);
  for (const path of seen) {
    const { status, body } = await ask(server, path);
    expect(`${path} ${status}`).toBe(`${path} 200`);
    if (path.startsWith('/favicon')) continue;
    for (const link of linksOf(body)) if (seen.size < 200) seen.add(link);
  }
  expect([...seen].filter((path) => path.startsWith('/people/')).length).toBeGreaterThan(2);
  expect([...seen].filter((path) => path.startsWith('/findings/')).length).toBeGreaterThan(2);
});

describe('case 100: what looks like SQL', () => {
  const DROP = `'; drop table rollcall.finding; --`;
  test('as id and name of an account is text, and is found by it', async () => {
    await using other = await openWorkerWorld();
    other.identities = CROWD;
    other.accounts = [...CROWD, aRow({ externalId: DROP, email: 'stranger@example.com', displayName: DROP })];
    await other.run('2026-03-02T09:00:00Z');
    await using served = await servePages(other.store, clock);
    const { status, body } = await ask(served, `/people/crm/${encodeURIComponent(DROP)}`);
    expect(status).toBe(200);
    expect(body).toContain('&#39;; drop table rollcall.finding; --');
    expect(await other.findings()).toEqual([`orphaned_account ${DROP} open`]);
  });

  test.each([
    ['/?sort=id%22--', 400],
    [`/?source=${encodeURIComponent(DROP)}`, 400],
    [`/?after=${encodeURIComponent(DROP)}`, 400],
    [`/findings/${encodeURIComponent(`1${DROP}`)}`, 400],
    [`/sources/${encodeURIComponent(DROP)}`, 404],
    [`/people/crm/${encodeURIComponent(DROP)}`, 404],
    [`/api/findings?source=${encodeURIComponent(DROP)}`, 400],
    [`/api/findings?limit=${encodeURIComponent('1;--')}`, 400],
  ])('in the address %s is answered with %i', async (path, status) => {
    expect((await ask(server, path)).status).toBe(status);
    expect((await ask(server, '/')).status).toBe(200);
  });
});

describe('a person', () => {
  test.each([
    ['their record', '/people/directory/p-1'],
    ['an account with every special letter', `/people/crm/${encodeURIComponent(ODD)}`],
    ['an account whose id a browser would take for a folder', '/people/crm?id=..'],
  ])('is the same by %s', async (_, path) => {
    const { status, body } = await ask(server, path);
    expect(status).toBe(200);
    expect(body).toContain('last day 2026-02-28');
    expect(body).toContain('a/b?c#d%e木');
    expect(body).toContain('/people/crm?id=..');
    expect(body.match(/<span class="tag high">/gu)?.length).toBe(2);
  });

  test('an account of nobody says so', async () => {
    const { body } = await ask(server, '/people/crm/x-1');
    expect(body).toContain('belongs to nobody we know');
    expect(body).toContain('&lt;img src=x onerror=alert(1)&gt;');
  });
});

describe('what cannot be shown says why and what to do', () => {
  test.each([
    ['/findings/4711', 404, 'There is no finding 4711'],
    ['/findings/1e3', 400, 'The id of a finding is a number'],
    ['/findings/99999999999999999999', 400, 'The id of a finding is a number'],
    ['/sources/nowhere', 404, 'There is no such source'],
    ['/sources/%3Cb%3E', 404, '&lt;b&gt;'],
    ['/sources/crm?before=x', 400, 'before is the number of a run'],
    ['/people/crm/nobody', 404, 'There is no such record'],
    ['/people/crm/%00', 404, 'There is no such record'],
    ['/people/crm/%E0%A4%A', 404, 'There is no such record'],
    ['/people/crm', 404, 'There is no such record'],
    [`/people/crm/${'x'.repeat(3_000)}`, 404, 'There is no such record'],
    ['/?severity=terrible', 400, 'one of low, medium, high, critical'],
    ['/?nonsense=1', 400, 'it may ask for status'],
    ['/?after=%00', 400, 'begin again at the first page'],
  ])('%s', async (path, status, says) => {
    const answer = await ask(server, path);
    expect(answer.status).toBe(status);
    expect(answer.headers['content-type']).toContain('text/html');
    expect(answer.body).toContain(says);
    expect(answer.body).toContain('To the report');
  });
});

test('a filter shows what it asks for, and says so', async () => {
  const { body } = await ask(server, '/?rule=orphaned_account&status=&severity=');
  // Of one nothing needs an order, and of all that is shown nothing has to be counted.
  expect(body).toMatch(/<caption>\s*1 finding with rule orphaned_account\s*<\/caption>/u);
  expect((await ask(server, '/')).body).toMatch(/<caption>\s*\d findings, the most severe first\s*<\/caption>/u);
  expect(body).toContain('<option value="orphaned_account" selected>');
  expect((await ask(server, '/?status=waived')).body).toContain('No finding with status waived');
});
