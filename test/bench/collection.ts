import { fork } from 'node:child_process';
import { once } from 'node:events';
import pLimit from 'p-limit';
import { z } from 'zod';
import { SANDBOX_SECRETS } from '../../src/sandbox/world.ts';
import { createNamelySource } from '../../src/sources/namely/client.ts';
import type { Bench } from './bench.ts';
import { type Figure, spreadOf, timesFloor } from './figure.ts';
import { interleave, mustEqual } from './repeat.ts';

const PROFILES = 20_000;
const PER_PAGE = 50;
const LATENCY_MS = 20;
const CONCURRENCIES = [1, 4, 8] as const;
const MANY = 1_000_000;
const POLICY = { privilegedRoles: new Set<string>(), serviceAccounts: new Set<string>() };
/** Contract §10. Besides `/profiles`: one page of groups at most. */
const REQUESTS_MAX = Math.ceil(PROFILES / PER_PAGE) + 2;
const Pages = z.object({ profiles: z.array(z.unknown()) });

type Taken = { readonly ms: number; readonly cpuMs: number; readonly requests: number };

/** A full reading of Namely at 20 ms a request, beside `fetch` of the same pages and nothing else. */
export async function measureCollection(bench: Bench): Promise<readonly Figure[]> {
  const vendor = fork(new URL('collection-vendor.ts', import.meta.url), [`${PROFILES}`, `${LATENCY_MS}`], {
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
  });
  try {
    const [message]: readonly unknown[] = await once(vendor, 'message');
    const { url } = z.object({ url: z.string() }).parse(message);
    const figures: Figure[] = [];
    for (const concurrency of CONCURRENCIES) figures.push(...(await measure(bench, url, concurrency)));
    return figures;
  } finally {
    vendor.disconnect();
  }
}

async function measure(bench: Bench, url: string, concurrency: number): Promise<readonly Figure[]> {
  const taken: Readonly<Record<'product' | 'raw', Taken[]>> = { product: [], raw: [] };
  const run = (into: Taken[], work: () => Promise<number>) => async (): Promise<number> => {
    const done = await timed(work);
    into.push(done);
    return done.ms;
  };
  const spread = await interleave(
    1,
    {
      product: run(taken.product, () => readProduct(bench, url, concurrency)),
      raw: run(taken.raw, () => readRaw(url, concurrency)),
    },
    bench,
  );
  const cpu = (all: readonly Taken[]) => spreadOf(all.slice(1).map(({ cpuMs }) => cpuMs / (PROFILES / 1_000)));
  const [product, raw] = [spread('product'), spread('raw')];
  const work = `Namely, ${PROFILES} profiles at ${LATENCY_MS} ms, ${concurrency} at a time`;
  const name = 'fetch and JSON.parse of the same pages';
  return [
    { work, unit: 'ms', figure: product, floor: { name, figure: raw }, ratio: timesFloor(product, raw) },
    {
      work: `${work}: CPU for 1,000 profiles`,
      unit: 'ms',
      figure: cpu(taken.product),
      floor: { name, figure: cpu(taken.raw) },
      ratio: timesFloor(cpu(taken.product), cpu(taken.raw)),
    },
    {
      work: `${work}: requests to /profiles`,
      unit: 'rows',
      figure: spreadOf(taken.product.map(({ requests }) => requests)),
      target: { rows: 'any', limit: REQUESTS_MAX, is: 'at most' },
    },
  ];
}

async function timed(work: () => Promise<number>): Promise<Taken> {
  const cpu = process.cpuUsage();
  const start = performance.now();
  const requests = await work();
  const { user, system } = process.cpuUsage(cpu);
  return { ms: performance.now() - start, cpuMs: (user + system) / 1_000, requests };
}

/** Returns how many requests went to `/profiles`. */
async function readProduct({ signal }: Bench, baseUrl: string, concurrency: number): Promise<number> {
  let requests = 0;
  const source = createNamelySource({
    name: 'namely',
    token: SANDBOX_SECRETS.namelyToken,
    baseUrl,
    allow: ['127.0.0.1'],
    concurrency,
    requestsPerMinute: MANY,
    policy: POLICY,
  });
  const listing = source.list({ mode: 'full', budgetMs: 600_000, signal, progress: ignore, missing: async () => [] });
  const ids = new Set<string>();
  for (;;) {
    const step = await listing.next();
    if (step.done === true) {
      mustEqual('how the listing ended', step.value.outcome.kind, 'ended');
      requests = step.value.requests;
      break;
    }
    for (const row of step.value) ids.add(row.externalId);
  }
  mustEqual('profiles read', ids.size, PROFILES);
  return requests;
}

async function readRaw(baseUrl: string, concurrency: number): Promise<number> {
  const limit = pLimit(concurrency);
  const pages = Math.ceil(PROFILES / PER_PAGE);
  const headers = { authorization: `Bearer ${SANDBOX_SECRETS.namelyToken}` };
  const read = async (page: number): Promise<number> => {
    const answer = await fetch(`${baseUrl}/api/v1/profiles?per_page=${PER_PAGE}&page=${page}`, { headers });
    return Pages.parse(await answer.json()).profiles.length;
  };
  const counts = await Promise.all(Array.from({ length: pages }, (_unused, at) => limit(() => read(at + 1))));
  mustEqual(
    'profiles fetched',
    counts.reduce((sum, count) => sum + count, 0),
    PROFILES,
  );
  return pages;
}

function ignore(): void {}
