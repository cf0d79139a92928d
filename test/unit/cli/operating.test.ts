import { createServer } from 'node:http';
import { describe, expect, test } from 'vitest';
import { authorOf } from '../../../src/cli/author.ts';
import { breakerCommand, type BreakerDeps } from '../../../src/cli/breaker.ts';
import { configCommand } from '../../../src/cli/config.ts';
import { doctorCommand, type Check, type CheckResult } from '../../../src/cli/doctor.ts';
import { healthcheckCommand, livezUrl } from '../../../src/cli/healthcheck.ts';
import { migrateCommand } from '../../../src/cli/migrate.ts';
import { sandboxCommand } from '../../../src/cli/sandbox.ts';
import type { BreakerRow } from '../../../src/core/views.ts';
import { OperationalError } from '../../../src/errors.ts';
import { createMemoryOutput } from '../../support/memory-output.ts';
import { createMemoryReader } from '../../support/memory-reader.ts';

const NOW = new Date('2026-11-21T09:00:00.000Z');
const BREAKER: BreakerRow = {
  id: 5,
  source: 'nimble',
  kind: 'source',
  tripped_at: '2026-11-21T08:00:00.000Z',
  closed_at: null,
  closed_by: null,
  reason: null,
  evidence: { lost: 120, baseline: 400, limit: 80 },
};

/** What the operating system says to a user without an entry in passwd. */
function noUser(): string {
  throw new Error('ENOENT: uv_os_get_passwd');
}

describe('breaker', () => {
  const released: unknown[] = [];
  const deps: BreakerDeps = {
    clock: () => NOW,
    author: () => 'ann',
    operator: {
      releaseBreaker: async (id, author, reason, now) => {
        released.push({ id, author, reason, now });
        return BREAKER;
      },
    },
    reader: createMemoryReader({
      breakers: async () => [BREAKER],
      breaker: async (id) => (id === 5 ? BREAKER : undefined),
      breakerLosses: async (_, limit) =>
        Array.from({ length: limit }, (_, at) => (at === 0 ? 'u\u001b[2J-0' : `u-${at}`)),
    }),
  };

  test('list', async () => {
    const out = createMemoryOutput();
    expect(await breakerCommand(deps, { name: 'breaker', action: 'list', json: false }, out)).toBe(0);
    const [head, ...rows] = out.text().trimEnd().split('\n');
    expect(head).toBe('ID  SOURCE  KIND    TRIPPED               STATE  WHAT');
    // In the words of the message that Slack was told, whole, in as many lines as it takes.
    expect(rows[0]).toMatch(
      /^ 5 {2}nimble {2}source {2}2026-11-21 08:00 UTC {2}open {3}The list of nimble is not believed: 120 of 400/,
    );
    expect(rows.map((line) => line.trim()).join(' ')).toMatch(/\(the breaker allows 80\)$/);
  });

  test('list says when none is open', async () => {
    const out = createMemoryOutput();
    await breakerCommand(
      { ...deps, reader: createMemoryReader() },
      { name: 'breaker', action: 'list', json: false },
      out,
    );
    expect(out.text()).toBe('No breaker is open.\n');
  });

  test('show: what was not believed, the rows, and how to release it', async () => {
    const out = createMemoryOutput();
    await breakerCommand(deps, { name: 'breaker', action: 'show', id: 5, json: false }, out);
    expect(out.text()).toContain('Breaker 5 (source) of nimble, open. Tripped 2026-11-21 08:00 UTC.');
    expect(out.text()).toContain('u[2J-0, u-1, u-2');
    expect(out.text()).toContain('u-199, and more');
    expect(out.text()).not.toContain('u-200');
    expect(out.text()).toContain('rollcall breaker release 5 --reason "why this is right"');
  });

  test('show as JSON says whether there are more', async () => {
    const out = createMemoryOutput();
    await breakerCommand(deps, { name: 'breaker', action: 'show', id: 5, json: true }, out);
    expect(JSON.parse(out.text())).toMatchObject({ breaker: BREAKER, more: true });
  });

  test('show: an id that is not there', async () => {
    const work = breakerCommand(deps, { name: 'breaker', action: 'show', id: 6, json: false }, createMemoryOutput());
    await expect(work).rejects.toMatchObject({ code: 'not-found' });
  });

  test('list and show do not ask who it is', async () => {
    for (const action of ['list', 'show'] as const) {
      const args = { name: 'breaker', action, id: 5, json: false } as const;
      expect(await breakerCommand({ ...deps, author: noUser }, args, createMemoryOutput())).toBe(0);
    }
  });

  test('release: who, when and why go to the store', async () => {
    const out = createMemoryOutput();
    await breakerCommand(deps, { name: 'breaker', action: 'release', id: 5, reason: 'team closed', json: false }, out);
    expect(released).toEqual([{ id: 5, author: 'ann', reason: 'team closed', now: NOW }]);
    expect(out.text()).toContain('Breaker 5 of nimble is released by ann.');
  });

  test('release as JSON: the breaker as it is now', async () => {
    const out = createMemoryOutput();
    await breakerCommand(deps, { name: 'breaker', action: 'release', id: 5, reason: 'team closed', json: true }, out);
    expect(JSON.parse(out.text())).toMatchObject({ breaker: { id: 5, source: 'nimble' } });
  });
});

