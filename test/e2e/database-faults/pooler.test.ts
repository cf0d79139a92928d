import pg from 'pg';
import { expect, test, vi } from 'vitest';
import { aWorld } from '../../../src/sandbox/world.ts';
import { inTransaction, openDatabase } from '../../../src/store/database.ts';
import { findPooling } from '../../../src/store/pooler.ts';
import { startCli } from '../../support/cli.ts';
import { SILENT } from '../../support/database.ts';
import { freePort } from '../../support/free-port.ts';
import { ask } from '../../support/own-postgres.ts';
import { canStartPgBouncer, startPgBouncer } from '../../support/pgbouncer.ts';
import { adminUrl } from '../../support/postgres.ts';
import { somePeople } from '../../support/sandbox.ts';
import { startCompany } from '../../support/sandbox-company.ts';
import { startSilentProxy } from '../../support/silent-proxy.ts';
import { signedCall } from '../../support/webhook-call.ts';

// Fault case 65: PgBouncer in transaction mode. A session belongs to somebody else with each transaction (M-pgb-adv): a lock or a
// setting of a session would be theirs.

const STRAY = { nimble: [{ id: 'stray', email: 'stray@elsewhere.example' }] };
const WAIT = { timeout: 60_000, interval: 100 };
const POOL_SIZE = 2;
const SECRET = 'canary-webhook-secret-4711';
const isPossible = await canStartPgBouncer();

const SESSION_LOCKS = `select from pg_locks where locktype = 'advisory' and database = (select oid from pg_database where datname = current_database())`;
const SETTINGS = `
  select name, setting from pg_settings
   where name in ('statement_timeout', 'lock_timeout', 'idle_in_transaction_session_timeout', 'client_connection_check_interval',
                  'TimeZone', 'DateStyle', 'default_transaction_isolation') order by name`;

/** What each of the pooler's server connections is set to: they are held side by side, so that none is asked twice. */
async function settingsBehind(url: string): Promise<readonly (readonly object[])[]> {
  const clients = Array.from({ length: POOL_SIZE }, () => new pg.Client({ connectionString: url }));
  try {
    const seen: (readonly object[])[] = [];
    for (const client of clients) {
      await client.connect();
      await client.query('begin');
      seen.push((await client.query<object>(SETTINGS)).rows);
    }
    return seen;
  } finally {
    for (const client of clients) await client.end();
  }
}

test.skipIf(!isPossible)('every command works through it, and leaves no lock and no setting behind', async () => {
  const port = await freePort();
  await using bouncer = await startPgBouncer(adminUrl(), POOL_SIZE);
  const world = aWorld({ people: [...somePeople(5), STRAY] });
  await using company = await startCompany({
    world,
    yaml: `http: { bind: 127.0.0.1, port: ${port}, webhookSecrets: ["${SECRET}"] }\nshutdownGrace: 5s`,
  });
  const direct = company.env['DATABASE_URL'] ?? '';
  const env = { DATABASE_URL: bouncer.urlOf(direct) };
  const plain = await ask(direct, SETTINGS);

  for (const args of [['migrate'], ['run'], ['run', '--dry-run'], ['report'], ['findings'], ['roster', 'nimble']]) {
    const ended = await company.rollcall(args, env);
    expect({ args, code: ended.code, stderr: ended.code === 0 ? '' : ended.stderr }).toEqual({
      args,
      code: 0,
      stderr: '',
    });
  }
  const doctor = await company.rollcall(['doctor'], env);
  expect(doctor.stdout).toMatch(/ok\s+database: PostgreSQL .*behind a pooler in transaction mode/);
  expect((await company.rollcall(['doctor'])).stdout).not.toContain('pooler');

  await using worker = startCli(['start'], {
    cwd: company.directory,
    env: { ...company.env, ...env },
    timeoutMs: 110_000,
  });
  await worker.line(/"msg":"worker started"/);
  // A hint: what it speaks of is read at once, through the queue.
  await company.tell({ ...world, people: [...somePeople(6), STRAY] });
  const event = { id: 'e-1', type: 'profile.updated', profile_id: 'P6' };
  const hinted = await fetch(`http://127.0.0.1:${port}/webhooks/namely`, signedCall(SECRET, event));
  expect(hinted.status).toBe(200);
  const p6 = `select from rollcall.roster where source = 'namely' and external_id = 'P6'`;
  await vi.waitFor(async () => expect(await ask(direct, p6)).toHaveLength(1), WAIT);
  expect(await ask(direct, SESSION_LOCKS)).toEqual([]);
  worker.kill('SIGTERM');
  expect(await worker.ended).toMatchObject({ code: 143 });

  expect(
    await ask(direct, `select rule, account_id, status from rollcall.drift_findings where rule = 'orphaned_account'`),
  ).toContainEqual({
    rule: 'orphaned_account',
    account_id: 'stray',
    status: 'open',
  });
  expect(await settingsBehind(env.DATABASE_URL)).toEqual(Array.from({ length: POOL_SIZE }, () => plain));
});

