import path from 'node:path';
import type { Command } from '../cli/command.ts';
import { demoCommand } from '../cli/demo.ts';
import { doctorCommand } from '../cli/doctor.ts';
import { initCommand } from '../cli/init.ts';
import type { InitCommand } from '../cli/init-command.ts';
import { loginCommand } from '../cli/login.ts';
import { migrateCommand } from '../cli/migrate.ts';
import { configJsonSchema } from '../config/json-schema.ts';
import { renderConfig } from '../config/print.ts';
import { doctorChecks } from '../doctor/checks.ts';
import { prepareInit } from '../init/prepare.ts';
import { prepareLogin } from '../sign-in.ts';
import { migrate, planMigrations } from '../store/migrate.ts';
import { migrateRoles, ROLES } from '../store/roles.ts';
import { emptyForDemo } from '../store/empty.ts';
import { openApp, openStore } from '../wire.ts';
import { type Call, load, surroundingsOf, today, withApp } from './call.ts';
import { rehearse } from './working.ts';

export async function doctor(call: Call, command: Extract<Command, { name: 'doctor' }>): Promise<number> {
  const checks = doctorChecks(
    () => load(call),
    // How the embedded Postgres is started is no answer; that it does not start is.
    (loaded) => ({ ...surroundingsOf(loaded, call), say: () => undefined }),
  );
  return doctorCommand({ checks }, command, call.out);
}

export async function init(call: Call, command: InitCommand): Promise<number> {
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

export async function login(call: Call, command: Extract<Command, { name: 'login' }>): Promise<number> {
  return withApp(call, 'work', async (app) => loginCommand(await prepareLogin(app, command, call), command, call.out));
}

export async function demo(call: Call): Promise<number> {
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

export async function migrateDatabase(call: Call, command: Extract<Command, { name: 'migrate' }>): Promise<number> {
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

export function configDeps(call: Call) {
  return {
    schema: configJsonSchema,
    print: (format: 'yaml' | 'json') => renderConfig(load(call).document, format),
    check: () => load(call).warnings,
  };
}
