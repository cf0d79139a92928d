import { readFile } from 'node:fs/promises';
import { join } from 'node:path';

import { expect, test } from 'vitest';

import { loadConfig } from '../../src/config/load.ts';
import { createLog } from '../../src/log.ts';
import { aWorld, PRIVATE_CANARY } from '../../src/sandbox/world.ts';
import { runOnce, type RunResult } from '../../src/worker/run.ts';
import { openApp, type App } from '../../src/wire.ts';
import {
  findCanaries,
  LEAKY_EFFECTS,
  MISPLACED,
  PRIVATE_FIELDS,
  sweepDatabase,
  toLeakyFaults,
} from '../support/canary.ts';
import { askSandbox, somePeople } from '../support/sandbox.ts';
import { startCompany, type Company } from '../support/sandbox-company.ts';

const STRAY = { nimble: [{ id: 'stray', email: 'stray@elsewhere.example', role: 'admin' }] };
const PEOPLE = [...somePeople(10), STRAY];
const LATER = [...somePeople(10), { namely: somePeople(12).at(-1)?.namely }];

/** The program as wire.ts joins it, but for the log: no known secret is taken out of it, so that it shows what is put in. */
async function openUnscrubbed(company: Company, lines: string[]): Promise<App> {
  const { config } = loadConfig({ env: company.env, cwd: company.directory });
  const log = createLog({ level: 'debug', secrets: [], destination: { write: (line) => lines.push(line) } });
  return await openApp(config, { clock: () => new Date(), log, say: (line) => lines.push(line) }, 'work');
}

async function runIt({ worker }: App, lines: string[]): Promise<RunResult> {
  const { signal } = new AbortController();
  const progress = (step: object): void => void lines.push(JSON.stringify(step));
  return await runOnce(worker, { only: [], full: true, notify: true, budgetMs: 10_000, signal, progress });
}

function verdictsOf({ outcomes }: RunResult): readonly string[] {
  const applications = outcomes.filter(({ source }) => source !== 'directory');
  return applications.map((each) => (each.kind === 'judged' ? each.verdict : each.kind));
}

test('no token and no private field is in database, log, metrics, Slack or any output, also after answers that repeat them', async () => {
  await using company = await startCompany({ world: aWorld({ people: PEOPLE }), yaml: 'http: { port: 0 }' });
  const yaml = await readFile(join(company.directory, 'rollcall.yaml'), 'utf8');
  await company.write('rollcall.yaml', yaml.replace('    type: namely\n', '    type: namely\n    events: true\n'));
  const { body } = await askSandbox(company.sandbox, 'namely', '/api/v1/profiles');
  for (const field of PRIVATE_FIELDS) expect(JSON.stringify(body)).toContain(`${PRIVATE_CANARY}${field}`);

  const lines: string[] = [];
  const posted: string[] = [];
  const app = await openUnscrubbed(company, lines);
  try {
    expect(verdictsOf(await runIt(app, lines))).toEqual(['complete', 'complete']);
    posted.push(...company.sandbox.messages.map(({ raw }) => raw));
    for (const leaky of LEAKY_EFFECTS) {
      await company.tell(aWorld({ people: LATER, faults: toLeakyFaults(leaky), namely: { dialect: 'live' } }));
      const expected = leaky.once === true ? 'complete' : 'incomplete';
      expect(verdictsOf(await runIt(app, lines)), `after ${leaky.what}`).toEqual([expected, expected]);
      posted.push(...company.sandbox.messages.map(({ raw }) => raw));
    }
    await company.tell(aWorld({ people: PEOPLE, namely: { dialect: 'live', recorded: MISPLACED } }));
    expect(verdictsOf(await runIt(app, lines))).toEqual(['complete', 'incomplete']);
    posted.push(...company.sandbox.messages.map(({ raw }) => raw));

    const server = await app.serve();
    const answers = ['/metrics', '/readyz', '/', '/api/findings', '/api/reports'].map(async (path) => {
      const response = await fetch(`${server.url}${path}`);
      return await response.text();
    });
    const served = await Promise.all(answers);
    await server.close();
    expect(served[0]).toMatch(/^rollcall_/m);
    expect(served.flatMap(findCanaries)).toEqual([]);
  } finally {
    await app.close();
  }

  const [finding] = await company.rows<{ id: string }>(`select id::text from rollcall.drift_findings limit 1`);
  for (const args of [
    ['report', '--format', 'json'],
    ['findings', '--format', 'json'],
    ['explain', finding?.id ?? '', '--json'],
    ['roster', 'nimble', '--format', 'json'],
    ['roster', 'namely', '--format', 'json'],
  ]) {
    const { code, stdout } = await company.rollcall(args);
    expect({ args, code }).toEqual({ args, code: 0 });
    expect(stdout.length).toBeGreaterThan(20);
  }

  expect(lines.length).toBeGreaterThan(50);
  expect(posted.length).toBeGreaterThan(1);
  expect(findCanaries(lines.join('\n'))).toEqual([]);
  expect(findCanaries(posted.join('\n'))).toEqual([]);
  expect(findCanaries(company.outputs)).toEqual([]);
  expect(findCanaries(await company.dump())).toEqual([]);
  const swept = await sweepDatabase(company.client);
  expect(swept.columns).toBeGreaterThan(100);
  expect(swept.found).toEqual([]);
});

test('the sweep itself finds what is hidden in any kind of column', async () => {
  await using company = await startCompany({ world: aWorld() });
  await (await openUnscrubbed(company, [])).close();
  await company.client.query(`create table rollcall.probe (a text, b jsonb, c text[], d bytea, e varchar(80))`);
  await company.client.query(
    `insert into rollcall.probe values ($1, jsonb_build_object('deep', jsonb_build_array($1::text)), array[$1], convert_to($1, 'UTF8'), $1)`,
    [`${PRIVATE_CANARY}ssn`],
  );
  const { found } = await sweepDatabase(company.client);
  expect(found.map((place) => place.split(':')[0])).toEqual(
    ['a', 'b', 'c', 'd', 'e'].map((c) => `rollcall.probe.${c}`),
  );
});
