import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { parse } from 'csv-parse/sync';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { parseCommand } from '../../src/cli/command.ts';
import { dispatch } from '../../src/dispatch/dispatch.ts';
import { aWorld } from '../../src/sandbox/world.ts';
import { createMemoryOutput } from '../support/memory-output.ts';
import { somePeople } from '../support/sandbox.ts';
import { startCompany, type Company } from '../support/sandbox-company.ts';

// Each command that prints what is known, in each format, to stdout and to a file, now and as of a moment (contract §2 and §7).

/** View `drift_findings` of contract §7. */
const FINDING =
  'id fingerprint source rule severity status account_id account_email account_name identity_id identity_source identity_email summary evidence first_detected_at last_detected_at resolved_at resolution waived_until report_id'.split(
    ' ',
  );
/** View `drift_reports`. */
const REPORT = 'id started_at finished_at verdicts withheld opened resolved open held waived baseline'.split(' ');
/** View `source_health`. */
const SOURCE =
  'source type authoritative last_complete_at last_verdict stale breaker accounts open_findings seat_cost_at_risk'.split(
    ' ',
  );
/** Contract §3. */
const RECORD =
  'source external_id email aliases employee_id given_name family_name display_name status kind role privileged title department manager_id start_date end_date last_active_at source_created_at source_updated_at'.split(
    ' ',
  );
const FORMULA = '=HYPERLINK("http://evil.example")';
const ROWS = 6;

let company: Company;
let since: string;
let reportId: number;

beforeAll(async () => {
  const stray = { nimble: [{ id: 'stray', email: 'stray@elsewhere.example', given_name: FORMULA }] };
  company = await startCompany({ world: aWorld({ people: [...somePeople(ROWS - 1), stray] }) });
  expect((await company.rollcall(['run'])).code).toBe(0);
  since = new Date().toISOString();
  const [report] = await company.rows<{ id: number }>('select max(id)::int as id from rollcall.drift_reports');
  reportId = report?.id ?? 0;
});
afterAll(async () => company[Symbol.asyncDispose]());

type Check = (text: string, isPast: boolean) => void;

const JSON_LINES = (text: string): readonly unknown[] =>
  text
    .trimEnd()
    .split('\n')
    .map((line): unknown => JSON.parse(line));
const records = (text: string): readonly Record<string, string>[] => parse(text, { columns: true, bom: false });
const keysOf = (value: unknown): readonly string[] =>
  typeof value === 'object' && value !== null ? Object.keys(value) : [];

function isReport(value: unknown, isPast: boolean): void {
  expect(value).toMatchObject({
    report: { open: 1 },
    sources: [{ source: 'directory' }, { source: 'namely' }, { source: 'nimble' }],
    findings: [{ rule: 'orphaned_account', account_id: 'stray', status: 'open' }],
  });
  expect(keysOf(value)).toEqual(['report', 'sources', 'findings', ...(isPast ? ['as_of'] : [])]);
}

