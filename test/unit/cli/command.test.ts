import { describe, expect, test } from 'vitest';
import { parseCommand, type Command } from '../../../src/cli/command.ts';

const parse = (line: string) =>
  parseCommand(
    line.split(' ').filter((word) => word !== ''),
    '9.9.9',
  );

const understood: { line: string; expected: Command }[] = [
  {
    line: 'run',
    expected: { name: 'run', only: [], full: false, dryRun: false, notify: true, detailed: false, json: false },
  },
  {
    line: 'run --source a b --full --no-notify --detailed-exitcode --json',
    expected: { name: 'run', only: ['a', 'b'], full: true, dryRun: false, notify: false, detailed: true, json: true },
  },
  {
    line: 'run --dry-run',
    expected: { name: 'run', only: [], full: false, dryRun: true, notify: true, detailed: false, json: false },
  },
  {
    line: 'waive 12 --until 2027-02-28 --reason contractor',
    expected: { name: 'waive', id: 12, until: '2027-02-28', reason: 'contractor', json: false },
  },
  { line: 'unwaive 12', expected: { name: 'unwaive', id: 12, json: false } },
  { line: 'unwaive 12 --reason gone --json', expected: { name: 'unwaive', id: 12, reason: 'gone', json: true } },
  { line: 'report', expected: { name: 'report', format: 'table' } },
  {
    line: 'report --report 7 --format csv --out x.csv',
    expected: { name: 'report', id: 7, format: 'csv', out: 'x.csv' },
  },
  {
    line: 'report --at 2026-11-20',
    expected: { name: 'report', at: { kind: 'date', date: '2026-11-20' }, format: 'table' },
  },
  {
    line: 'report --at 2026-11-20T09:00:00+02:00 --format json',
    expected: { name: 'report', at: { kind: 'instant', at: '2026-11-20T07:00:00Z' }, format: 'json' },
  },
  {
    line: 'findings',
    expected: { name: 'findings', statuses: ['open', 'held'], rules: [], sources: [], format: 'table' },
  },
  {
    line: 'findings --status resolved --rule leaver_account',
    expected: { name: 'findings', statuses: ['resolved'], rules: ['leaver_account'], sources: [], format: 'table' },
  },
  { line: 'login nimble', expected: { name: 'login', source: 'nimble', paste: false, newKey: false, json: false } },
  { line: 'login hr --paste', expected: { name: 'login', source: 'hr', paste: true, newKey: false, json: false } },
  {
    line: 'login hr --json',
    expected: { name: 'login', source: 'hr', paste: false, newKey: false, json: true },
  },
  { line: 'login hr --new-key', expected: { name: 'login', source: 'hr', paste: false, newKey: true, json: false } },
  { line: 'explain 12 --json', expected: { name: 'explain', id: 12, json: true } },
  {
    line: 'roster crm --at 2026-11-21',
    expected: { name: 'roster', source: 'crm', at: { kind: 'date', date: '2026-11-21' }, format: 'table' },
  },
  ...[
    ['2026-11-21T09:00:00Z', '2026-11-21T09:00:00Z'],
    ['2026-11-21T09:00+02:00', '2026-11-21T07:00:00Z'],
  ].map(([time = '', at = '']) => ({
    line: `roster crm --at ${time}`,
    expected: { name: 'roster', source: 'crm', at: { kind: 'instant', at }, format: 'table' } as const,
  })),
  ...['0001-01-01', '9999-12-31'].map((date) => ({
    line: `roster crm --at ${date}`,
    expected: { name: 'roster', source: 'crm', at: { kind: 'date', date }, format: 'table' } as const,
  })),
  {
    line: 'evidence --from 2026-10-01 --to 2026-12-31 --out q4',
    expected: { name: 'evidence', action: 'export', from: '2026-10-01', to: '2026-12-31', out: 'q4', json: false },
  },
  {
    line: 'forget jane@example.com --reason asked --dry-run',
    expected: { name: 'forget', person: 'jane@example.com', reason: 'asked', dryRun: true, json: false },
  },
  {
    line: 'evidence verify q4 --digest ab --json',
    expected: { name: 'evidence', action: 'verify', folder: 'q4', digest: 'ab', json: true },
  },
  {
    line: 'healthcheck --url http://[::1]:8080/livez',
    expected: { name: 'healthcheck', url: 'http://[::1]:8080/livez' },
  },
  {
    line: 'breaker release 3 --reason known',
    expected: { name: 'breaker', action: 'release', id: 3, reason: 'known', json: false },
  },
  {
    line: 'link add nimble n-1 p-1 --reason seen',
    expected: {
      name: 'link',
      action: 'add',
      source: 'nimble',
      account: 'n-1',
      identity: 'p-1',
      reason: 'seen',
      json: false,
    },
  },
  {
    line: 'link deny nimble jane@example.com hr/7 --json --reason seen',
    expected: {
      name: 'link',
      action: 'deny',
      source: 'nimble',
      account: 'jane@example.com',
      identity: 'hr/7',
      reason: 'seen',
      json: true,
    },
  },
  {
    line: 'link clear nimble n-1 --reason seen',
    expected: { name: 'link', action: 'clear', source: 'nimble', account: 'n-1', reason: 'seen', json: false },
  },
  {
    line: 'report --diff 12 15',
    expected: { name: 'report', diff: [12, 15], format: 'table' },
  },
  { line: 'mcp', expected: { name: 'mcp' } },
  { line: 'config check', expected: { name: 'config', action: 'check', json: false } },
  { line: 'migrate --plan', expected: { name: 'migrate', plan: true, roles: false, json: false } },
  { line: 'sandbox --port 0', expected: { name: 'sandbox', bind: '127.0.0.1', port: 0 } },
];

