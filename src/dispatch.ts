import path from 'node:path';
import { authorOf } from './cli/author.ts';
import { breakerCommand } from './cli/breaker.ts';
import type { Command } from './cli/command.ts';
import { configCommand } from './cli/config.ts';
import { demoCommand } from './cli/demo.ts';
import { doctorCommand } from './cli/doctor.ts';
import { dryRunCommand } from './cli/dry-run.ts';
import { evidenceCommand } from './cli/evidence/export.ts';
import { verifyCommand } from './cli/evidence/verify.ts';
import { explainCommand } from './cli/explain.ts';
import { forgetCommand } from './cli/forget.ts';
import { findingsCommand } from './cli/findings.ts';
import { initCommand } from './cli/init.ts';
import type { InitCommand } from './cli/init-command.ts';
import { linkCommand } from './cli/link.ts';
import { loginCommand } from './cli/login.ts';
import { migrateCommand } from './cli/migrate.ts';
import type { Output } from './cli/output.ts';
import { reportCommand } from './cli/report.ts';
import { rosterCommand } from './cli/roster.ts';
import { type RunArgs, runCommand } from './cli/run.ts';
import { sandboxCommand } from './cli/sandbox.ts';
import { startCommand } from './cli/start.ts';
import { unwaiveCommand, waiveCommand } from './cli/waive.ts';
import type { Config } from './config/config.ts';
import { configJsonSchema } from './config/json-schema.ts';
import { loadConfig, type LoadedConfig } from './config/load.ts';
import { oauthOf } from './config/oauth-of.ts';
import { renderConfig } from './config/print.ts';
import { doctorChecks } from './doctor/checks.ts';
import { prepareInit } from './init/prepare.ts';
import { prepareLogin } from './sign-in.ts';
import { cutAfter } from './signals.ts';
import { checkKeys } from './store/credentials.ts';
import { migrate, planMigrations } from './store/migrate.ts';
import { migrateRoles, ROLES } from './store/roles.ts';
import { emptyForDemo } from './store/empty.ts';
import { createViewReader } from './store/view-reader.ts';
import type { Prepare } from './prepare-database.ts';
import { VERSION } from './version.ts';
import { openLog } from './watched-log.ts';
import { openApp, openStore, type App, type Surroundings } from './wire.ts';

export type Call = {
  /** The health check has a way of its own (ask-health.ts). */
  readonly command: Exclude<Command, { name: 'healthcheck' }>;
  readonly configPath?: string | undefined;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly cwd: string;
  readonly out: Output;
  /** Ends a running command from outside. */
  readonly signal: AbortSignal;
  /** Cuts the drain of `start` short. */
  readonly hurry?: AbortSignal | undefined;
};

/** A command and what it needs → exit code. Nothing is opened that the command does not use. */
export async function dispatch(call: Call): Promise<number> {
  const { command, out, signal } = call;
  switch (command.name) {
    case 'sandbox':
      return sandboxCommand(command, out, signal, today());
    case 'demo':
      return demo(call);
    case 'config':
      return configCommand(configDeps(call), command, out);
    case 'init':
      return init(call, command);
    case 'doctor':
      return doctor(call, command);
    case 'migrate':
      return migrateDatabase(call, command);
    case 'login':
      return login(call, command);
    default:
      return ask(call, command);
  }
}

type Rest = Exclude<Call['command'], { name: 'sandbox' | 'demo' | 'config' | 'init' | 'doctor' | 'migrate' | 'login' }>;

/** What works with a database that is there. */
async function ask(call: Call, command: Rest): Promise<number> {
  switch (command.name) {
    case 'start':
    case 'run':
      return work(call, command);
    case 'evidence':
      return command.action === 'verify' ? verifyCommand(command, call.out) : exportEvidence(call, command);
    case 'mcp':
      return answerAssistant(call);
    default:
      return read(call, command);
  }
}

