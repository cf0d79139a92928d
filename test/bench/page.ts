// `npm run bench:page`: how long the report page of a large company takes to its first byte, beside the empty one in the same process.
import { get } from 'node:http';
import { performance } from 'node:perf_hooks';
import type { Pool } from 'pg';
import type { HttpServer } from '../../src/http/server.ts';
import { fillCompany, LARGE } from '../support/page-company.ts';
import { servePages } from '../support/page-server.ts';
import { openBenchDatabase } from './database.ts';
import type { Spread } from './figure.ts';
import { interleave } from './repeat.ts';

const ROUNDS = 100;
/** What the product promises: the large page's first byte takes at most so many times as long as the empty one's. */
const RATIO_MAX = 3;

/** Milliseconds from the request to the first byte of the answer's body. */
async function firstByte(server: HttpServer, path: string): Promise<number> {
  const begin = performance.now();
  return new Promise((resolve, reject) => {
    get({ host: '127.0.0.1', port: server.port, path, agent: false }, (response) => {
      let atMs: number | undefined;
      response.on('data', () => (atMs ??= performance.now() - begin));
      response.on('end', () => {
        if (response.statusCode === 200 && atMs !== undefined) resolve(atMs);
        else reject(new Error(`${path} answered ${response.statusCode}`));
      });
    }).on('error', reject);
  });
}

/** What a reconciliation does at the least: a finding is another one, its history says so, and there is a report. */
const CHANGE = `
  with report as (
    insert into rollcall.drift_report (started_at, finished_at, verdicts, withheld, opened, reopened, resolved, undecided, open, held, waived, baseline)
    values (now(), now(), '{}', '[]', 0, 0, 0, 0, 0, 0, 0, '{}') returning id),
  changed as (
    update rollcall.finding f set severity = case f.severity when 'low' then 'medium' else 'low' end, report_id = r.id
      from report r where f.id = (select max(l.id) - (r.id % 100) from rollcall.finding l) returning f.id, r.id as report_id)
  insert into rollcall.finding_event (finding_id, at, event, report_id, detail) select id, now(), 'updated', report_id, '{}' from changed`;

type Look = { readonly name: string; readonly path: string; readonly isChanged: boolean };
const LOOKS: readonly Look[] = [
  { name: 'report page', path: '/', isChanged: false },
  { name: 'filtered', path: '/?severity=low&source=nimble', isChanged: false },
  { name: 'report page, first after a change', path: '/', isChanged: true },
  { name: 'filtered, first after a change', path: '/?severity=low&source=nimble', isChanged: true },
];

type Side = { readonly pool: Pool; readonly server: HttpServer };

/** A look in the same state of both: after a change of both or of none. */
async function lookAt({ pool, server }: Side, { path, isChanged }: Look): Promise<number> {
  if (isChanged) await pool.query(CHANGE);
  return await firstByte(server, path);
}

function line(name: string, { median, min, max }: Spread): string {
  return `${name.padEnd(36)} ${median.toFixed(1).padStart(6)} ms (${min.toFixed(1)} to ${max.toFixed(1)})`;
}

async function main(): Promise<number> {
  await using empty = await openBenchDatabase(process.env).then(disposing);
  await using large = await openBenchDatabase(process.env).then(disposing);
  await fillCompany(large.pool, LARGE);
  await using emptyServer = await servePages(empty);
  await using largeServer = await servePages(large);
  const sides = { empty: { pool: empty.pool, server: emptyServer }, large: { pool: large.pool, server: largeServer } };
  const stop = new AbortController();
  // Else both servers would outlive us.
  for (const name of ['SIGINT', 'SIGTERM'] as const) process.once(name, () => stop.abort(new Error(name)));
  const { signal } = stop;
  const ratios: number[] = [];
  process.stdout.write(
    `First byte, median of ${ROUNDS}; ${LARGE.accounts} accounts, ${LARGE.findings} open findings; beside the empty page\n`,
  );
  for (const look of LOOKS) {
    const contenders = { empty: () => lookAt(sides.empty, look), large: () => lookAt(sides.large, look) };
    const figures = await interleave(ROUNDS, contenders, { signal });
    const ratio = figures('large').median / figures('empty').median;
    ratios.push(ratio);
    const beside = figures('empty').median.toFixed(1);
    process.stdout.write(`${line(look.name, figures('large'))}, ${ratio.toFixed(2)} times ${beside} ms\n`);
  }
  const isMet = ratios.every((ratio) => ratio <= RATIO_MAX);
  process.stdout.write(`At most ${RATIO_MAX} times: ${isMet ? 'met' : 'missed'}\n`);
  return isMet ? 0 : 1;
}

function disposing<T extends { close(): Promise<void> }>(database: T): T & AsyncDisposable {
  return { ...database, [Symbol.asyncDispose]: () => database.close() };
}

process.exitCode = await main();
