import os from 'node:os';
import { parseArgs } from 'node:util';
import { readFileSync } from 'node:fs';
import type { Bench, Measurement } from './bench.ts';
import { makeCompany, ROWS_MIN } from './company.ts';
import { openBenchDatabase } from './database.ts';
import { type Figure, judge } from './figure.ts';
import { measureFirstLoad } from './first-load.ts';
import { measureChangedReconcile } from './changed-reconcile.ts';
import { measureFullReconcile } from './full-reconcile.ts';
import { measureChanged, measureUnchanged } from './read-again.ts';
import { renderTable } from './render.ts';
import { WrongResult } from './repeat.ts';

const USAGE = `npm run bench -- [--rows N] [--rounds N] [--seed N] [--json]
  --rows    accounts, and as many identities (${ROWS_MIN} or more; default 100000)
  --rounds  repetitions after one that warms up (default 3)
`;
const MEASUREMENTS: readonly Measurement[] = [
  measureFirstLoad,
  measureUnchanged,
  measureChanged,
  measureFullReconcile,
  measureChangedReconcile,
];
const EXIT = { ok: 0, failed: 1, usage: 64 } as const;
const GIB = 1024 ** 3;

type Asked = { readonly rows: number; readonly rounds: number; readonly seed: number; readonly json: boolean };

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
    await run(asked, stop.signal);
    return EXIT.ok;
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
        rows: { type: 'string', default: '100000' },
        rounds: { type: 'string', default: '3' },
        seed: { type: 'string', default: '1' },
        json: { type: 'boolean', default: false },
      },
    });
    const [rows, rounds, seed] = [Number(values.rows), Number(values.rounds), Number(values.seed)];
    if (![rows, rounds, seed].every(Number.isSafeInteger) || rows < ROWS_MIN || rounds < 1 || seed < 0)
      return undefined;
    return { rows, rounds, seed, json: values.json };
  } catch {
    return undefined;
  }
}

async function run(asked: Asked, signal: AbortSignal): Promise<void> {
  const loadBefore = os.loadavg()[0] ?? 0;
  const startedAt = Date.now();
  const database = await openBenchDatabase(process.env);
  try {
    const bench: Bench = { company: makeCompany(asked.rows, asked.seed), database, rounds: asked.rounds, signal, say };
    const figures: Figure[] = [];
    for (const measure of MEASUREMENTS) {
      say(`${((Date.now() - startedAt) / 1000).toFixed(0)} s: ${measure.name}`);
      figures.push(...(await measure(bench)));
    }
    const facts = {
      ...asked,
      seconds: Math.round((Date.now() - startedAt) / 1000),
      cores: os.availableParallelism(),
      memoryGiB: Math.round(os.totalmem() / GIB),
      loadBefore,
      node: process.version,
      postgres: `${database.version} (${database.origin})`,
      duckdb: duckdbVersion(),
      findings: Object.fromEntries(bench.company.expected),
    };
    process.stdout.write(asked.json ? renderJson(facts, figures) : renderText(facts, figures));
  } finally {
    await database.close();
  }
}

function renderJson(facts: Asked, figures: readonly Figure[]): string {
  const judged = figures.map((figure) => ({ ...figure, verdict: judge(figure, facts.rows) }));
  return `${JSON.stringify({ ...facts, figures: judged }, undefined, 2)}\n`;
}

function renderText(facts: Asked & Readonly<Record<string, unknown>>, figures: readonly Figure[]): string {
  const lines = Object.entries(facts).map(
    ([name, value]) => `${name}: ${typeof value === 'string' ? value : JSON.stringify(value)}`,
  );
  return `${lines.join('\n')}\n\n${renderTable(figures, facts.rows)}\n`;
}

function say(line: string): void {
  process.stderr.write(`${line}\n`);
}

function duckdbVersion(): string {
  const file = new URL('../../node_modules/@duckdb/node-api/package.json', import.meta.url);
  const read: unknown = JSON.parse(readFileSync(file, 'utf8'));
  return typeof read === 'object' && read !== null && 'version' in read ? String(read.version) : 'unknown';
}