const refused: { line: string; says: RegExp }[] = [
  { line: 'nope', says: /unknown command 'nope'/ },
  { line: 'runn', says: /Did you mean run\?/ },
  { line: 'waive 12 --until 2027-02-28', says: /required option '--reason <text>'/ },
  { line: 'waive 12 --reason contractor', says: /required option '--until <date>'/ },
  { line: 'waive 12 --until 2027-02-29 --reason x', says: /write it like 2026-11-21, a day that is in the calendar/ },
  { line: 'waive 12 --until 02/28/2027 --reason x', says: /write it like 2026-11-21/ },
  { line: 'waive 12 --until 2027-02-28T00:00:00Z --reason x', says: /write it like 2026-11-21/ },
  { line: 'waive zero --until 2027-02-28 --reason x', says: /an id is a positive whole number/ },
  { line: 'unwaive', says: /missing required argument 'id'/ },
  { line: 'explain abc', says: /positive whole number/ },
  { line: 'explain 0', says: /positive whole number/ },
  { line: 'breaker release 3', says: /--reason/ },
  { line: 'link add nimble n-1 p-1', says: /--reason/ },
  { line: 'link add nimble n-1 --reason seen', says: /missing required argument 'identity'/ },
  { line: 'link drop nimble n-1 --reason seen', says: /unknown command|Usage: rollcall link/ },
  { line: 'evidence --from 2026-10-01 --out q4', says: /--from DATE, --to DATE and --out DIR/ },
  { line: 'evidence --from 2026-10-02 --to 2026-10-01 --out q4', says: /--from is after --to/ },
  { line: 'report --diff 12', says: /ids of two reports/ },
  { line: 'report --diff 12 12', says: /ids of two reports/ },
  { line: 'report --diff 1 2 --format csv', says: /table or json/ },
  { line: 'report --diff 1 2 --report 3', says: /cannot be used with/ },
  { line: 'forget jane@example.com', says: /--reason/ },
  { line: 'findings --rule nope', says: /orphaned_account/ },
  ...[
    'yesterday',
    'yesterday-5',
    '11.12.2026',
    '11/12/2026',
    '2026',
    '2026-02-31',
    '2026-2-3',
    '2026-11-21T09:00',
    '2026-11-21T25:00Z',
    '1795251600',
    '-1',
    '0000-01-01',
    '10000-01-01',
    '+012026-01-01',
    '9999-12-31T23:59:59-05:00',
  ].flatMap((time) =>
    ['roster crm', 'report'].map((command) => ({
      line: `${command} --at=${time}`,
      says: /2026-11-21, or with a zone 2026-11-21T09:00:00Z/,
    })),
  ),
  { line: 'report --report 3 --at 2026-11-20', says: /cannot be used with option '--at/ },
  ...['https://127.0.0.1:8080/livez', 'foo', 'file:///etc/passwd', 'localhost:8080'].map((url) => ({
    line: `healthcheck --url ${url}`,
    says: /http:\/\/127\.0\.0\.1:8080\/livez/,
  })),
  { line: 'report --format pdf', says: /table, json/ },
  { line: 'sandbox --port 70000', says: /65535/ },
  { line: '', says: /Usage: rollcall/ },
];

describe('command line', () => {
  test.each(understood)('understands: $line', ({ line, expected }) => {
    const parsed = parse(line);
    expect(parsed.kind === 'command' ? parsed.command : parsed).toEqual(expected);
  });

  test.each(refused)('refuses with a hint and 64: $line', ({ line, says }) => {
    const parsed = parse(line);
    expect(parsed).toMatchObject({ kind: 'text', code: 64 });
    expect(parsed.kind === 'text' ? parsed.text : '').toMatch(says);
  });

  test('refuses a time in words of two', () => {
    expect(parseCommand(['roster', 'crm', '--at', 'yesterday 5'], '9.9.9')).toMatchObject({ kind: 'text', code: 64 });
  });

  test('takes a time as sentences of ours name it', () => {
    const asked = parseCommand(['roster', 'crm', '--at', '2026-11-21 09:00:01 UTC'], '9.9.9');
    expect(asked).toMatchObject({ command: { at: { kind: 'instant', at: '2026-11-21T09:00:01Z' } } });
  });

  test('takes --config before and after the command', () => {
    expect(parse('--config a.yaml run')).toMatchObject({ configPath: 'a.yaml' });
    expect(parse('run --config a.yaml')).toMatchObject({ configPath: 'a.yaml' });
  });

  test('prints help and version with 0', () => {
    expect(parse('--help')).toMatchObject({ kind: 'text', code: 0 });
    expect(parse('--version')).toEqual({ kind: 'text', code: 0, text: '9.9.9\n' });
  });
});

describe('as JSON', () => {
  const printing =
    'run, doctor, report, findings, explain, roster, waive, unwaive, migrate, breaker list, breaker show, breaker release, link add, link deny, link clear, config schema, config print, config check';
  test.each(printing.split(', '))('%s', (name) => {
    const parsed = parse(`${name} --help`);
    expect(parsed.kind === 'text' && parsed.text).toContain('--json');
  });

  test.each(['report', 'findings', 'roster crm'])('%s --json is --format json', (name) => {
    expect(parse(`${name} --json`)).toEqual(parse(`${name} --format json`));
    expect(parse(`${name} --json`)).toMatchObject({ command: { format: 'json' } });
    expect(parse(`${name} --json --format csv`)).toMatchObject({ kind: 'text', code: 64 });
  });
});