describe('the author of a release', () => {
  const nameless = { username: noUser, uid: () => 54_321 };
  const named = { username: () => 'ann', uid: () => 1_000 };
  test.each([
    ['ROLLCALL_AUTHOR', { ROLLCALL_AUTHOR: 'bob' }, nameless, 'bob'],
    ['the user', { ROLLCALL_AUTHOR: '' }, named, 'ann'],
    ['the number of a user without a name', {}, nameless, 'uid 54321'],
  ])('is %s', (_name, env, account, author) => {
    expect(authorOf(env, account)).toBe(author);
  });
});

async function throwing(): Promise<CheckResult> {
  throw new OperationalError('config-invalid', 'sources[0].token: is not set');
}
async function hanging(): Promise<CheckResult> {
  return new Promise(() => undefined);
}

function aCheck(run: Check['run'], name = 'a check'): Check {
  return { name, run };
}

describe('doctor', () => {
  const ok: CheckResult = { name: 'database', status: 'ok', detail: 'PostgreSQL 18.1, up to date' };
  const warn: CheckResult = { name: 'Slack', status: 'warn', detail: 'not configured', fix: 'set slack.webhookUrl' };
  const fail: CheckResult = { name: 'source nimble', status: 'fail', detail: 'refused: 401', fix: 'set NIMBLE_TOKEN' };

  test('a line a check, what to do under it', async () => {
    const out = createMemoryOutput({ columns: 60 });
    const code = await doctorCommand(
      { checks: [aCheck(async () => ok), aCheck(async () => [warn, fail])] },
      { json: false },
      out,
    );
    expect(code).toBe(1);
    expect(out.text()).toBe(
      [
        'ok    database: PostgreSQL 18.1, up to date',
        'WARN  Slack: not configured',
        '      → set slack.webhookUrl',
        'FAIL  source nimble: refused: 401',
        '      → set NIMBLE_TOKEN',
        '',
        '2 of 3 need a look; 1 fails.',
        '',
      ].join('\n'),
    );
  });

  test('a source is named once, whatever its message begins with', async () => {
    const out = createMemoryOutput();
    const detail = 'nimble: the connection failed; nimble: is that its name?';
    await doctorCommand({ checks: [aCheck(async () => ({ ...fail, detail }))] }, { json: false }, out);
    expect(out.text()).toContain('FAIL  source nimble: the connection failed; nimble: is that its name?\n');
  });

  const cases: { name: string; results: readonly CheckResult[]; code: number }[] = [
    { name: 'all well', results: [ok], code: 0 },
    { name: 'a warning is no failure', results: [ok, warn], code: 0 },
    { name: 'a failure', results: [ok, fail], code: 1 },
    { name: 'the configuration comes first', results: [fail, { ...fail, code: 'config-invalid' }], code: 78 },
  ];
  test.each(cases)('exit code: $name', async ({ results, code }) => {
    const out = createMemoryOutput();
    const checks = results.map((result) => aCheck(async () => result));
    expect(await doctorCommand({ checks }, { json: true }, out)).toBe(code);
    const shown = results.map((result) => ({ fix: null, code: null, ...result }));
    const count = (status: string) => results.filter((result) => result.status === status).length;
    expect(JSON.parse(out.text())).toEqual({
      exit: code,
      ok: count('ok'),
      warn: count('warn'),
      fail: count('fail'),
      checks: shown,
    });
  });

  test('a check that throws or hangs does not hide the others', async () => {
    const out = createMemoryOutput();
    const code = await doctorCommand(
      {
        checks: [aCheck(throwing, 'configuration'), aCheck(hanging, 'source crm'), aCheck(async () => ok)],
        timeoutMs: 20,
      },
      { json: false },
      out,
    );
    expect(code).toBe(78);
    expect(out.text()).toContain('FAIL  configuration: sources[0].token: is not set [config-invalid]');
    expect(out.text()).toContain('FAIL  source crm: no answer within 0.02 s');
    expect(out.text()).toContain('ok    database');
  });
});

describe('config', () => {
  const deps = {
    schema: () => ({ title: 'rollcall.yaml' }),
    print: (format: 'yaml' | 'json') => (format === 'json' ? '{"timezone":"UTC"}\n' : 'timezone: UTC\n'),
    check: () => ['file is readable by others'],
  };
  test('schema, print and check', async () => {
    const [schema, print, check] = [createMemoryOutput(), createMemoryOutput(), createMemoryOutput()];
    expect(await configCommand(deps, { action: 'schema', json: false }, schema)).toBe(0);
    expect(await configCommand(deps, { action: 'print', json: false }, print)).toBe(0);
    expect(await configCommand(deps, { action: 'check', json: false }, check)).toBe(0);
    expect(JSON.parse(schema.text())).toEqual({ title: 'rollcall.yaml' });
    expect(print.text()).toBe('timezone: UTC\n');
    expect([check.text(), check.errors()]).toEqual([
      'The configuration is in order.\n',
      'warning: file is readable by others\n',
    ]);
  });

  test('print and check as JSON', async () => {
    const [print, check] = [createMemoryOutput(), createMemoryOutput()];
    await configCommand(deps, { action: 'print', json: true }, print);
    await configCommand(deps, { action: 'check', json: true }, check);
    expect(JSON.parse(print.text())).toEqual({ timezone: 'UTC' });
    expect(JSON.parse(check.text())).toEqual({ ok: true, warnings: ['file is readable by others'] });
    expect(check.errors()).toBe('');
  });
});

