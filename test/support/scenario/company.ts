import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import pg from 'pg';

import type { Config } from '../../../src/config/config.ts';
import { loadConfig } from '../../../src/config/load.ts';
import { toRow } from '../../../src/core/normalise.ts';
import type { RosterRow } from '../../../src/core/row.ts';
import type { BreakerRow, FindingRow, ReportRow } from '../../../src/core/views.ts';
import type { Operator } from '../../../src/ports/reading.ts';
import type { Source } from '../../../src/ports/sources.ts';
import { createOperator } from '../../../src/store/operator.ts';
import { openApp, type App } from '../../../src/wire.ts';
import { reconcile } from '../../../src/worker/reconcile.ts';
import { runOnce, type RunResult } from '../../../src/worker/run.ts';
import { aListingEnd } from '../builders.ts';
import { SILENT } from '../database.ts';
import { createMigratedDatabase, type TestDatabase } from '../postgres.ts';
import { configOf, momentOf, tokenOwnerOf, troubleOf } from './calendar.ts';
import { decisionsOn, rowsOn, type DecisionKind } from './scenario.ts';
import { type Day, type Decision, type Expected, type SourceName, SOURCES, type Story, type Told } from './types.ts';
import { dateOf } from './words.ts';

/** How a listing arrives: the order of its rows, and its pages. */
export type Arrange = (rows: readonly Told[], day: Day) => readonly (readonly Told[])[];

export type DayResult = {
  readonly run: RunResult;
  readonly report: ReportRow;
  readonly findings: readonly FindingRow[];
  /** Those that are open after the reconciliation. */
  readonly breakers: readonly BreakerRow[];
};

/** What a person can decide here. Methods that the program does not have yet are absent, and stories that need them are left out. */
type Deciding = Pick<Operator, 'releaseBreaker'> & {
  readonly waive?: (
    request: { findingId: number; until: string; author: string; reason: string },
    now: Date,
  ) => Promise<unknown>;
  readonly unwaive?: (request: { findingId: number; author: string; reason: string }, now: Date) => Promise<unknown>;
  readonly changeLink?: (request: {
    action: 'add' | 'deny' | 'clear';
    source: string;
    account: string;
    identity: string;
    author: string;
    reason: string;
    now: Date;
  }) => Promise<unknown>;
};

const HOUR_MS = 3_600_000;
const BY = { author: 'kim', reason: 'decided in the story' } as const;

/** The company of the scenario, audited by the real worker on a real database, one reconciliation a day. */
export async function openScenario(stories: readonly Story[], arrange: Arrange): Promise<ScenarioCompany> {
  const directory = await mkdtemp(join(tmpdir(), 'rollcall-scenario-'));
  const database = await createMigratedDatabase();
  return new ScenarioCompany({ directory, database, stories, arrange });
}

type Parts = {
  readonly directory: string;
  readonly database: TestDatabase;
  readonly stories: readonly Story[];
  readonly arrange: Arrange;
};

