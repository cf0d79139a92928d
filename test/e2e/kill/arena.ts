import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startCli, type RunningCli } from '../../support/cli.ts';
import { createMigratedDatabase, type TestDatabase } from '../../support/postgres.ts';
import { startCompany, type Company } from '../../support/sandbox-company.ts';
import { holderOf } from './claims.ts';
import { withClient } from './client.ts';
import { FIRST, LATER, PARTNERS_YAML, partnersCsv } from './company.ts';
import { LoopbackSlack, type OnMessage } from './slack-log.ts';
import { SteadyProcess } from './steady.ts';

export type Moment = 'first' | 'later';
const WORLDS = { first: FIRST, later: LATER } as const;
type Place = Pick<TestDatabase, 'name' | 'url'>;

/** Each worker has a port of its own. */
const HTTP_YAML = 'http: { bind: 127.0.0.1, port: "${HTTP_PORT}" }';
const RARELY = '"0 0 1 1 *"';

/** A child that has not ended by then never will. */
const CHILD_MS = 100_000;

/** One company, and as many databases as there are ways to break its runs off; one moment at a time for all of them. */
export class Arena implements AsyncDisposable {
  readonly #company: Company;
  readonly #slack: LoopbackSlack;
  /** Compiled modules of the children: hundreds of them start. */
  readonly #cache: string;
  readonly #steady = new SteadyProcess();

  constructor(company: Company, slack: LoopbackSlack, cache: string) {
    this.#company = company;
    this.#slack = slack;
    this.#cache = cache;
  }

  get slack(): LoopbackSlack {
    return this.#slack;
  }

  async become(moment: Moment): Promise<void> {
    await this.#company.tell(WORLDS[moment]);
    await this.#company.write('partners.csv', partnersCsv(moment));
  }

  /** A database before the first run, or one after it; `arrived` hears each message before Slack answers. */
  async copy(moment: Moment, arrived?: OnMessage): Promise<TestDatabase> {
    const database =
      moment === 'first'
        ? await createMigratedDatabase()
        : await createMigratedDatabase(async (url) => this.#runFirst(url), 'after_first_run');
    this.#slack.expect(database.name, { url: database.url, arrived });
    return database;
  }

  /** `rollcall ARGS` on a database, by whatever way `url` leads to it: a process of its own, to be broken off. */
  start(args: readonly string[], at: Place, more: Readonly<Record<string, string>> = {}): RunningCli {
    const env = { ...this.#env(at), NODE_COMPILE_CACHE: this.#cache, ...more };
    return startCli(args, { cwd: this.#company.directory, env, timeoutMs: CHILD_MS });
  }

  /** The same to the end, in a process that has the program loaded. */
  async finish(args: readonly string[], at: Place): Promise<number> {
    return await this.#steady.run({ args, env: this.#env(at), cwd: this.#company.directory });
  }

  #env({ name, url }: Place): Readonly<Record<string, string>> {
    return { ...this.#company.env, DATABASE_URL: url, SLACK_WEBHOOK_URL: this.#slack.webhook(name) };
  }

  async #runFirst(url: string): Promise<void> {
    const name = 'template';
    this.#slack.expect(name, { url });
    await this.become('first');
    await using run = this.start(['run'], { name, url });
    const { code, stderr } = await run.ended;
    if (code !== 0) throw new Error(`the first run ended with ${code}: ${stderr}`);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#steady[Symbol.asyncDispose]();
    await this.#company[Symbol.asyncDispose]();
    await this.#slack[Symbol.asyncDispose]();
    await rm(this.#cache, { recursive: true, force: true });
  }
}

export async function openArena(): Promise<Arena> {
  const company = await startCompany({ world: FIRST, yaml: `${PARTNERS_YAML}\n${HTTP_YAML}` });
  await company.write('rollcall.yaml', withoutTicks(await company.read('rollcall.yaml')));
  const slack = new LoopbackSlack();
  await slack.listen();
  const cache = await mkdtemp(join(tmpdir(), 'rollcall-compiled-'));
  return new Arena(company, slack, cache);
}

/** A tick that comes by the clock would be one reading more, and another number of commit points. */
function withoutTicks(yaml: string): string {
  return yaml
    .replaceAll('type: file,', `type: file, schedule: ${RARELY},`)
    .replaceAll(/^ {4}type: (nimble|namely)$/gm, `$&\n    schedule: ${RARELY}`)
    .replace(/^ {4}type: namely$/m, `$&\n    fullSchedule: ${RARELY}`);
}

/**
 * What a minute changes for those that were killed or stopped: the server gives up their transactions, their claims lapse, and the queue
 * gives up their jobs, all after 60 s. The real minute of a claim is waited for in `lease.test.ts`.
 */
export async function letAMinutePass(url: string): Promise<void> {
  await withClient(url, async (client) => {
    await client.query(`
      select pg_terminate_backend(pid) from pg_stat_activity
       where datname = current_database() and state in ('idle in transaction', 'idle in transaction (aborted)');
      update rollcall.source set claim_expires_at = claim_expires_at - interval '61 s' where claimed_by is not null;
      update rollcall_jobs.job set heartbeat_on = heartbeat_on - interval '61 s', started_on = started_on - interval '61 s',
             start_after = start_after - interval '61 s' where state in ('created', 'retry', 'active');
      update rollcall_jobs.queue set monitor_on = monitor_on - interval '61 s'`);
  });
}

/** The same minute for the claims of one process alone: what others have in hand stays theirs. */
export async function letClaimsLapse(url: string, pid: number | undefined): Promise<void> {
  await withClient(url, async (client) => {
    await client.query(
      `update rollcall.source set claim_expires_at = claim_expires_at - interval '61 s' where claimed_by like $1`,
      [holderOf(pid)],
    );
  });
}
