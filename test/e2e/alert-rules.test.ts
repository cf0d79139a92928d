import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { parse } from 'yaml';
import { expect, test, vi } from 'vitest';
import { z } from 'zod';
import { RULES } from '../../src/core/rule.ts';
import { aWorld } from '../../src/sandbox/world.ts';
import { startCli } from '../support/cli.ts';
import { freePort } from '../support/free-port.ts';
import { findPromtool } from '../support/promtool.ts';
import { somePeople } from '../support/sandbox.ts';
import { startCompany } from '../support/sandbox-company.ts';

const FOLDER = fileURLToPath(new URL('../../deploy/prometheus/', import.meta.url));
const WAIT = { timeout: 60_000, interval: 100 };

const Alert = z.strictObject({
  alert: z.string(),
  expr: z.string(),
  for: z.string(),
  labels: z.strictObject({ severity: z.enum(['critical', 'warning']) }),
  annotations: z.strictObject({ summary: z.string(), description: z.string() }),
});
const RuleFile = z.strictObject({
  groups: z.array(z.strictObject({ name: z.string(), rules: z.array(Alert) })).length(1),
});
const [group] = RuleFile.parse(parse(readFileSync(`${FOLDER}rollcall.rules.yml`, 'utf8'))).groups;
const alerts = group?.rules ?? [];

type Selector = { readonly alert: string; readonly metric: string; readonly labels: ReadonlyMap<string, string> };

/** `name{label="value", …}` of every expression; each series is asked for with a selector, if only of the job. */
function selectorsOf({ alert, expr }: Pick<z.infer<typeof Alert>, 'alert' | 'expr'>): readonly Selector[] {
  return [...expr.matchAll(/(?<metric>[a-z_]+)\{(?<inner>[^}]*)\}/g)].map(({ groups }) => ({
    alert,
    metric: groups?.['metric'] ?? '',
    labels: new Map(
      [...(groups?.['inner'] ?? '').matchAll(/(\w+)!?="([^"]*)"/g)].map(([, name, value]) => [name ?? '', value ?? '']),
    ),
  }));
}

type Sample = { readonly metric: string; readonly labels: ReadonlyMap<string, string> };

function samplesOf(body: string): readonly Sample[] {
  return [...body.matchAll(/^(?<metric>[a-z_]+)(?:\{(?<inner>[^}]*)\})? /gm)].map(({ groups }) => ({
    metric: groups?.['metric'] ?? '',
    labels: new Map(
      [...(groups?.['inner'] ?? '').matchAll(/(\w+)="([^"]*)"/g)].map(([, name, value]) => [name ?? '', value ?? '']),
    ),
  }));
}

/** What Prometheus adds itself, and what not every worker has had to say. */
const ADDED = new Set(['job', 'instance']);
const WORDS: ReadonlyMap<string, ReadonlySet<string>> = new Map([['rule', new Set<string>(RULES)]]);

function fits(selector: Selector, sample: Sample): boolean {
  if (selector.metric !== sample.metric) return false;
  return [...selector.labels].every(([name, value]) => {
    if (ADDED.has(name)) return true;
    const words = WORDS.get(name);
    return sample.labels.has(name) && (words === undefined ? sample.labels.get(name) === value : words.has(value));
  });
}

test('every series that an alert asks for is one that the running worker exports, label by label', async () => {
  const port = await freePort();
  await using company = await startCompany({
    // A stranger, so that there is a finding.
    world: aWorld({ people: [...somePeople(5), { nimble: [{ id: 'stray', email: 'stray@elsewhere.example' }] }] }),
    yaml: `http: { bind: 127.0.0.1, port: ${port} }`,
  });
  await using worker = startCli(['start'], { cwd: company.directory, env: company.env, timeoutMs: 110_000 });
  const selectors = alerts.flatMap(selectorsOf);
  expect(selectors.length).toBeGreaterThan(alerts.length);
  await vi.waitFor(async () => {
    const samples = samplesOf(await (await fetch(`http://127.0.0.1:${port}/metrics`)).text());
    const missing = selectors.filter(
      (selector) => selector.metric !== 'up' && !samples.some((sample) => fits(selector, sample)),
    );
    expect(missing).toEqual([]);
  }, WAIT);
  worker.kill('SIGTERM');
  expect((await worker.ended).code).toBe(143);
});

test('each alert asks for the job, and no series without a selector', () => {
  for (const { alert, expr } of alerts) {
    const bare = [...expr.matchAll(/\b(?:rollcall_[a-z_]+|up)\b(?!\{)/g)].map(([name]) => `${alert}: ${name}`);
    expect(bare).toEqual([]);
    expect(selectorsOf({ alert, expr }).every(({ labels }) => labels.get('job') === 'rollcall')).toBe(true);
  }
});

test('promtool takes the rules, and each alert fires when it should and is silent when it should be', async (context) => {
  const promtool = await findPromtool();
  if ('missing' in promtool) {
    context.skip(promtool.missing);
    return;
  }
  const run = promisify(execFile);
  await run(promtool.path, ['check', 'rules', 'rollcall.rules.yml'], { cwd: FOLDER });
  const { stdout } = await run(promtool.path, ['test', 'rules', 'rollcall.rules.test.yml'], { cwd: FOLDER });
  expect(stdout).toContain('SUCCESS');
  const stories = readFileSync(`${FOLDER}rollcall.rules.test.yml`, 'utf8');
  expect(alerts.map(({ alert }) => alert).filter((alert) => !stories.includes(`{alertname="${alert}", `))).toEqual([]);
});
