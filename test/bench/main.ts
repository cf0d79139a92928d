import os from 'node:os';
import { parseArgs } from 'node:util';
import { readFileSync } from 'node:fs';
import type { Bench } from './bench.ts';
import { makeCompany, ROWS_MIN } from './company.ts';
import { openBenchDatabase } from './database.ts';
import { changedWork } from './changed-reconcile.ts';
import { type Figure, judge, timesFloor } from './figure.ts';
import { growthOf } from './growth.ts';
import { NEEDED_SIZES, planOf } from './plan.ts';
import { type Line, renderTable } from './render.ts';
import { updateDocs } from './update-docs.ts';
import { WrongResult } from './repeat.ts';

const USAGE = `npm run bench -- [--only NAME] [--rows N] [--rounds N] [--seed N] [--json]
  --only    one measurement, with what it needs before it: ${Object.keys(NEEDED_SIZES).join(', ')}
  --rows    accounts, and as many identities (${ROWS_MIN} or more), instead of those that the targets name
  --rounds  repetitions after one that warms up (default 2)
`;
const EXIT = { ok: 0, failed: 1, usage: 64 } as const;
const GIB = 1024 ** 3;

type Asked = {
  readonly rows: number | undefined;
  readonly rounds: number;
  readonly seed: number;
  readonly json: boolean;
  readonly only: string | undefined;
};

process.exitCode = await main(process.argv.slice(2));

async function main(args: readonly string[]): Promise<number> {
  const asked = parse(args);
  if (asked === undefined) {
    process.stderr.write(USAGE);
    return EXIT.usage;
  }
  const stop = new AbortController();
  for (const name of ['SIGINT', 'SIGTERM'] as const) process.once(name, () => stop.abort(new Error(name)));
  // Who reads us has gone (`| head`): the server must still be stopped.
  for (const stream of [process.stdout, process.stderr]) stream.on('error', (error) => stop.abort(error));
  try {
    return (await run(asked, stop.signal)) ? EXIT.ok : EXIT.failed;
  } catch (error) {
    const told = error instanceof WrongResult ? `WRONG RESULT: ${error.message}` : error;
    process.stderr.write(`${told instanceof Error ? (told.stack ?? told.message) : String(told)}\n`);
    return EXIT.failed;
  }
}

function parse(args: readonly string[]): Asked | undefined {
  try {
    const { values } = parseArgs({
      args: [...args],
      options: {
        rows: { type: 'string' },
        rounds: { type: 'string', default: '2' },
        seed: { type: 'string', default: '1' },
        json: { type: 'boolean', default: false },
        only: { type: 'string' },
      },
    });
    const { json, only } = values;
    const rows = values.rows === undefined ? undefined : Number(values.rows);
    const [rounds, seed] = [Number(values.rounds), Number(values.seed)];
    const isSound = isCount(rows ?? ROWS_MIN, ROWS_MIN) && isCount(rounds, 1) && isCount(seed, 0);
    if (!isSound || !isNamed(only)) return undefined;
    return { rows, rounds, seed, json, only };
  } catch {
    return undefined;
  }
}

function isCount(value: number, least: number): boolean {
  return Number.isSafeInteger(value) && value >= least;
}

function isNamed(only: string | undefined): boolean {
  return only === undefined || only in NEEDED_SIZES;
}

/** Whether every target is met that was judged. */
async function run(asked: Asked, signal: AbortSignal): Promise<boolean> {
  const loadBefore = os.loadavg()[0] ?? 0;
  const startedAt = Date.now();
  const tell = (line: string): void => say(`${((Date.now() - startedAt) / 1000).toFixed(0)} s: ${line}`);
  const lines: Line[] = [];
  let server = '';
  for (const part of planOf(asked)) {
    const database = await openBenchDatabase(process.env);
    server = `${database.version} (${database.origin})`;
    try {
      const company = makeCompany(part.rows, asked.seed);
      lines.push(
        ...(await measureAll({ company, database, rounds: asked.rounds, signal, say: tell }, part.measurements)),
      );
    } finally {
      await database.close();
    }
  }
  lines.push(...compareSizes(lines), ...growthOf(lines));
  const facts = {
    ...asked,
    seconds: Math.round((Date.now() - startedAt) / 1000),
    cores: os.availableParallelism(),
    memoryGiB: Math.round(os.totalmem() / GIB),
    loadBefore,
    node: process.version,
    postgres: server,
    duckdb: duckdbVersion(),
  };
  process.stdout.write(asked.json ? renderJson(facts, lines) : renderText(facts, lines));
  await updateDocs(renderText(facts, lines));
  return lines.every(({ figure, rows }) => judge(figure, rows) !== 'missed');
}

async function measureAll(
  bench: Bench,
  measurements: ReturnType<typeof planOf>[number]['measurements'],
): Promise<Line[]> {
  const { rows } = bench.company;
  const lines: Line[] = [];
  for (const { name, measure } of measurements) {
    bench.say(`${name}, ${rows} rows`);
    for (const figure of await measure(bench)) lines.push({ figure, rows });
  }
  return lines;
}

/** Contract §10: what a thousand changes cost must not grow with the roster. */
function compareSizes(lines: readonly Line[]): readonly Line[] {
  const [small, large] = [100_000, 1_000_000].map((rows) => {
    const work = changedWork(rows, 1_000);
    return lines.find(({ figure }) => figure.work === work)?.figure.figure;
  });
  if (small === undefined || large === undefined) return [];
  const figure: Figure = {
    work: `${changedWork(1_000_000, 1_000)}, beside 100000 rows`,
    unit: 'ms',
    figure: large,
    floor: { name: 'the same at 100000 rows', figure: small },
    ratio: timesFloor(large, small),
    target: { rows: 1_000_000, limit: 2, is: 'at most' },
  };
  return [{ figure, rows: 1_000_000 }];
}

function renderJson(facts: object, lines: readonly Line[]): string {
  const judged = lines.map(({ figure, rows }) => ({ ...figure, rows, verdict: judge(figure, rows) }));
  return `${JSON.stringify({ ...facts, figures: judged }, undefined, 2)}\n`;
}

function renderText(facts: object, lines: readonly Line[]): string {
  const told = Object.entries(facts).filter(([, value]) => value !== undefined);
  const head = told.map(([name, value]) => `${name}: ${typeof value === 'string' ? value : JSON.stringify(value)}`);
  return `${head.join('\n')}\n\n${renderTable(lines)}\n`;
}

function say(line: string): void {
  process.stderr.write(`${line}\n`);
}

function duckdbVersion(): string {
  const file = new URL('../../node_modules/@duckdb/node-api/package.json', import.meta.url);
  const read: unknown = JSON.parse(readFileSync(file, 'utf8'));
  return typeof read === 'object' && read !== null && 'version' in read ? String(read.version) : 'unknown';
}
