import { describe, expect, test } from 'vitest';
import { GOOD_YAML, load, type Given } from './folder.ts';

const F = 'rollcall.yaml';

/** Text after a good file: its first line is line 6. */
function after(text: string): string {
  return `${GOOD_YAML}${text}\n`;
}

const NO_SOURCE =
  'must say which application expects whom, such as { nimble: { department: [Sales] } }; an empty block expects everybody: { nimble: {} }';

const cases: (Given & { readonly name: string; readonly expected: readonly string[] })[] = [
  ...['true', '{}'].map((value) => ({
    name: `missing_account: ${value}, which names no application`,
    yaml: after(`rules:\n  missing_account: ${value}`),
    expected: [`${F}:7:3 rules.missing_account: ${NO_SOURCE}`],
  })),
  {
    name: 'missing_account of an unknown source',
    yaml: after('rules:\n  missing_account: { nimbel: {} }'),
    expected: [`${F}:7:22 rules.missing_account.nimbel: is the name of no source; did you mean nimble?`],
  },
  {
    name: 'missing_account of an identity list',
    yaml: after('rules:\n  missing_account: { directory: {} }'),
    expected: [
      `${F}:7:22 rules.missing_account.directory: is an authoritative source; name an application in which its people are expected`,
    ],
  },
  {
    name: 'missing_account by an unknown field',
    yaml: after('rules:\n  missing_account: { nimble: { departement: [Sales], salary: ["1"] } }'),
    expected: [
      `${F}:7:32 rules.missing_account.nimble.departement: is no field that people can be told by; did you mean department?`,
      `${F}:7:54 rules.missing_account.nimble.salary: is no field that people can be told by`,
    ],
  },
  {
    name: 'missing_account by an instant, which changes without a version',
    yaml: after('rules:\n  missing_account: { nimble: { last_active_at: ["2026-11-20"] } }'),
    expected: [`${F}:7:32 rules.missing_account.nimble.last_active_at: is no field that people can be told by`],
  },
  {
    name: 'missing_account with a field that accepts nothing',
    yaml: after('rules:\n  missing_account: { nimble: { department: [] } }'),
    expected: [
      `${F}:7:32 rules.missing_account.nimble.department: accepts no value, so nobody would be expected; name one or take it out`,
    ],
  },
  {
    name: 'missing_account with a value that is no list',
    yaml: after('rules:\n  missing_account: { nimble: { department: Sales } }'),
    expected: [`${F}:7:32 rules.missing_account.nimble.department: must be a list`],
  },
  {
    name: 'attribute_mismatch with an empty list',
    yaml: after('rules:\n  attribute_mismatch: { fields: [] }'),
    expected: [
      `${F}:7:25 rules.attribute_mismatch.fields: names no field to compare; name at least one, or switch the rule off`,
    ],
  },
  {
    name: 'attribute_mismatch with a field that it cannot compare',
    yaml: after('rules:\n  attribute_mismatch: { fields: [titel] }'),
    expected: [
      `${F}:7:34 rules.attribute_mismatch.fields[0]: must be one of given_name, family_name, title, department, manager; did you mean title?`,
    ],
  },
  {
    name: 'dormant_account of no days',
    yaml: after('rules:\n  dormant_account: { days: 0 }'),
    expected: [`${F}:7:22 rules.dormant_account.days: must be at least 1`],
  },
  {
    name: 'early_account of days before today',
    yaml: after('rules:\n  early_account: { preHireDays: -1 }'),
    expected: [`${F}:7:20 rules.early_account.preHireDays: must be at least 0`],
  },
];

describe('faults of rules', () => {
  test.each(cases)('$name', ({ expected, ...given }) => {
    expect(load(given).lines).toEqual(expected);
  });
});