describe('migrate', () => {
  const cases: {
    name: string;
    args: { plan: boolean; roles: boolean };
    steps: readonly string[];
    text: string;
    done: readonly string[];
  }[] = [
    {
      name: 'applies',
      args: { plan: false, roles: false },
      steps: ['0001_x'],
      text: 'applied 0001_x\n',
      done: ['apply'],
    },
    {
      name: 'has nothing to do',
      args: { plan: false, roles: false },
      steps: [],
      text: 'The database is up to date.\n',
      done: ['apply'],
    },
    {
      name: 'plans without changing',
      args: { plan: true, roles: true },
      steps: ['0001_x'],
      text: 'would apply 0001_x\nwould create and grant the roles\n',
      done: ['plan'],
    },
    {
      name: 'makes the roles after the tables',
      args: { plan: false, roles: true },
      steps: ['0001_x'],
      text: 'applied 0001_x\nroles are in place: rollcall_reader\n',
      done: ['apply', 'roles'],
    },
  ];
  test.each(cases)('$name', async ({ args, steps, text, done }) => {
    const calls: string[] = [];
    const called = (name: string, result: readonly string[]) => async () => {
      calls.push(name);
      return result;
    };
    const deps = {
      plan: called('plan', steps),
      apply: called('apply', steps),
      grantRoles: called('roles', ['rollcall_reader']),
    };
    const out = createMemoryOutput();
    expect(await migrateCommand(deps, { ...args, json: false }, out)).toBe(0);
    expect([out.text(), calls]).toEqual([text, done]);

    const asJson = createMemoryOutput();
    expect(await migrateCommand(deps, { ...args, json: true }, asJson)).toBe(0);
    const roles = done.includes('roles') ? ['rollcall_reader'] : [];
    expect(JSON.parse(asJson.text())).toEqual({ plan: args.plan, migrations: steps, roles });
    expect(calls).toEqual([...done, ...done]);
  });
});

async function withServer(status: number, work: (url: string) => Promise<void>): Promise<void> {
  const server = createServer((_, response) => void response.writeHead(status).end());
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  const address = server.address();
  try {
    await work(`http://127.0.0.1:${typeof address === 'object' ? address?.port : 0}/livez`);
  } finally {
    server.closeAllConnections();
    server.close();
  }
}

describe('healthcheck', () => {
  test.each([
    [200, 0],
    [503, 1],
  ])('%i is exit code %i', async (status, code) => {
    await withServer(status, async (url) => {
      expect(await healthcheckCommand({ url }, createMemoryOutput())).toBe(code);
    });
  });

  test('nobody there is exit code 1, said on stderr', async () => {
    let gone = '';
    await withServer(200, async (url) => void (gone = url));
    const out = createMemoryOutput();
    expect(await healthcheckCommand({ url: gone }, out)).toBe(1);
    expect(out.errors()).toBe(`${gone}: no answer\n`);
  });

  test.each([
    ['127.0.0.1', 'http://127.0.0.1:8080/livez'],
    ['0.0.0.0', 'http://127.0.0.1:8080/livez'],
    ['::', 'http://[::1]:8080/livez'],
    ['10.1.2.3', 'http://10.1.2.3:8080/livez'],
  ])('a worker bound to %s is asked at %s', (bind, url) => {
    expect(livezUrl(bind, 8080)).toBe(url);
  });
});

async function listenOn(bind: string, port: number): Promise<number> {
  const args = { name: 'sandbox', bind, port } as const;
  return sandboxCommand(args, createMemoryOutput(), AbortSignal.timeout(200), '2026-11-21');
}

describe('sandbox', () => {
  test('a port that is taken is wrong usage, not a bug', async () => {
    await withServer(200, async (url) => {
      const port = Number(new URL(url).port);
      await expect(listenOn('127.0.0.1', port)).rejects.toMatchObject({
        code: 'usage',
        message: `cannot listen on 127.0.0.1 port ${port}: something listens there already: give another --port, or 0 for a free one`,
      });
    });
  });

  // 192.0.2.0/24 is for documentation: no machine has it.
  test('an address of another machine is too', async () => {
    await expect(listenOn('192.0.2.1', 0)).rejects.toMatchObject({
      code: 'usage',
      message: 'cannot listen on 192.0.2.1 port 0: this machine has no such address: give another --bind',
    });
  });
});