/** Loaded here: no other command needs the protocol. */
async function answerAssistant(call: Call): Promise<number> {
  const { mcpCommand } = await import('./cli/mcp/mcp.ts');
  return withApp(call, 'views', async ({ store, config: { timezone }, worker: { clock } }) => {
    const deps = { views: createViewReader(store.database), version: VERSION, clock, timezone };
    return mcpCommand(deps, call.out, call.signal);
  });
}

async function doctor(call: Call, command: Extract<Command, { name: 'doctor' }>): Promise<number> {
  const checks = doctorChecks(
    () => load(call),
    // How the embedded Postgres is started is no answer; that it does not start is.
    (loaded) => ({ ...surroundingsOf(loaded, call), say: () => undefined }),
  );
  return doctorCommand({ checks }, command, call.out);
}

async function init(call: Call, command: InitCommand): Promise<number> {
  const { configPath, env, makeRoom, gather } = prepareInit(command, { ...call, today: today() });
  const later = (): Call => ({ ...call, configPath, env: env() });
  return initCommand(
    {
      makeRoom,
      gather,
      check: () => doctor(later(), { name: 'doctor', json: false }),
      rehearse: async () => {
        const dryRun = {
          name: 'run',
          only: [],
          full: false,
          dryRun: true,
          notify: false,
          detailed: false,
          json: false,
        } as const;
        return await withApp(later(), 'work', async (app) => rehearse(app, dryRun, call));
      },
    },
    command,
    call.out,
  );
}

async function login(call: Call, command: Extract<Command, { name: 'login' }>): Promise<number> {
  return withApp(call, 'work', async (app) => loginCommand(await prepareLogin(app, command, call), command, call.out));
}

async function work(call: Call, command: Extract<Command, { name: 'start' | 'run' }>): Promise<number> {
  if (command.name === 'start') return start(call);
  const { dryRun } = command;
  return withApp(call, dryRun ? 'rehearse' : 'work', async (app) => {
    const { worker, reader, config } = app;
    await checkKeysOf(app, dryRun);
    if (dryRun) return rehearse(app, command, call);
    const { shutdownGraceMs: graceMs, retryBudget } = config;
    const { signal } = call;
    const running = runCommand({ worker, reader, budgetMs: retryBudget.runMs }, command, call.out, signal);
    return cutAfter(running, { graceMs, signal, cut: () => app.store.close() });
  });
}

function rehearse({ worker, rehearsal, config }: App, command: RunArgs, { out, signal }: Call): Promise<number> {
  return dryRunCommand({ worker, rehearsal, budgetMs: config.retryBudget.runMs }, command, out, signal);
}

/** Health is served before the database is: whoever asks is told why there is no work yet. */
async function start(call: Call): Promise<number> {
  return withApp(call, 'later', async (app) => {
    const { worker, serve, config } = app;
    const { signal, hurry } = call;
    const prepare = async (): Promise<void> => {
      await app.prepare();
      await checkKeysOf(app, false);
    };
    const times = { budgetMs: config.retryBudget.startMs, graceMs: config.shutdownGraceMs };
    return startCommand({ worker, ...times, log: worker.log, prepare, watch: app.watch, serve, signal, hurry });
  });
}

async function checkKeysOf({ config, store, worker }: App, keep: boolean): Promise<void> {
  const { keys, sources: among } = config;
  const sources = among.filter((each) => oauthOf(each) !== undefined);
  await checkKeys(store.database, { keys, clock: worker.clock, sources, among, keep });
}

type Reading = Extract<
  Command,
  { name: 'report' | 'findings' | 'explain' | 'roster' | 'breaker' | 'link' | 'waive' | 'unwaive' | 'forget' }
>;