test.skipIf(!isPossible)(
  'a transaction has its own time limits, and the next client of the same session has none of them',
  async () => {
    await using bouncer = await startPgBouncer(adminUrl(), 1);
    const url = bouncer.urlOf(adminUrl());
    const database = openDatabase({ url, poolMax: 2, log: SILENT, applicationName: 'rollcall test' });
    try {
      const inside = await inTransaction(
        database.pool,
        'look',
        async (client) => (await client.query<{ name: string; setting: string }>(SETTINGS)).rows,
      );
      const limits = inside.filter(({ name }) => /timeout|interval/.test(name)).map(({ setting }) => Number(setting));
      expect(limits).toHaveLength(4);
      expect(limits.every((limit) => limit > 0)).toBe(true);
      expect(inside).toContainEqual({ name: 'TimeZone', setting: 'UTC' });
      expect(await ask(url, SETTINGS)).toEqual(await ask(adminUrl(), SETTINGS));
      await expect(
        inTransaction(database.pool, 'sleep', async (client) => {
          await client.query(`set local statement_timeout = '50ms'`);
          await client.query('select pg_sleep(30)');
        }),
      ).rejects.toMatchObject({ code: 'database-failed' });
    } finally {
      await database.close();
    }
  },
);

test.skipIf(!isPossible).each([
  ['transaction', 1],
  ['transaction', POOL_SIZE],
  ['session', POOL_SIZE],
] as const)('a pooler in %s mode with %i connections is known for what it is', async (mode, size) => {
  await using bouncer = await startPgBouncer(adminUrl(), size, mode);
  const database = openDatabase({ url: bouncer.urlOf(adminUrl()), poolMax: 2, log: SILENT, applicationName: 'test' });
  try {
    expect(await findPooling(database.pool)).toBe(mode);
  } finally {
    await database.close();
  }
});

test.skipIf(!isPossible)(
  'who takes a connection and gives it back between two looks hides no transaction mode',
  async () => {
    await using bouncer = await startPgBouncer(adminUrl(), POOL_SIZE);
    const url = bouncer.urlOf(adminUrl());
    await using somebody = await inBetween(url);
    const database = openDatabase({ url, poolMax: 2, log: SILENT, applicationName: 'rollcall test' });
    database.pool.on('connect', (client) => {
      const query = client.query.bind(client);
      const queryLate = async (text: string): Promise<unknown> => {
        if (text !== 'begin') return await query(text);
        await somebody.takes();
        const begun = await query(text);
        await somebody.givesBack();
        return begun;
      };
      Object.assign(client, { query: queryLate });
    });
    try {
      expect(await findPooling(database.pool)).toBe('transaction');
      expect(somebody.times()).toBeGreaterThan(0);
    } finally {
      await database.close();
    }
  },
);

/** Another client of the pooler, that holds a connection for a moment, once. */
async function inBetween(url: string) {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  let times = 0;
  return {
    times: () => times,
    takes: async () => {
      if (times === 0) await client.query('begin');
    },
    givesBack: async () => {
      if (times === 0) await client.query('rollback');
      times += 1;
    },
    [Symbol.asyncDispose]: () => client.end(),
  };
}

test('a proxy that only passes bytes on is no pooler', async () => {
  await using proxy = await startSilentProxy(adminUrl());
  const database = openDatabase({ url: proxy.url, poolMax: 2, log: SILENT, applicationName: 'rollcall test' });
  try {
    expect(await findPooling(database.pool)).toBe('none');
  } finally {
    await database.close();
  }
});