const REPORTS: Readonly<Record<string, Check>> = {
  table: (text) =>
    expect(text).toMatch(/^Report \d+, .*\n\n(As it was at [^.]*\. )?1 account belongs to nobody we know/u),
  json: (text, isPast) => {
    const value: { report: object; sources: readonly object[]; findings: readonly object[] } = JSON.parse(text);
    isReport(value, isPast);
    expect(keysOf(value.report)).toEqual(expect.arrayContaining(REPORT));
    // Of an earlier time not everything about a source is known.
    if (!isPast) expect(keysOf(value.sources[0])).toEqual(expect.arrayContaining(SOURCE));
    expect(keysOf(value.findings[0])).toEqual(FINDING);
  },
  ndjson: (text, isPast) => {
    const lines = JSON_LINES(text);
    expect(lines.map((line) => keysOf(line).join())).toEqual([
      'report',
      'source',
      'source',
      'source',
      'finding',
      ...(isPast ? ['as_of'] : []),
    ]);
  },
  csv: (text) => {
    expect(text.split('\r\n')[0]).toBe(FINDING.join());
    expect(records(text)).toMatchObject([{ rule: 'orphaned_account', account_id: 'stray' }]);
    expect(text).not.toMatch(/(^|[,;"\s])=HYPERLINK/u);
  },
  md: (text) => expect(text).toMatch(/^# Report \d+, [\s\S]*\n## HIGH \(1\)\n[\s\S]*\| orphaned\\_account \|/u),
  html: (text) => {
    expect(text).toMatch(/^<!doctype html>/iu);
    expect(text).toContain('1 account belongs to nobody we know');
  },
};

const FINDINGS: Readonly<Record<string, Check>> = {
  table: (text) => expect(text).toMatch(/^ID +SEVERITY +STATUS[\s\S]*\bhigh +open +nimble +orphaned_account/u),
  json: (text) => expect(keysOf(JSON.parse(text)[0])).toEqual(FINDING),
  ndjson: (text) => expect(JSON_LINES(text).map(keysOf)).toEqual([FINDING]),
  csv: (text) => expect(records(text).map(keysOf)).toEqual([FINDING]),
  md: (text) => expect(text).toMatch(/^\| Finding \|[\s\S]*\| orphaned\\_account \|/u),
};

/** What view `roster` adds. */
const NOW = ['situation', 'identity_id', 'link_rule', 'first_seen_at', 'last_seen_at', 'gone_at'];

/** Refreshed in place, without a version: nobody knows what they were. */
const UNVERSIONED = ['last_active_at', 'source_created_at', 'source_updated_at'];

function isRoster(rows: readonly unknown[], isPast: boolean): void {
  expect(rows).toHaveLength(ROWS);
  expect(keysOf(rows[0])).toEqual(
    expect.arrayContaining(isPast ? RECORD.filter((each) => !UNVERSIONED.includes(each)) : [...RECORD, ...NOW]),
  );
}

const ROSTERS: Readonly<Record<string, Check>> = {
  table: (text) => expect(text.trimEnd().split('\n')).toHaveLength(1 + ROWS),
  json: (text, isPast) => isRoster(JSON.parse(text), isPast),
  ndjson: (text, isPast) => isRoster(JSON_LINES(text), isPast),
  csv: (text, isPast) => {
    isRoster(records(text), isPast);
    expect(text).not.toMatch(/(^|[,;"\s])=HYPERLINK/mu);
  },
  md: (text) => expect(text.trimEnd().split('\n')).toHaveLength(2 + ROWS),
};

type Printing = {
  readonly command: readonly string[];
  readonly past?: readonly string[];
  readonly checks: Readonly<Record<string, Check>>;
};
const TABLE: readonly Printing[] = [
  { command: ['report'], past: ['--at', 'SINCE'], checks: REPORTS },
  { command: ['report', '--report', 'ID'], checks: REPORTS },
  { command: ['findings'], checks: FINDINGS },
  { command: ['roster', 'nimble'], past: ['--at', 'SINCE'], checks: ROSTERS },
];

/** As the program does it, without a process for each of so many. */
async function print(words: readonly string[]) {
  const args = words.map((word) => (word === 'SINCE' ? since : word === 'ID' ? String(reportId) : word));
  const parsed = parseCommand(['--config', join(company.directory, 'rollcall.yaml'), ...args], 'test');
  if (parsed.kind === 'text') throw new Error(parsed.text);
  const { command, configPath } = parsed;
  if (command.name === 'healthcheck') throw new Error('it prints nothing');
  const out = createMemoryOutput();
  const { signal } = new AbortController();
  const code = await dispatch({ command, configPath, env: company.env, cwd: company.directory, out, signal });
  return { code, stdout: out.text(), stderr: out.errors() };
}

describe.each(TABLE)('$command', ({ command, past, checks }) => {
  test.each(Object.entries(checks))('%s', async (format, check) => {
    const args = [...command, '--format', format];
    const printed = await print(args);
    expect(printed).toMatchObject({ code: 0, stderr: '' });
    const isPast = command.includes('--report');
    check(printed.stdout, isPast);
    if (past !== undefined) check((await print([...args, ...past])).stdout, true);
    const path = join(company.directory, `out-${command.length}.${format}`);
    const written = await print([...args, '--out', path]);
    expect(written).toMatchObject({ code: 0, stdout: '', stderr: `written: ${path}\n` });
    check(await readFile(path, 'utf8'), isPast);
    // It is about people: nobody else of the machine reads it.
    expect((await stat(path)).mode & 0o777).toBe(0o600);
  });
});

test('run --json is what report --format json is', async () => {
  const run = await company.rollcall(['run', '--json', '--no-notify']);
  expect(run.code).toBe(0);
  isReport(JSON.parse(run.stdout), false);
});

describe('a failure of a command that was to print JSON', () => {
  test.each([
    { args: ['report', '--report', '999', '--json'], code: 'not-found', exit: 1 },
    { args: ['roster', 'nobody', '--format', 'ndjson'], code: 'usage', exit: 64 },
    { args: ['findings', '--source', 'nobody', '--format', 'json'], code: 'usage', exit: 64 },
    { args: ['findings', '--jsom', '--json'], code: 'usage', exit: 64 },
    { args: ['breaker', 'show', '999', '--json'], code: 'not-found', exit: 1 },
    { args: ['config', 'check', '--json', '--config', 'none.yaml'], code: 'config-invalid', exit: 78 },
    { args: ['report', '--json', '--out', 'none/report.json'], code: 'output-file', exit: 1 },
  ])('$args', async ({ args, code, exit }) => {
    const failed = await company.rollcall(args);
    expect(failed).toMatchObject({ code: exit, stdout: '' });
    expect(JSON.parse(failed.stderr.trimEnd().split('\n').at(-1) ?? '')).toEqual({
      error: { code, message: expect.stringMatching(/\w/u), page: `docs/errors.md#${code}`, exit },
    });
  });

  test('a run that reads nothing has said what it waited for, and the failure is the last line', async () => {
    const failed = await company.rollcall(['run', '--json'], { DATABASE_URL: 'postgres://x:x@127.0.0.1:1/x' });
    expect(failed).toMatchObject({ code: 1, stdout: '' });
    expect(JSON.parse(failed.stderr.trimEnd().split('\n').at(-1) ?? '')).toMatchObject({
      error: { code: 'database-unavailable', exit: 1 },
    });
  });
});