async function read(call: Call, command: Reading): Promise<number> {
  const author = (): string => authorOf(call.env);
  return withApp(call, 'read', async ({ reader, pages, operator, eraser, config, worker: { clock } }) => {
    const { timezone } = config;
    switch (command.name) {
      case 'report':
        return reportCommand({ reader, pages, clock, timezone }, command, call.out);
      case 'findings':
        return findingsCommand({ reader, clock }, command, call.out);
      case 'explain':
        return explainCommand({ reader, clock }, command, call.out);
      case 'roster':
        return rosterCommand({ reader, clock, timezone }, command, call.out);
      case 'breaker':
        return breakerCommand({ reader, operator, clock, author }, command, call.out);
      case 'link':
        return linkCommand({ operator, clock, author }, command, call.out);
      case 'waive':
        return waiveCommand({ operator, clock, author }, command, call.out);
      case 'forget': {
        const { serviceAccounts } = config.policy;
        return forgetCommand({ eraser, clock, author, serviceAccounts }, command, call.out);
      }
      case 'unwaive':
        return unwaiveCommand({ operator, clock, author }, command, call.out);
      default:
        return command satisfies never;
    }
  });
}

async function exportEvidence(call: Call, command: Extract<Command, { action: 'export' }>): Promise<number> {
  return withApp(call, 'read', async ({ evidence, config: { timezone }, worker: { clock } }) => {
    const author = (): string => authorOf(call.env);
    return evidenceCommand({ evidence, clock, timezone, version: VERSION, author }, command, call.out);
  });
}

async function demo(call: Call): Promise<number> {
  const directory = path.join(call.cwd, '.rollcall-demo');
  const openFresh = async (configPath: string) => {
    const loaded = load({ ...call, configPath, env: {} });
    const surroundings = surroundingsOf(loaded, call, 'error');
    const store = await openStore(loaded.config, { ...surroundings, say: () => undefined });
    try {
      await emptyForDemo(store.database.pool);
    } finally {
      await store.close();
    }
    const app = await openApp(loaded.config, surroundings, 'work');
    const { worker, reader, config } = app;
    return { worker, reader, budgetMs: config.retryBudget.runMs, close: () => app.close() };
  };
  return demoCommand({ directory, today: today(), openFresh }, call.out, call.signal);
}

async function migrateDatabase(call: Call, command: Extract<Command, { name: 'migrate' }>): Promise<number> {
  const loaded = load(call, 'database');
  const store = await openStore(loaded.config, surroundingsOf(loaded, call));
  const { pool } = store.database;
  try {
    const deps = {
      plan: async () => {
        const { pending, jobs } = await planMigrations(pool);
        return jobs === 'current' ? pending : [...pending, 'the job queue'];
      },
      apply: () => migrate(pool),
      grantRoles: async () => {
        await migrateRoles(pool);
        return ROLES;
      },
    };
    return await migrateCommand(deps, command, call.out);
  } finally {
    await store.close();
  }
}

async function withApp(call: Call, prepare: Prepare, use: (app: App) => Promise<number>): Promise<number> {
  const isReading = prepare === 'read' || prepare === 'views';
  const loaded = load(call, isReading ? 'database' : 'everything');
  if (!isReading) for (const warning of loaded.warnings) await call.out.stderr(`warning: ${warning}\n`);
  // A reader wants its answer; how the embedded Postgres runs is news for those who let it work.
  const quiet = isReading ? { say: () => undefined } : {};
  const app = await openApp(loaded.config, { ...surroundingsOf(loaded, call), ...quiet, signal: call.signal }, prepare);
  try {
    return await use(app);
  } finally {
    await app.close();
  }
}

function configDeps(call: Call) {
  return {
    schema: configJsonSchema,
    print: (format: 'yaml' | 'json') => renderConfig(load(call).document, format),
    check: () => load(call).warnings,
  };
}

function load(call: Pick<Call, 'env' | 'cwd' | 'configPath'>, needs?: 'everything' | 'database'): LoadedConfig {
  return loadConfig({ env: call.env, cwd: call.cwd, configPath: call.configPath, needs });
}

function surroundingsOf(loaded: LoadedConfig, call: Call, level?: Config['logLevel']): Surroundings {
  const log = openLog(loaded, call, level);
  return { clock: () => new Date(), log, say: (line) => void call.out.stderr(`${line}\n`) };
}

function today(): string {
  return new Date().toISOString().slice(0, 'YYYY-MM-DD'.length);
}
