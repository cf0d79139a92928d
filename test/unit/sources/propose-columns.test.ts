import { expect, test } from 'vitest';
import { parseColumnSettings, resolveColumns } from '../../../src/sources/columns.ts';
import { proposeColumns } from '../../../src/sources/propose-columns.ts';

const cases = [
  { headers: ['id', 'email', 'status'], columns: {} },
  {
    headers: ['Employee ID', 'Full Name', 'Work E-mail', 'Employment Status', 'Hire Date', 'Termination Date'],
    columns: {
      email: 'Work E-mail',
      display_name: 'Full Name',
      status: 'Employment Status',
      start_date: 'Hire Date',
      end_date: 'Termination Date',
    },
  },
  {
    headers: ['Email Address (primary)', 'Last Day'],
    columns: { email: 'Email Address (primary)', end_date: 'Last Day' },
  },
  // A personal address is nobody's key, a manager's name no id.
  { headers: ['Personal Email', 'Email', 'Manager'], columns: {} },
  { headers: ['Work Email', 'Email'], columns: {} },
];

test.each(cases)('$headers', ({ headers, columns }) => {
  const proposed = proposeColumns(headers);
  expect(proposed.columns).toEqual(columns);
  expect(proposed.fault).toBeUndefined();
  // What is proposed is what the reader takes.
  const settings = parseColumnSettings(columns);
  if ('fault' in settings) throw new Error(settings.fault);
  const resolved = resolveColumns(headers, settings);
  expect('fault' in resolved ? [] : [...resolved.keys()]).toEqual(proposed.fields);
});

test.each([[['ann@example.com', 'Ann']], [['Personal Email', 'Name']], [[]]])('%o has no key', (headers) => {
  expect(proposeColumns(headers).fault).toContain('neither an id nor an email');
});
