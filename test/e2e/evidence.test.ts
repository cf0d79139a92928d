import { mkdir, mkdtemp, readdir, readFile, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { ReportRow } from '../../src/core/views.ts';
import { reportCommand } from '../../src/cli/report.ts';
import { sha256 } from '../../src/cli/evidence/chain.ts';
import { evidenceCommand } from '../../src/cli/evidence/export.ts';
import {
  copyOf,
  type Effort,
  forge,
  type Lines,
  readDataset,
  readManifest,
  verifyByPython,
  verifyByUs,
} from '../support/evidence.ts';
import { createMemoryOutput } from '../support/memory-output.ts';
import { inOrder } from '../support/scenario/arrange.ts';
import { momentOf, ZONE } from '../support/scenario/calendar.ts';
import { decisionsBuilt, openScenario, type ScenarioCompany } from '../support/scenario/company.ts';
import { historiesOf } from '../support/scenario/history.ts';
import { isPlayable, STORIES } from '../support/scenario/scenario.ts';
import { DAYS, SOURCES, UNSAID } from '../support/scenario/types.ts';
import { dateOf } from '../support/scenario/words.ts';

// The month of the scenario, as an auditor gets it. What must be in it comes from the stories, and never from the program.

const TIMEOUT_MS = 600_000;
const LAST = 30;
const played = STORIES.filter((each) => isPlayable(each, decisionsBuilt()));
let company: ScenarioCompany;
let home: string;
let folder: string;
let digest: string;

async function collect(from: number, to: number, out: string) {
  const { evidence } = company.app;
  const deps = { evidence, clock: () => momentOf(LAST), timezone: ZONE, version: '0.0.0', author: () => 'kim' };
  const output = createMemoryOutput();
  const args = { name: 'evidence', action: 'export', from: dateOf(from), to: dateOf(to), out, json: false } as const;
  const code = await evidenceCommand(deps, args, output);
  return { code, text: output.text() };
}

beforeAll(async () => {
  company = await openScenario(played, inOrder);
  for (const day of DAYS) await company.play(day);
  home = await mkdtemp(join(tmpdir(), 'rollcall-evidence-'));
  folder = join(home, 'march');
  const { code, text } = await collect(1, LAST, folder);
  expect(code).toBe(0);
  digest = /digest is ([0-9a-f]{64})/.exec(text)?.[1] ?? '';
}, TIMEOUT_MS);
afterAll(async () => {
  await company[Symbol.asyncDispose]();
  await rm(home, { recursive: true });
});

describe('the month as it was', () => {
  test('is verified by both implementations, and by the digest that was noted', async () => {
    expect(await verifyByUs(folder, digest)).toEqual({ code: 0, text: expect.stringContaining(digest) });
    const python = await verifyByPython(folder, digest);
    expect(python?.text ?? `verified: ${digest}\n`).toBe(`verified: ${digest}\n`);
  });

  test('has every leaver of the stories, each once, with the day on which the person left', async () => {
    const expected = historiesOf(played).flatMap(({ days }) => {
      const lived = days.filter((each) => each?.rule === 'leaver_account');
      const last = lived.at(-1);
      if (last === undefined) return [];
      const identity = last.identity_id === UNSAID ? '' : ` ${last.identity_id}`;
      const left = last.leftOn === undefined ? '' : ` ${dateOf(last.leftOn)}`;
      return [`${last.source} ${last.account_id}${identity}${left} ${last.status}`];
    });
    expect(expected.length).toBeGreaterThan(15);

    const rows = await readDataset(folder, 'leavers');
    const found = rows.map((row) =>
      [row['source'], row['account_id'], row['identity_id'], row['left_on'], row['status_at_end']].join(' '),
    );
    expect(found.toSorted()).toEqual(expected.toSorted());
  });

  test('has every listing of every day, each source in a chain, and the trouble of each as its verdict', async () => {
    const { sources } = await readManifest(folder);
    expect(sources.map(({ name }) => name).toSorted()).toEqual([...SOURCES].toSorted());
    const runs = await readDataset(folder, 'runs');
    const of = (source: string) => runs.filter((run) => run['source'] === source);
    expect(of('directory')).toHaveLength(LAST);
    expect(of('directory').filter((run) => run['verdict'] === 'suspicious')).toHaveLength(1);
    expect(of('namely').find((run) => run['declared_total'] === 400)).toMatchObject({ verdict: 'incomplete' });
  });

  test('proves the roster at the end by one listing, and that of a later start too', async () => {
    const later = join(home, 'later');
    await collect(10, 20, later);

    const { sources } = await readManifest(later);
    const directory = sources.find(({ name }) => name === 'directory');
    expect(directory?.roster_from).toMatchObject({ rows: expect.any(Number), listed_by_run: expect.any(Number) });
    expect(directory?.roster_to.listed_by_run).toBeGreaterThan(directory?.roster_from.listed_by_run ?? 0);
    expect((await verifyByUs(later)).code).toBe(0);
    expect((await verifyByPython(later))?.code ?? 0).toBe(0);
    // Only decisions, events and findings of these days; what was over before is not in it.
    for (const { at } of await readDataset(later, 'decisions')) expect(String(at) > '2027-03-10T05').toBe(true);
  });

  test('says who decided what, when and why, and by which rules was judged from when on', async () => {
    const decisions = await readDataset(folder, 'decisions');
    expect(new Set(decisions.map((row) => row['action']))).toEqual(
      new Set(['breaker release', 'waive', 'unwaive', 'link add', 'link deny', 'link clear']),
    );
    expect(decisions.every((row) => row['author'] === 'kim' && row['reason'] === 'decided in the story')).toBe(true);
    // The configuration changes on days 5, 20, 21, 22, 26 and 29.
    const sets = await readDataset(folder, 'rule_sets');
    const graces = sets.map((row) => Object(row['facts'])['leaver_grace_days']);
    expect(graces[0]).toBe(0);
    expect(graces.at(-1)).toBe(1);
    const named = new Set((await readDataset(folder, 'reports')).map((row) => row['rule_set']));
    expect(named).toEqual(new Set(sets.map((row) => row['digest'])));
  });

  test('is checked by sixty lines of the other language', async () => {
    const lines = (await readFile(join(folder, 'verify.py'), 'utf8')).trimEnd().split('\n');
    expect(lines.length).toBeLessThanOrEqual(60);
  });

  test('is one page without scripts that prints, and files that only their owner may read', async () => {
    const page = await readFile(join(folder, 'summary.html'), 'utf8');
    expect(page).toContain('@media print');
    expect(page).not.toMatch(/<script|https?:\/\//);
    for (const name of await readdir(folder)) {
      expect({ name, mode: (await stat(join(folder, name))).mode & 0o077 }).toEqual({ name, mode: 0 });
    }
  });
});

describe('two reports of the month', () => {
  const pairs: readonly [number, number][] = [
    [1, 30],
    [3, 4],
    [10, 15],
    [17, 23],
    [29, 30],
  ];
  test.each(pairs)('days %i and %i: what the stories tell between them, each with its reason', async (from, to) => {
    const { reader } = company.app;
    const of = async (id: number): Promise<ReportRow> => {
      const report = await reader.report(id);
      if (report === undefined) throw new Error(`no report ${id}`);
      return report;
    };
    const { findings } = await reader.diff(await of(from), await of(to));

    const expected = historiesOf(played).flatMap(({ days }) => {
      const [before, after] = [days[from - 1], days[to - 1]];
      if (after === undefined) return [];
      if (before?.status === after.status && before.severity === after.severity) return [];
      const { source, rule, account_id: account, identity_id: identity } = after;
      const subject = account ?? (rule === 'credential_owner_at_risk' ? null : identity);
      return [`${source} ${rule} ${subject}: ${before?.status ?? 'none'} to ${after.status} ${after.severity}`];
    });
    const differing = findings.filter((row) => {
      const said = row.events
        .map(({ detail }) => detail['severity_before'] ?? Object(detail['before'])['severity'])
        .find((each) => each !== undefined);
      return row.status_before !== row.status || (said !== undefined && said !== row.severity);
    });
    const found = differing.map((row) => {
      const subject = row.account_id ?? (row.rule === 'credential_owner_at_risk' ? null : row.identity_id);
      return `${row.source} ${row.rule} ${subject}: ${row.status_before ?? 'none'} to ${row.status} ${row.severity}`;
    });
    // Known on neither day, found and over between them: the stories know it as over, the earlier report not at all.
    expect(found.toSorted()).toEqual(expected.toSorted());
    for (const { events } of findings) expect(events.length).toBeGreaterThan(0);
  });

  test('as a table and as JSON: a reason beside each', async () => {
    const out = createMemoryOutput();
    const { reader, pages } = company.app;
    const deps = { reader, pages, clock: () => momentOf(LAST), timezone: ZONE };
    await reportCommand(deps, { diff: [16, 13], format: 'table' }, out);
    expect(out.text()).toMatch(/^From report 13 \(.*\) to report 16 \(.*\): .*\d+ resolved/);
    expect(out.text()).toMatch(/resolved: access removed \(report 15\)/);
    expect(out.text()).toContain('Not judged any more: nimble leaver_account, because contractors');

    const json = createMemoryOutput();
    await reportCommand(deps, { diff: [13, 16], format: 'json' }, json);
    const { before, after, findings } = JSON.parse(json.text());
    expect({ before: before.id, after: after.id }).toEqual({ before: 13, after: 16 });
    expect(findings.length).toBeGreaterThan(5);
    for (const finding of findings) expect(finding.reason).not.toBe('');
    await expect(reportCommand(deps, { diff: [1, 999], format: 'json' }, json)).rejects.toMatchObject({
      code: 'not-found',
    });
  });
});

const swap: Lines = ([first = '', second = '', ...rest]) => [second, first, ...rest];
const dropOne: Lines = (lines) => lines.filter((_line, at) => at !== 10);
const dropLast: Lines = (lines) => lines.slice(0, -1);
const rename: Lines = (lines) => lines.map((line) => line.replace('crowd-5@example.com', 'crowd-6@example.com'));
const believe: Lines = (lines) => lines.map((line) => line.replace('"suspicious"', '"complete"'));

const PLANTED: readonly [string, string, Effort, Lines][] = [
  ['a changed byte', 'roster_to', 'none', rename],
  ['a changed byte, and sums made anew', 'roster_to', 'sums', rename],
  ['a changed byte, and chains made anew', 'roster_to', 'chains', rename],
  ['a verdict made better, and chains made anew', 'runs', 'chains', believe],
  ['a dropped run', 'runs', 'none', dropOne],
  ['a dropped run, and sums made anew', 'runs', 'sums', dropOne],
  ['a dropped run, and chains made anew', 'runs', 'chains', dropOne],
  ['the last run dropped, and chains made anew', 'runs', 'chains', dropLast],
  ['a swapped row', 'leavers', 'none', swap],
  ['a swapped row, and sums made anew', 'leavers', 'sums', swap],
  ['a lost leaver, and sums made anew', 'leavers', 'sums', dropOne],
];

describe('a planted change is found by both', () => {
  test.each(PLANTED)('%s', async (_name, dataset, effort, edit) => {
    await using copy = await copyOf(folder);
    const before = await readFile(join(copy.path, `${dataset}.ndjson`), 'utf8');
    await forge(copy.path, dataset, effort, edit);
    expect(await readFile(join(copy.path, `${dataset}.ndjson`), 'utf8')).not.toBe(before);

    expect((await verifyByUs(copy.path)).code).toBe(1);
    expect((await verifyByPython(copy.path))?.code ?? 1).toBe(1);
  });

  test.each(['manifest.json', 'manifest.sha256', 'summary.html', 'verify.py', 'leavers.csv', 'roster_to.csv'])(
    'one bit of %s',
    async (name) => {
      await using copy = await copyOf(folder);
      const bytes = await readFile(join(copy.path, name));
      const at = Math.floor(bytes.length / 2);
      bytes[at] = (bytes[at] ?? 0) ^ 1;
      await writeFile(join(copy.path, name), bytes);

      expect((await verifyByUs(copy.path)).code).toBe(1);
      expect((await verifyByPython(copy.path))?.code ?? 1).toBe(1);
    },
  );

  test.each([
    ['a link to something that never ends', (path: string) => symlink('/dev/zero', path)],
    ['a folder', (path: string) => mkdir(path)],
  ])('%s in the place of a file', async (_name, put) => {
    for (const name of ['leavers.csv', 'runs.ndjson']) {
      await using copy = await copyOf(folder);
      await rm(join(copy.path, name));
      await put(join(copy.path, name));

      expect((await verifyByUs(copy.path)).text).toContain(`${name}: is no plain file`);
      expect((await verifyByPython(copy.path))?.text ?? name).toContain(name);
    }
    await using other = await copyOf(folder);
    await rm(join(other.path, 'manifest.json'));
    await put(join(other.path, 'manifest.json'));
    await expect(verifyByUs(other.path)).rejects.toMatchObject({ code: 'not-found' });
    expect((await verifyByPython(other.path))?.code ?? 1).toBe(1);
  });

  test.each(['run_digest_covers', 'content_hash_covers'] as const)('%s of the manifest made shorter', async (key) => {
    await using copy = await copyOf(folder);
    const manifest = await readManifest(copy.path);
    const forged = JSON.stringify({ ...manifest, [key]: manifest[key].slice(1) });
    await writeFile(join(copy.path, 'manifest.json'), forged);
    await writeFile(join(copy.path, 'manifest.sha256'), `${sha256(forged)}  manifest.json\n`);

    expect((await verifyByUs(copy.path)).code).toBe(1);
    expect((await verifyByPython(copy.path))?.code ?? 1).toBe(1);
  });

  test('a file that is missing, and one that is not of it', async () => {
    await using copy = await copyOf(folder);
    await rm(join(copy.path, 'waivers.csv'));
    await writeFile(join(copy.path, 'more.csv'), '');

    const { code, text } = await verifyByUs(copy.path);
    expect({ code, lines: text.split('\n').slice(1, -1).toSorted() }).toEqual({
      code: 1,
      lines: ['  more.csv: does not belong to the evidence', '  waivers.csv: is missing'],
    });
    expect((await verifyByPython(copy.path))?.text ?? 'more.csv waivers.csv').toMatch(/more\.csv[^]*waivers\.csv/);
  });

  test('with the number of the row, and the name of the source whose content it is', async () => {
    await using copy = await copyOf(folder);
    await forge(copy.path, 'leavers', 'sums', dropOne);
    expect((await verifyByUs(copy.path)).text).toContain('leavers: row 11 is not the one that was written here');

    await using other = await copyOf(folder);
    await forge(other.path, 'roster_to', 'chains', rename);
    expect((await verifyByUs(other.path)).text).toContain('is not what its content hash says');
  });

  test('everything made anew, by the digest that was noted', async () => {
    await using copy = await copyOf(folder);
    await forge(copy.path, 'leavers', 'chains', swap);

    expect((await verifyByUs(copy.path)).code).toBe(0);
    expect((await verifyByUs(copy.path, digest)).code).toBe(1);
    expect((await verifyByPython(copy.path, digest))?.code ?? 1).toBe(1);
  });
});

async function* cutRows() {
  yield [];
  throw new Error('cut');
}

describe('a folder', () => {
  test('with anything in it is refused, and stays as it is', async () => {
    const full = join(home, 'full');
    await mkdir(full);
    await writeFile(join(full, 'mine.txt'), 'mine');

    const refused = { code: 'output-file', message: expect.stringContaining('is not empty') };
    await expect(collect(1, 2, full)).rejects.toMatchObject(refused);
    expect(await readdir(full)).toEqual(['mine.txt']);
    expect((await readdir(home)).filter((name) => name.startsWith('.'))).toEqual([]);
  });

  test('that is empty is taken, and a day to come is refused', async () => {
    const empty = join(home, 'empty');
    await mkdir(empty);
    expect((await collect(1, 2, empty)).code).toBe(0);
    await expect(collect(1, LAST + 1, join(home, 'none'))).rejects.toMatchObject({ code: 'usage' });
  });

  test('that is a link is refused, also one to an empty folder', async () => {
    await mkdir(join(home, 'target'));
    await symlink('target', join(home, 'link'));
    const refused = { code: 'output-file', message: expect.stringContaining('is a link') };
    await expect(collect(1, 2, join(home, 'link'))).rejects.toMatchObject(refused);
    expect(await readdir(join(home, 'target'))).toEqual([]);
  });

  test('of days before the first reading is refused: nobody knew who left', async () => {
    const before = {
      code: 'not-found',
      message: expect.stringContaining('to 2027-02-27: the first complete reading ended at'),
    };
    await expect(collect(-5, -1, join(home, 'early'))).rejects.toMatchObject(before);
    expect(await readdir(home)).not.toContain('early');
  });

  test('is not there at all when something failed on the way', async () => {
    const { evidence } = company.app;
    const failing: typeof evidence = {
      snapshot: (period, use) =>
        evidence.snapshot(period, async (snapshot) => {
          const cut = { name: 'more', columns: ['id'], rows: cutRows };
          return use({ ...snapshot, datasets: [...snapshot.datasets, cut] });
        }),
    };
    const deps = {
      evidence: failing,
      clock: () => momentOf(LAST),
      timezone: ZONE,
      version: '0.0.0',
      author: () => 'kim',
    };
    const out = join(home, 'cut');
    const args = { name: 'evidence', action: 'export', from: dateOf(1), to: dateOf(2), out, json: false } as const;

    await expect(evidenceCommand(deps, args, createMemoryOutput())).rejects.toThrow('cut');
    expect((await readdir(home)).filter((name) => name.includes('cut'))).toEqual([]);
  });
});
