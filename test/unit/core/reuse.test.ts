import { describe, expect, test } from 'vitest';
import { isSomebodyElse, marksOver, movedFrom } from '../../../src/core/reuse.ts';
import type { RosterRow } from '../../../src/core/row.ts';
import { anAccountCase, aRow } from '../../support/builders.ts';

const jane = { email: 'jane.doe@example.com', givenName: 'Jane', familyName: 'Doe' };
const mark = { email: 'mark.lee@example.com', givenName: 'Mark', familyName: 'Lee' };

type Pair = { readonly name: string; readonly before: Partial<RosterRow>; readonly now: Partial<RosterRow> };

describe('the same id, and somebody else', () => {
  const others: readonly Pair[] = [
    { name: 'another address and another given name', before: jane, now: mark },
    { name: 'also with the same family name', before: jane, now: { ...mark, familyName: 'Doe' } },
    {
      name: 'an alias where there was an e-mail',
      before: jane,
      now: { ...mark, email: undefined, aliases: ['m@example.com'] },
    },
    {
      name: 'an e-mail of the same spelling but for a dot',
      before: jane,
      now: { ...mark, email: 'janedoe@example.com' },
    },
    {
      name: 'an e-mail of the same spelling but for a +tag',
      before: jane,
      now: { ...mark, email: 'jane.doe+x@example.com' },
    },
    { name: 'an employee id in common', before: { ...jane, employeeId: '7' }, now: { ...mark, employeeId: '7' } },
  ];
  test.each(others)('$name', ({ before, now }) => {
    expect(isSomebodyElse(aRow(before), aRow(now))).toBe(true);
  });

  const same: readonly Pair[] = [
    {
      name: 'jane.doe -> jane.smith with the same given name',
      before: jane,
      now: { ...jane, email: 'jane.smith@example.com', familyName: 'Smith' },
    },
    { name: 'another domain for everybody', before: jane, now: { ...jane, email: 'jane.doe@example.org' } },
    {
      name: 'a given name in capitals, with an accent, with spaces',
      before: { ...jane, givenName: 'Zoe' },
      now: { ...mark, givenName: ' ZOË ' },
    },
    { name: 'another given name with the same address', before: jane, now: { ...mark, email: jane.email } },
    { name: 'the old address as an alias', before: jane, now: { ...mark, aliases: [jane.email] } },
    { name: 'what was an alias is the e-mail', before: { ...jane, aliases: [mark.email] }, now: mark },
    {
      name: 'the same address in Unicode and in ASCII',
      before: { ...jane, email: 'j@xn--bcher-kva.example' },
      now: { ...mark, email: 'j@bücher.example' },
    },
    { name: 'no given name before', before: { ...jane, givenName: undefined }, now: mark },
    { name: 'no given name now', before: jane, now: { ...mark, givenName: undefined } },
    { name: 'no address before', before: { ...jane, email: undefined }, now: mark },
    { name: 'no address now', before: jane, now: { ...mark, email: undefined } },
    { name: 'an address that does not parse is none', before: { ...jane, email: 'n/a' }, now: mark },
  ];
  test.each(same)('is not: $name', ({ before, now }) => {
    expect(isSomebodyElse(aRow(before), aRow(now))).toBe(false);
  });
});

describe('an e-mail that another row had', () => {
  const from = { row: aRow({ externalId: 'n-0', email: 'old@example.com' }), present: true, hadEmail: true };

  test('is moved while that row is there without it', () => {
    expect(movedFrom(anAccountCase({ movedFrom: from }))).toBe(from.row);
  });

  test.each([
    ['the old row is gone', { ...from, present: false }],
    ['the old row is not kept any more', { ...from, row: undefined }],
    ['this row has another e-mail now, which the old one never had', { ...from, hadEmail: false }],
    ['the old row has it again', { ...from, row: aRow({ externalId: 'n-0' }) }],
    ['the old row has kept it as an alias', { ...from, row: aRow({ email: 'x@example.com', aliases: [jane.email] }) }],
  ])('is over when %s', (_name, moved) => {
    const of = anAccountCase({ movedFrom: moved });
    expect(movedFrom(of)).toBeUndefined();
    expect(marksOver(of)).toEqual(['moved']);
  });
});

describe('marks that are over', () => {
  const reuse = { before: aRow(jane) };

  test('none while there is doubt, and none of a row without marks', () => {
    expect(marksOver(anAccountCase({ row: mark, reuse }))).toEqual([]);
    expect(marksOver(anAccountCase())).toEqual([]);
  });

  test('when the names turn out to be the same', () => {
    expect(marksOver(anAccountCase({ row: { ...mark, givenName: 'jáne' }, reuse }))).toEqual(['reused']);
  });

  test('when the row is gone, whatever was found', () => {
    const movedRow = { row: aRow({ email: 'old@example.com' }), present: true, hadEmail: true };
    expect(marksOver(anAccountCase({ row: mark, reuse, movedFrom: movedRow, present: false }))).toEqual([
      'reused',
      'moved',
    ]);
  });

  test('when nothing was found yet and the version before is not kept', () => {
    expect(marksOver(anAccountCase({ row: mark, reuse: {} }))).toEqual(['reused']);
  });
});
