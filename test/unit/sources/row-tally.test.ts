import { describe, expect, test } from 'vitest';
import { RowTally } from '../../../src/sources/row-tally.ts';
import type { RawRow } from '../../../src/core/row.ts';

const policy = { privilegedRoles: new Set<string>(), serviceAccounts: new Set<string>() };

function tallyOf(...ids: readonly unknown[]): RowTally {
  const tally = new RowTally(policy);
  for (const externalId of ids) tally.add({ raw: { externalId, status: 'active' } satisfies RawRow });
  return tally;
}

describe('rows without a readable id', () => {
  test('are told with the first one’s place', () => {
    expect(tallyOf('a', '', 'c', null).warnings()).toEqual(['2 rows: no readable id; the first is row 2']);
  });

  test('an id that is too long is told as such: it is not cut, for a cut id would be another one', () => {
    expect(tallyOf('a', 'b', 'x'.repeat(401)).warnings()).toEqual([
      '1 row: no readable id (in 1 row it is longer than 400 characters); the first is row 3',
    ]);
    expect(tallyOf('x'.repeat(400)).warnings()).toEqual([]);
  });
});
