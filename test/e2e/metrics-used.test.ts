import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect, test, vi } from 'vitest';
import { parse, stringify } from 'yaml';
import { z } from 'zod';
import { aWorld } from '../../src/sandbox/world.ts';
import { startCli } from '../support/cli.ts';
import { freePort } from '../support/free-port.ts';
import { findPromtool } from '../support/promtool.ts';
import { somePeople } from '../support/sandbox.ts';
import { startCompany, type Company } from '../support/sandbox-company.ts';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));
const WAIT = { timeout: 60_000, interval: 200 };

const Target = z.object({
  expr: z.string(),
  legendFormat: z.string(),
  refId: z.string(),
  datasource: z.object({ uid: z.literal('${datasource}') }),
});
const Place = z.strictObject({
  h: z.int().min(1),
  w: z.int().min(1).max(24),
  x: z.int().min(0).max(23),
  y: z.int().min(0),
});
const Panel = z.object({
  id: z.int(),
  type: z.enum(['row', 'stat', 'table', 'timeseries', 'bargauge']),
  title: z.string().min(1),
  gridPos: Place,
  targets: z.array(Target).prefault([]),
});
const Dashboard = z.object({
  uid: z.literal('rollcall'),
  title: z.string(),
  schemaVersion: z.int().min(36),
  templating: z.object({
    list: z.array(z.object({ name: z.string(), type: z.string(), definition: z.string().optional() })),
  }),
  panels: z.array(Panel),
});
const RuleFile = z.object({ groups: z.array(z.object({ rules: z.array(z.object({ expr: z.string() })) })) });

async function loadDashboard(): Promise<z.infer<typeof Dashboard>> {
  return Dashboard.parse(JSON.parse(await readFile(join(ROOT, 'deploy/grafana/rollcall.json'), 'utf8')));
}

async function loadRules(): Promise<readonly string[]> {
  const file = RuleFile.parse(parse(await readFile(join(ROOT, 'deploy/prometheus/rollcall.rules.yml'), 'utf8')));
  return file.groups.flatMap(({ rules }) => rules.map(({ expr }) => expr));
}

type Uses = ReadonlyMap<string, ReadonlySet<string>>;

/** What a named group of each match holds. */
function all(text: string, pattern: RegExp, name: string): readonly string[] {
  return [...text.matchAll(pattern)].map(({ groups = {} }) => groups[name] ?? '');
}

/** Metric → labels that are asked of it: in its selector, or by a `by (…)` or legend that it is shown with. */
function usesOf(expr: string, legend = ''): Uses {
  const grouped = all(expr, /\b(?:by|on) \((?<labels>[^)]*)\)/g, 'labels').flatMap((list) => list.split(/,\s*/));
  const shown = all(legend, /\{\{(?<label>\w+)\}\}/g, 'label');
  const series = all(expr, /\b(?<series>(?:rollcall|process|nodejs)_[a-z0-9_]+(?:\{[^}]*\})?)/g, 'series');
  return collect(series, [...grouped, ...shown], /(?<label>\w+)\s*(?:=~|!~|!=|=)/g);
}

/** `name{label="…"}` each; labels of several series of one name are joined. */
function collect(series: readonly string[], besides: readonly string[], label: RegExp): Uses {
  const uses = new Map<string, Set<string>>();
  for (const each of series) {
    const [metric = '', ...inner] = each.split('{');
    const labels = uses.get(metric) ?? new Set(besides);
    for (const name of all(inner.join('{'), label, 'label')) labels.add(name);
    uses.set(metric, labels);
  }
  return uses;
}

/** What Prometheus adds by itself. */
const ADDED = ['job', 'instance'];

function exportedBy(body: string): Uses {
  return collect(all(body, /^(?<series>[a-z_0-9]+(?:\{[^}]*\})?) /gm, 'series'), ADDED, /(?<label>\w+)="/g);
}

type Documented = { readonly metric: string; readonly labels: readonly string[]; readonly used: string };

/** The table of docs/metrics.md. */
function documentedIn(docs: string): readonly Documented[] {
  const row = /^\| `(?<metric>rollcall_\w+)`\s*\| (?<labels>[\w, ]*?)\s*\|.*\| (?<used>[\w, ]+?)\s*\|$/gm;
  return [...docs.matchAll(row)].map(({ groups: { metric = '', labels = '', used = '' } = {} }) => ({
    metric,
    labels: labels.split(/,\s*/).filter((label) => label !== ''),
    used,
  }));
}

function faultsOf(uses: Uses, exported: Uses): readonly string[] {
  return [...uses].flatMap(([metric, labels]) => {
    const known = exported.get(metric);
    if (known === undefined) return [`${metric} is not exported`];
    return [...labels].filter((label) => !known.has(label)).map((label) => `${metric} has no label ${label}`);
  });
}

/** Every kind of series at once: what is rare is put where a worker would have left it. */
async function makeRareThings(company: Company): Promise<void> {
  const findings = async () => await company.rows<{ id: number }>('select id from rollcall.drift_findings order by id');
  await vi.waitFor(async () => expect((await findings()).length).toBeGreaterThan(2), WAIT);
  const [first, second] = await findings();
  const soon = new Date(Date.now() + 3 * 86_400_000).toISOString().slice(0, 10);
  const waived = await company.rollcall(['waive', String(first?.id), '--until', soon, '--reason', 'test']);
  expect(waived).toMatchObject({ code: 0 });
  await company.rows(`update rollcall.finding set status = 'held' where id = $1`, [second?.id]);
}

