// `npm run bench:page`: how long the report page of a large company takes to its first byte, beside the empty one in the same process.
import { get } from 'node:http';
import { performance } from 'node:perf_hooks';
import type { HttpServer } from '../../src/http/server.ts';
import { fillCompany, LARGE } from '../support/page-company.ts';
import { servePages } from '../support/page-server.ts';
import { openBenchDatabase } from './database.ts';
import { spreadOf, type Spread } from './figure.ts';
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

function line(name: string, { median, min, max }: Spread): string {
  return `${name.padEnd(34)} ${median.toFixed(1).padStart(7)} ms (${min.toFixed(1)} to ${max.toFixed(1)})\n`;
}

async function main(): Promise<number> {
  await using empty = await openBenchDatabase(process.env).then(disposing);
  await using large = await openBenchDatabase(process.env).then(disposing);
  await fillCompany(large.pool, LARGE);
  await using emptyServer = await servePages(empty);
  await using largeServer = await servePages(large);
  const cold = await firstByte(largeServer, '/');
  const { signal } = new AbortController();
  const figures = await interleave(
    ROUNDS,
    {
      empty: () => firstByte(emptyServer, '/'),
      large: () => firstByte(largeServer, '/'),
      filtered: () => firstByte(largeServer, '/?severity=low&source=nimble'),
    },
    { signal },
  );
  const ratio = figures('large').median / figures('empty').median;
  process.stdout.write(
    `First byte, median of ${ROUNDS}; ${LARGE.accounts} accounts, ${LARGE.findings} open findings\n` +
      line('empty page', figures('empty')) +
      line('report page', figures('large')) +
      line('report page, filtered', figures('filtered')) +
      line('first look after a change', spreadOf([cold])) +
      `${ratio.toFixed(2)} times the empty page; at most ${RATIO_MAX}: ${ratio <= RATIO_MAX ? 'met' : 'missed'}\n`,
  );
  return ratio <= RATIO_MAX ? 0 : 1;
}

function disposing<T extends { close(): Promise<void> }>(database: T): T & AsyncDisposable {
  return { ...database, [Symbol.asyncDispose]: () => database.close() };
}

process.exitCode = await main();
