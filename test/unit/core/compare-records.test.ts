import { expect, test } from 'vitest';
import { compareRecords } from '../../../src/core/compare-records.ts';

test.each([
  ['email', 'jane@acme.com', 'jane@acme.com', 'same'],
  // Look-alikes are somebody else's address.
  ['email', 'jane@acme.com', 'jané@acme.com', 'differs'],
  ['given_name', 'René ', 'rene', 'same'],
  ['given_name', 'Jane', 'June', 'differs'],
  ['title', 'Head of  Sales', 'head of sales', 'same'],
  ['department', 'Sales', null, 'one side'],
  ['status', 'active', 'inactive', 'differs'],
  ['end_date', null, '2026-11-20', 'one side'],
  ['employee_id', 'A-1', 'a-1', 'differs'],
  // Each source has its own.
  ['external_id', '1', '2', null],
  ['manager_id', '1', '2', null],
  ['role', 'admin', 'user', null],
] as const)('%s: %j and %j: %s', (field, left, right, says) => {
  expect(compareRecords({ [field]: left }, { [field]: right })).toEqual([{ field, left, right, says }]);
});

test('a field that neither has is left out, and one record alone is compared with nothing', () => {
  expect(compareRecords({ email: '', aliases: [], role: null }, { email: null })).toEqual([]);
  expect(compareRecords({ email: 'jane@acme.com' }, null)).toEqual([
    { field: 'email', left: 'jane@acme.com', right: null, says: null },
  ]);
});

test('in the order of a record, whatever the order of the columns', () => {
  const fields = compareRecords({ gone_at: '2026-11-20T00:00:00Z', end_date: '2026-11-20', external_id: '1' }, null);
  expect(fields.map(({ field }) => field)).toEqual(['external_id', 'end_date', 'gone_at']);
});