test('dashboard, alert rules and docs/metrics.md speak of what a worker really exports, and of all of it', async () => {
  const port = await freePort();
  const secret = 'a-webhook-secret-of-some-length-0123456789';
  const strays = ['a', 'b', 'c'].map((id) => ({ nimble: [{ id, email: `${id}@elsewhere.example` }] }));
  await using company = await startCompany({
    world: aWorld({ people: [...somePeople(5), ...strays] }),
    yaml: `http: { bind: 127.0.0.1, port: ${port}, webhookSecrets: [${secret}] }`,
  });
  await using worker = startCli(['start'], { cwd: company.directory, env: company.env, timeoutMs: 110_000 });
  const dashboard = await loadDashboard();
  const docs = await readFile(join(ROOT, 'docs/metrics.md'), 'utf8');
  const rules = await loadRules();
  const panels = dashboard.panels.flatMap(({ targets }) =>
    targets.map(({ expr, legendFormat }) => usesOf(expr, legendFormat)),
  );
  const variables = dashboard.templating.list.map(({ definition = '' }) => usesOf(definition));
  const url = `http://127.0.0.1:${port}`;
  await vi.waitFor(async () => expect((await fetch(`${url}/readyz`)).status).toBe(200), WAIT);
  await makeRareThings(company);
  await fetch(`${url}/webhooks/namely`, {
    method: 'POST',
    body: '{}',
    headers: { 'content-type': 'application/json' },
  });
  let exported: Uses = new Map();
  await vi.waitFor(async () => {
    await company.rows(
      `update rollcall_jobs.job set state = 'failed', completed_on = now(), output = '{"code":"bug"}' where id = (select id from rollcall_jobs.job where name = 'retain' or state = 'completed' limit 1)`,
    );
    exported = exportedBy(await (await fetch(`${url}/metrics`)).text());
    expect(
      [...panels, ...variables, ...rules.map((expr) => usesOf(expr))].flatMap((uses) => faultsOf(uses, exported)),
    ).toEqual([]);
  }, WAIT);

  const own = [...exported.keys()].filter((metric) => metric.startsWith('rollcall_')).toSorted();
  const shown = new Set(panels.flatMap((uses) => [...uses.keys()]));
  const alerted = new Set(rules.flatMap((expr) => [...usesOf(expr).keys()]));
  const expected = own.map((metric) => ({
    metric,
    labels: [...(exported.get(metric) ?? [])].filter((label) => !ADDED.includes(label)),
    used: [...(shown.has(metric) ? ['dashboard'] : []), ...(alerted.has(metric) ? ['alerts'] : [])].join(', '),
  }));
  expect(documentedIn(docs).toSorted((a, b) => (a.metric < b.metric ? -1 : 1))).toEqual(expected);
  worker.kill('SIGTERM');
  expect((await worker.ended).code).toBe(143);
});

test('the dashboard is one that Grafana can lay out: ids once, panels side by side, each with a query', async () => {
  const { panels, templating } = await loadDashboard();
  expect(new Set(panels.map(({ id }) => id)).size).toBe(panels.length);
  expect(templating.list.map(({ name }) => name)).toEqual(['datasource', 'job', 'source']);
  const rows = panels.filter(({ type }) => type === 'row').map(({ title }) => title);
  expect(rows).toEqual(['Is the data fresh?', 'What was found?', 'Is it told?', 'Is the worker well?']);
  const taken = new Set<string>();
  for (const { type, title, gridPos, targets } of panels) {
    expect({ title, asks: targets.length > 0 }).toEqual({ title, asks: type !== 'row' });
    expect(gridPos.x + gridPos.w).toBeLessThanOrEqual(24);
    for (let cell = 0; cell < gridPos.w * gridPos.h; cell += 1) {
      const at = `${gridPos.x + (cell % gridPos.w)}/${gridPos.y + Math.floor(cell / gridPos.w)}`;
      expect({ title, at, taken: taken.has(at) }).toEqual({ title, at, taken: false });
      taken.add(at);
    }
  }
});

test('promtool parses every query of the dashboard', async (context) => {
  const promtool = await findPromtool();
  if ('missing' in promtool) {
    context.skip(promtool.missing);
    return;
  }
  const { panels } = await loadDashboard();
  const exprs = panels.flatMap(({ targets }) =>
    targets.map(({ expr }) => expr.replaceAll('$job', 'rollcall').replaceAll('$source', '.*')),
  );
  const rules = exprs.map((expr, at) => ({ record: `panel:query:${at}`, expr }));
  const folder = await mkdtemp(join(tmpdir(), 'rollcall-dashboard-'));
  try {
    await writeFile(join(folder, 'rules.yml'), stringify({ groups: [{ name: 'dashboard', rules }] }));
    const { stdout } = await promisify(execFile)(promtool.path, ['check', 'rules', 'rules.yml'], { cwd: folder });
    expect(stdout).toContain(`SUCCESS: ${rules.length} rules found`);
  } finally {
    await rm(folder, { recursive: true });
  }
});
