import { describe, expect, test } from 'vitest';
import type { IdentityRow } from '../../../src/core/case.ts';
import { ownerFrom, type OwnerHit, type OwnerKey } from '../../../src/core/owner.ts';
import type { RosterRow } from '../../../src/core/row.ts';
import { anIdentity, TODAY } from '../../support/builders.ts';

const row = (externalId: string, overrides: Partial<RosterRow> = {}): IdentityRow =>
  anIdentity({ row: { externalId, ...overrides } });
const gone = (externalId: string, overrides: Partial<RosterRow> = {}): IdentityRow => ({
  ...row(externalId, overrides),
  present: false,
});
const hit = (by: OwnerKey, of: IdentityRow): OwnerHit => ({ by, row: of });
const idsOf = (hits: readonly OwnerHit[]) => {
  const { rows, unclear } = ownerFrom(hits, TODAY);
  return { rows: rows.map(({ ref }) => ref.externalId), unclear: unclear.map(({ ref }) => ref.externalId) };
};
const KIM = { givenName: 'Kim', email: 'kim@example.com' };

describe('an owner as written means', () => {
  test.each<[string, readonly OwnerHit[], readonly string[]]>([
    ['nobody', [], []],
    ['the one with the id', [hit('id', row('a'))], ['a']],
    ['an alias only where nothing else leads to anybody', [hit('alias', row('a'))], ['a']],
    ['not an alias beside an address', [hit('email', row('a')), hit('alias', row('b', KIM))], ['a']],
    ['not the same id in a later list', [hit('id', gone('a')), hit('elsewhere', row('b', KIM))], ['a']],
    ['all who have the address', [hit('email', gone('a')), hit('email', row('b', { givenName: 'Kim' }))], ['a', 'b']],
    ['one row, found in two ways', [hit('id', row('a')), hit('email', row('a'))], ['a']],
    ['the rehired one beside the row that has left', [hit('id', gone('a')), hit('beside', row('b'))], ['a', 'b']],
    ['one of unknown status too', [hit('id', gone('a')), hit('beside', row('b', { status: 'unknown' }))], ['a', 'b']],
    ['nobody beside a row that is current', [hit('id', row('a')), hit('beside', row('b'))], ['a']],
    ['nobody with other names', [hit('id', gone('a')), hit('beside', row('b', { givenName: 'Kim' }))], ['a']],
    ['nobody who has left too', [hit('id', gone('a')), hit('beside', gone('b'))], ['a']],
    ['neither of two who are there', [hit('id', gone('a')), hit('beside', row('b')), hit('beside', row('c'))], ['a']],
    [
      'nobody where no name is known',
      [
        hit('id', gone('a', { givenName: undefined, familyName: undefined })),
        hit('beside', row('b', { givenName: undefined, familyName: undefined })),
      ],
      ['a'],
    ],
    [
      'whoever has the old address as an alias now',
      [hit('email', gone('a')), hit('alias', row('b', { email: 'jane.new@example.com' }))],
      ['a', 'b'],
    ],
  ])('%s', (_name, hits, rows) => {
    expect(idsOf(hits)).toEqual({ rows, unclear: [] });
    expect(idsOf(hits.toReversed())).toEqual({ rows, unclear: [] });
  });

  test.each<[string, readonly OwnerHit[]]>([
    ['an id and the address of another', [hit('id', row('a')), hit('email', row('b', KIM))]],
    ['SOURCE/ID and an id that is spelled like it', [hit('named', row('a')), hit('id', row('b', KIM))]],
    ['also when one has left', [hit('id', gone('a')), hit('email', row('b', KIM))]],
  ])('nobody, and it says who it could be: %s', (_name, hits) => {
    expect(idsOf(hits)).toEqual({ rows: [], unclear: ['a', 'b'] });
  });
});
