import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startCli, type RunningCli } from '../../support/cli.ts';
import { createMigratedDatabase, type TestDatabase } from '../../support/postgres.ts';
import { startCompany, type Company } from '../../support/sandbox-company.ts';
import { withClient } from './client.ts';
import { FIRST, LATER, PARTNERS_YAML, partnersCsv } from './company.ts';
import { LoopbackSlack, type OnMessage } from './slack-log.ts';

export type Moment = 'first' | 'later';
const WORLDS = { first: FIRST, later: LATER } as const;
/** A child that has not ended by then never will. */
const CHILD_MS = 100_000;

/** One company, and as many databases as there are ways to break its runs off; one moment at a time for all of them. */
export class Arena implements AsyncDisposable {
  readonly #company: Company;
  readonly #slack: LoopbackSlack;
  /** Compiled modules of the children: hundreds of them start. */
  readonly #cache: string;
  readonly yaml: string;

  constructor(company: Company, slack: LoopbackSlack, { cache, yaml }: { cache: string; yaml: string }) {
    this.#company = company;
    this.#slack = slack;
    this.#cache = cache;
    this.yaml = yaml;
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

  /** `rollcall ARGS` on a database, by whatever way `url` leads to it. */
  start(args: readonly string[], { name, url }: Pick<TestDatabase, 'name' | 'url'>): RunningCli {
    const env = {
      ...this.#company.env,
      DATABASE_URL: url,
      SLACK_WEBHOOK_URL: this.#slack.webhook(name),
      NODE_COMPILE_CACHE: this.#cache,
    };
    return startCli(args, { cwd: this.#company.directory, env, timeoutMs: CHILD_MS });
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
    await this.#company[Symbol.asyncDispose]();
    await this.#slack[Symbol.asyncDispose]();
    await rm(this.#cache, { recursive: true, force: true });
  }
}

export async function openArena(yaml = ''): Promise<Arena> {
  const company = await startCompany({ world: FIRST, yaml: `${PARTNERS_YAML}\n${yaml}` });
  const slack = new LoopbackSlack();
  await slack.listen();
  const cache = await mkdtemp(join(tmpdir(), 'rollcall-compiled-'));
  return new Arena(company, slack, { cache, yaml });
}

/**
 * What a minute changes for those that were killed: their claims lapse (60 s), and their jobs are given up by the queue. The claim's
 * own real minute is waited for in `paused.test.ts`.
 */
export async function letAMinutePass(url: string): Promise<void> {
  await withClient(url, async (client) => {
    await client.query(`
      update rollcall.source set claim_expires_at = claim_expires_at - interval '61 s' where claimed_by is not null;
      update rollcall_jobs.job set heartbeat_on = heartbeat_on - interval '61 s', started_on = started_on - interval '61 s',
             start_after = start_after - interval '61 s' where state in ('created', 'retry', 'active');
      update rollcall_jobs.queue set monitor_on = monitor_on - interval '61 s'`);
  });
}
