import { describe, expect, test } from 'vitest';
import { parseCommand, type Command } from '../../../src/cli/command.ts';

const parse = (line: string) =>
  parseCommand(
    line.split(' ').filter((word) => word !== ''),
    '9.9.9',
  );

const understood: { line: string; expected: Command }[] = [
  { line: 'run', expected: { name: 'run', only: [], notify: true, detailed: false, json: false } },
  {
    line: 'run --source a b --full --no-notify --detailed-exitcode --json',
    expected: { name: 'run', only: ['a', 'b'], notify: false, detailed: true, json: true },
  },
  { line: 'report', expected: { name: 'report', format: 'table' } },
  {
    line: 'report --report 7 --format csv --out x.csv',
    expected: { name: 'report', id: 7, format: 'csv', out: 'x.csv' },
  },
  {
    line: 'findings',
    expected: { name: 'findings', statuses: ['open', 'held'], rules: [], sources: [], format: 'table' },
  },
  {
    line: 'findings --status resolved --rule leaver_account',
    expected: { name: 'findings', statuses: ['resolved'], rules: ['leaver_account'], sources: [], format: 'table' },
  },
  { line: 'explain 12 --json', expected: { name: 'explain', id: 12, json: true } },
  {
    line: 'roster crm --at 2026-11-21',
    expected: { name: 'roster', source: 'crm', at: '2026-11-21T00:00:00.000Z', format: 'table' },
  },
  {
    line: 'breaker release 3 --reason known',
    expected: { name: 'breaker', action: 'release', id: 3, reason: 'known' },
  },
  { line: 'config check', expected: { name: 'config', action: 'check' } },
  { line: 'migrate --plan', expected: { name: 'migrate', plan: true, roles: false } },
  { line: 'sandbox --port 0', expected: { name: 'sandbox', bind: '127.0.0.1', port: 0 } },
];

const refused: { line: string; says: RegExp }[] = [
  { line: 'nope', says: /unknown command 'nope'/ },
  { line: 'runn', says: /Did you mean run\?/ },
  { line: 'explain abc', says: /positive whole number/ },
  { line: 'explain 0', says: /positive whole number/ },
  { line: 'breaker release 3', says: /--reason/ },
  { line: 'findings --rule nope', says: /orphaned_account/ },
  { line: 'roster crm --at yesterday', says: /2026-11-21/ },
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

  test('takes --config before and after the command', () => {
    expect(parse('--config a.yaml run')).toMatchObject({ configPath: 'a.yaml' });
    expect(parse('run --config a.yaml')).toMatchObject({ configPath: 'a.yaml' });
  });

  test('prints help and version with 0', () => {
    expect(parse('--help')).toMatchObject({ kind: 'text', code: 0 });
    expect(parse('--version')).toEqual({ kind: 'text', code: 0, text: '9.9.9\n' });
  });
});
