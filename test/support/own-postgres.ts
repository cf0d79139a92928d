import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import pg from 'pg';
import { findBinaries } from '../../src/store/embedded/binaries.ts';
import { type Cluster, openCluster, SUPERUSER } from '../../src/store/embedded/cluster.ts';
import { findHome } from '../../src/store/embedded/home.ts';
import { runProgram } from '../../src/store/embedded/program.ts';
import { freePort } from './free-port.ts';

const WAIT_SECONDS = 60;
/** Lost with the test; `fsync` off keeps the crash of a process harmless, as it is here. */
const SETTINGS = { fsync: 'off', max_connections: '40', shared_buffers: '16MB', log_min_messages: 'fatal' } as const;

/** `fast` is a restart by hand; `immediate` is a crash: the next start recovers from the log, and what has none is empty. */
export type StopMode = 'fast' | 'immediate';

/** A server of the test's own, to be stopped and started as it needs. */
export class OwnPostgres implements AsyncDisposable {
  readonly url: string;
  readonly port: number;
  readonly #cluster: Cluster;
  readonly #folder: string;

  constructor(cluster: Cluster, port: number, folder: string) {
    this.#cluster = cluster;
    this.#folder = folder;
    this.port = port;
    this.url = `postgresql://${SUPERUSER}:${cluster.password}@127.0.0.1:${port}/postgres`;
  }

  /** Whose the data are: who else may be given a folder by root. */
  get owner(): { readonly uid: number; readonly gid: number } | undefined {
    return this.#cluster.runAs;
  }

  async start(): Promise<void> {
    await this.#control('start', '-w', '-t', String(WAIT_SECONDS), '-l', this.#cluster.log, '-o', `-p ${this.port}`);
  }

  async stop(mode: StopMode): Promise<void> {
    await this.#control('stop', '-w', '-t', String(WAIT_SECONDS), '-m', mode);
  }

  async restart(mode: StopMode): Promise<void> {
    await this.stop(mode);
    await this.start();
  }

  urlOf(database: string): string {
    const url = new URL(this.url);
    url.pathname = `/${database}`;
    return url.href;
  }

  /** An empty database of this name; returns its URL. */
  async create(database: string, options = ''): Promise<string> {
    await ask(this.url, `create database ${database} ${options}`);
    return this.urlOf(database);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#control('stop', '-m', 'immediate').catch(() => undefined);
    await rm(this.#folder, { recursive: true, force: true });
  }

  async #control(...args: readonly string[]): Promise<void> {
    const { bin, data, runAs } = this.#cluster;
    const { ok, output } = await runProgram(path.join(bin, 'pg_ctl'), [...args, '-s', '-D', data], runAs);
    if (!ok) throw new Error(`pg_ctl ${args[0] ?? ''} failed: ${output}`);
  }
}

/** Starts one from the embedded binaries, with these settings besides. */
export async function startOwnPostgres(settings: Readonly<Record<string, string>> = {}): Promise<OwnPostgres> {
  const folder = await mkdtemp(path.join(tmpdir(), 'rollcall-own-'));
  await chmod(folder, 0o755); // as root, Postgres runs as somebody else, who has to get through
  const home = await findHome({ directory: path.join(folder, 'pg'), rootBase: folder, say: () => undefined });
  const bin = await findBinaries(home.folder, home.runAs);
  const cluster = await openCluster(home, bin, { ...SETTINGS, ...settings });
  const server = new OwnPostgres(cluster, await freePort(), folder);
  await server.start();
  return server;
}

/** Rows of one statement on a connection of its own. */
export async function ask<T extends pg.QueryResultRow>(
  url: string,
  sql: string,
  values: readonly unknown[] = [],
): Promise<readonly T[]> {
  const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: 10_000 });
  client.on('error', () => undefined);
  await client.connect();
  try {
    return (await client.query<T>(sql, [...values])).rows;
  } finally {
    await client.end();
  }
}