export class ScenarioCompany implements AsyncDisposable {
  readonly #parts: Parts;
  #config: string | undefined;
  #app: App | undefined;
  #now = new Date(0);

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  /** What a person decided, the listings of the day, and its reconciliation. */
  async play(day: Day): Promise<DayResult> {
    const app = await this.#open(day);
    this.#now = new Date(momentOf(day).getTime() - HOUR_MS);
    for (const decision of decisionsOn(this.#parts.stories, day)) await decide(app, decision, this.#now);
    this.#now = momentOf(day);
    const run = await runOnce(this.#deps(app, day), {
      only: [],
      full: false,
      notify: false,
      budgetMs: 0,
      signal: new AbortController().signal,
      progress: () => undefined,
    });
    return this.#result(app, run);
  }

  /** Reconciles once more, on the same listings at the same moment. */
  async again(day: Day): Promise<Pick<DayResult, 'findings' | 'report'>> {
    const app = await this.#open(day);
    await reconcile(this.#deps(app, day), { notify: false });
    return { findings: await app.reader.findings({}), report: await lastReport(app) };
  }

  /** How often anything was written of rosters and findings so far. */
  async written(): Promise<string> {
    const { rows } = await this.app.store.database.pool.query<{ counts: string }>(
      `select concat_ws('/', (select count(*) from rollcall.account_version), (select count(*) from rollcall.finding_event),
                             (select count(*) from rollcall.link)) as counts`,
    );
    return rows[0]?.counts ?? '';
  }

  /** The program of the last day that was played, for what a person asks of it. */
  get app(): App {
    if (this.#app === undefined) throw new Error('no day was played');
    return this.#app;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#app?.close();
    await this.#parts.database[Symbol.asyncDispose]();
    await rm(this.#parts.directory, { recursive: true, force: true });
  }

  /** A new process reads a changed configuration. */
  async #open(day: Day): Promise<App> {
    const text = configOf(day, this.#parts.database.url);
    if (this.#app !== undefined && this.#config === text) return this.#app;
    await this.#app?.close();
    await writeFile(join(this.#parts.directory, 'rollcall.yaml'), text);
    const { config } = loadConfig({ env: {}, cwd: this.#parts.directory });
    const surroundings = { clock: () => this.#now, log: SILENT, say: () => undefined };
    this.#config = text;
    this.#app = await openApp(config, surroundings, 'work');
    return this.#app;
  }

  #deps(app: App, day: Day): App['worker'] {
    const sources = SOURCES.map((name) => [name, this.#source(app.config, name, day)] as const);
    return { ...app.worker, sources: new Map(sources) };
  }

  /** The listing as the vendor gives it on this day. */
  #source(config: Config, name: SourceName, day: Day): Source {
    const { stories, arrange } = this.#parts;
    const policy = config.sources.find((each) => each.name === name)?.rowPolicy;
    const trouble = troubleOf(day, name);
    const now = momentOf(day);
    return {
      name,
      list: async function* list() {
        const told = arrange(
          rowsOn(stories, day).filter(({ source }) => source === name),
          day,
        );
        const shown = new Set(trouble === undefined ? told.flat() : trouble.rows(told.flat()));
        let rowsSeen = 0;
        for (const page of told) {
          const rows = page
            .filter((each) => shown.has(each))
            .flatMap(({ raw }): readonly RosterRow[] => {
              const row = policy === undefined ? undefined : toRow(raw, policy);
              return row === undefined ? [] : [row];
            });
          rowsSeen += rows.length;
          yield rows;
        }
        return aListingEnd({ rowsSeen, pages: told.length, ...trouble?.end?.(now) });
      },
      whoami: async () => {
        const owner = tokenOwnerOf(day, name);
        return owner === undefined ? undefined : { ...owner, shape: 'scripted' };
      },
    };
  }

  async #result(app: App, run: RunResult): Promise<DayResult> {
    const { reader } = app;
    return {
      run,
      report: await lastReport(app),
      findings: await reader.findings({}),
      breakers: await reader.breakers(true),
    };
  }
}

/** What the program of this checkout lets a person decide; nothing is asked of a database for it. */
export function decisionsBuilt(): ReadonlySet<DecisionKind> {
  const deciding: Deciding = createOperator({ pool: new pg.Pool({ max: 1 }) });
  return new Set<DecisionKind>([
    'release',
    ...(deciding.waive === undefined ? [] : (['waive'] as const)),
    ...(deciding.unwaive === undefined ? [] : (['unwaive'] as const)),
    ...(deciding.changeLink === undefined ? [] : (['link'] as const)),
  ]);
}

async function decide(app: App, decision: Decision, now: Date): Promise<void> {
  const operator: Deciding = app.operator;
  switch (decision.kind) {
    case 'release': {
      const open = (await app.reader.breakers(true)).filter(({ source }) => source === decision.source);
      if (open.length !== 1)
        throw new Error(`${decision.source} has ${open.length} open breakers, and one is to be released`);
      for (const { id } of open) await operator.releaseBreaker(id, BY.author, BY.reason, now);
      return;
    }
    case 'waive':
      await operator.waive?.({ findingId: await idOf(app, decision.of), until: dateOf(decision.until), ...BY }, now);
      return;
    case 'unwaive':
      await operator.unwaive?.({ findingId: await idOf(app, decision.of), ...BY }, now);
      return;
    case 'link': {
      const { action, source, account, identity } = decision;
      await operator.changeLink?.({ action, source, account, identity, ...BY, now });
      return;
    }
    default:
      decision satisfies never;
  }
}

async function idOf(app: App, of: Expected): Promise<number> {
  const found = (await app.reader.findings({})).filter(
    (row) => row.source === of.source && row.rule === of.rule && row.account_id === of.account_id,
  );
  const [finding] = found;
  if (finding === undefined || found.length > 1)
    throw new Error(`${found.length} findings ${of.rule} ${of.account_id}`);
  return finding.id;
}

async function lastReport(app: App): Promise<ReportRow> {
  const report = await app.reader.report();
  if (report === undefined) throw new Error('there is no report');
  return report;
}
