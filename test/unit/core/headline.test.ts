import { expect, test } from 'vitest';
import { figure } from '../../../src/core/figure.ts';
import { headlineOf } from '../../../src/core/headline.ts';

test.each([
  [0, '0'],
  [999, '999'],
  [1_000, '1,000'],
  [12_345, '12,345'],
  [1_234_567, '1,234,567'],
  ['37350', '37,350'],
])('%s is written %s', (value, text) => {
  expect(figure(value)).toBe(text);
});

test('three rules are named, people once each; what is left is counted, and long figures can be read', () => {
  expect(
    headlineOf([
      { rule: 'leaver_account', subjects: 1_200, findings: 1_300 },
      { rule: 'orphaned_account', subjects: 1, findings: 1 },
      { rule: 'dormant_account', subjects: 1_000, findings: 1_000 },
      { rule: 'attribute_mismatch', subjects: 900, findings: 900 },
      { rule: 'missing_account', subjects: 100, findings: 100 },
    ]),
  ).toBe(
    '1,200 people who left still have accounts, 1 account belongs to nobody we know, 1,000 accounts have not been used for long, 1,000 other findings',
  );
});
