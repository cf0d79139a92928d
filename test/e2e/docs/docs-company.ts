import { spawn } from 'node:child_process';
import { cp, mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import pg from 'pg';
import { tellDemo } from '../../../src/sandbox/demo-world.ts';
import { startCli } from '../../support/cli.ts';
import { freePort } from '../../support/free-port.ts';
import { ROOT } from '../../support/markdown.ts';
import { copyDatabase, createDatabase, type TestDatabase } from '../../support/postgres.ts';
import { startCompany, type Company } from '../../support/sandbox-company.ts';
import type { Runnable } from './stand-ins.ts';

type Parts = { readonly shared: TestDatabase; readonly variables: Readonly<Record<string, string>> };

/** These write nothing into the database, so they need none of their own. */
const READING = /^rollcall (?:--config \S+ )?(?:findings|explain|report|roster|breaker (?:list|show)|config|--help)\b/u;

/** The demo's company after its story: findings of several rules, a resolved one, an open breaker. Commands run in copies of it. */
export class DocsCompany implements AsyncDisposable {
  readonly #company: Company;
  /** To which nobody connects: it is copied. */
  readonly #database: TestDatabase;
  readonly #shared: TestDatabase;
  readonly #variables: Readonly<Record<string, string>>;

  constructor(company: Company, database: TestDatabase, parts: Parts) {
    const { shared, variables } = parts;
    this.#company = company;
    this.#database = database;
    this.#shared = shared;
    this.#variables = variables;
  }

  /** In a folder and, where it may write, a database of its own, so that no command finds what another has left. */
  async run(runnable: Runnable): Promise<Ran> {
    const isReading = READING.test(runnable.command) && runnable.before === '';
    await using own = isReading ? undefined : await copyDatabase(this.#database);
    const folder = await this.#copyFolder();
    try {
      const env = { ...this.#variables, ...this.#company.env, DATABASE_URL: (own ?? this.#shared).url };
      return await runShell(runnable, folder, { ...env, HTTP_PORT: String(await freePort()) });
    } finally {
      await rm(folder, { recursive: true });
    }
  }

  /** In one transaction that is rolled back. */
  async query(sql: (databaseName: string) => string): Promise<void> {
    await using database = await copyDatabase(this.#database);
    const client = new pg.Client({ connectionString: database.url, connectionTimeoutMillis: 10_000 });
    await client.connect();
    try {
      await client.query(`begin;\n${sql(database.name)};\nrollback`);
    } finally {
      await client.end();
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#shared[Symbol.asyncDispose]();
    await this.#company[Symbol.asyncDispose]();
  }

  /** With what the pages mention: a list of people, a file of secrets, and the demo's configuration where the demo has it. */
  async #copyFolder(): Promise<string> {
    const folder = await mkdtemp(path.join(tmpdir(), 'rollcall-docs-'));
    await cp(this.#company.directory, folder, { recursive: true });
    await cp(path.join(folder, 'identities.csv'), path.join(folder, 'people.csv'));
    await mkdir(path.join(folder, '.rollcall-demo'));
    await cp(path.join(folder, 'rollcall.yaml'), path.join(folder, '.rollcall-demo/rollcall.yaml'));
    await cp(path.join(folder, 'identities.csv'), path.join(folder, '.rollcall-demo/identities.csv'));
    await cp(path.join(ROOT, '.env.example'), path.join(folder, 'rollcall.env'));
    return folder;
  }
}

export async function openDocsCompany(): Promise<DocsCompany> {
  const [first, second, last] = tellDemo(new Date().toISOString().slice(0, 10));
  if (first === undefined || second === undefined || last === undefined) throw new Error('the demo has three chapters');
  const database = await createDatabase();
  const company = await startCompany({ world: first.world, yaml: 'http: { port: "${HTTP_PORT}" }', database });
  await company.rollcall(['run'], { HTTP_PORT: '8080' });
  for (const { world } of [second, last]) {
    await company.tell(world);
    await company.rollcall(['run'], { HTTP_PORT: '8080' });
  }
  const variables = await readVariables(company);
  // The vendor is well again; the breaker stays open until it is read next. Whoever is connected keeps a database from being copied.
  await company.tell(second.world);
  await company.client.end();
  return new DocsCompany(company, database, { shared: await copyDatabase(database), variables });
}

const DAY_MS = 86_400_000;

async function readVariables(company: Company): Promise<Readonly<Record<string, string>>> {
  const [found = {}] = await company.rows<Record<string, string | null>>(`
    select leaver.id::text as "FINDING", leaver.account_id as "LEAVER_ACCOUNT", leaver.identity_email as "LEAVER",
           orphan.account_id as "ORPHAN", (select max(id)::text from rollcall.drift_reports) as "REPORT",
           (select id::text from rollcall.breaker where closed_at is null limit 1) as "BREAKER"
      from rollcall.drift_findings leaver, rollcall.drift_findings orphan
     where leaver.rule = 'leaver_account' and orphan.rule = 'orphaned_account' and orphan.status = 'open'`);
  const texts = Object.entries(found).map(([name, value]) => {
    if (value === null) throw new Error(`the company of the docs has no ${name}`);
    return [name, value] as const;
  });
  const days = { FROM: day(-1), TODAY: day(0), UNTIL: day(30), NOW: new Date().toISOString() };
  return { ...Object.fromEntries(texts), ...days, IDENTITY: 'rosa.rahimi@example.com', NODE: process.execPath, MAIN };
}

function day(offset: number): string {
  return new Date(Date.now() + offset * DAY_MS).toISOString().slice(0, 10);
}

const MAIN = path.join(ROOT, 'src/main.ts');
const TIMEOUT_MS = 60_000;
/** README: ended by a signal after a drain. */
const SIGTERM_CODE = 143;
/** `npx rollcall` and `rollcall` are this checkout. */
const PRELUDE = 'set -eu; rollcall() { "$NODE" "$MAIN" "$@"; }';
export type Ran = { readonly code: number | null; readonly said: string };

/** What was to happen before is no part of what is judged: its failure is the test's. */
async function runShell({ before, command }: Runnable, cwd: string, env: Record<string, string>): Promise<Ran> {
  if (command === 'rollcall start') return await runWorker(cwd, env);
  if (before !== '') {
    const { code, said } = await shell(`${PRELUDE}\n${before}`, cwd, env);
    if (code !== 0) throw new Error(`${before} ended with ${code}: ${said}`);
  }
  return await shell(`${PRELUDE}\n${command}`, cwd, env);
}

/** A worker runs until it is asked to end, and then says 143. */
async function runWorker(cwd: string, env: Record<string, string>): Promise<Ran> {
  await using worker = startCli(['start'], { cwd, env });
  await worker.line(/"msg":"worker started"/u);
  worker.kill('SIGTERM');
  const { code, stderr } = await worker.ended;
  return { code: code === SIGTERM_CODE ? 0 : code, said: stderr };
}

async function shell(script: string, cwd: string, env: Record<string, string>): Promise<Ran> {
  const { PATH, HOME, TMPDIR } = process.env;
  const child = spawn('bash', ['-c', script], {
    cwd,
    env: { PATH, HOME, TMPDIR, NO_COLOR: '1', ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
    // A group of its own: what bash has started ends with it.
    detached: true,
  });
  const timer = setTimeout(() => child.pid !== undefined && process.kill(-child.pid, 'SIGKILL'), TIMEOUT_MS);
  let said = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => void (said += text));
  child.stderr.setEncoding('utf8').on('data', (text: string) => void (said += text));
  const { promise, resolve, reject } = Promise.withResolvers<number | null>();
  child.once('error', reject);
  child.once('close', resolve);
  try {
    return { code: await promise, said };
  } finally {
    clearTimeout(timer);
  }
}
