import fc from '../../support/property.ts';
import { describe, expect, test } from 'vitest';
import { contentText, keysOf, toRow } from '../../../src/core/normalise.ts';
import { FLAGS, KINDS, STATUSES, type RawRow, type RosterRow } from '../../../src/core/row.ts';
import { aRow, NO_POLICY } from '../../support/builders.ts';

const RAW: RawRow = { externalId: 'n-1', status: 'active' };

describe('toRow', () => {
  const cases: readonly { name: string; raw: Partial<RawRow>; expected: Partial<RosterRow> }[] = [
    { name: 'an id that is a number becomes text', raw: { externalId: 42 }, expected: { externalId: '42' } },
    {
      name: 'without an id the normal e-mail is the id',
      raw: { externalId: undefined, email: ' Jane.Doe@ACME.com ' },
      expected: { externalId: 'jane.doe@acme.com', email: 'jane.doe@acme.com' },
    },
    {
      name: 'a sentinel is no id',
      raw: { externalId: 'no_guid', email: 'jane@acme.com' },
      expected: { externalId: 'jane@acme.com' },
    },
    {
      name: 'an unparsable e-mail is kept as given and flagged',
      raw: { email: ' Jane at ACME ' },
      expected: { email: 'Jane at ACME', flags: ['email_unparsable'] },
    },
    {
      name: 'aliases are normal, sorted, each once, without the e-mail itself',
      raw: { email: 'jane@acme.com', aliases: ['Z@acme.com', 'jane@ACME.com', 'a@acme.com', 'z@acme.com', '', null] },
      expected: { aliases: ['a@acme.com', 'z@acme.com'], flags: [] },
    },
    {
      name: 'an unparsable alias is kept as given and flagged',
      raw: { aliases: ['Jane at ACME', 'a@acme.com'] },
      expected: { aliases: ['Jane at ACME', 'a@acme.com'], flags: ['alias_unparsable'] },
    },
    {
      name: 'nobody is no manager',
      raw: { managerId: 'no_guid', givenName: 'Nobody', employeeId: '' },
      expected: { managerId: undefined, givenName: undefined, employeeId: undefined, flags: [] },
    },
    {
      name: 'dates come in several spellings',
      raw: { startDate: '03/01/2014', endDate: '2026-11-20T00:00:00Z' },
      expected: { startDate: '2014-03-01', endDate: '2026-11-20' },
    },
    {
      name: 'an unreadable date is absent and flagged, an empty one only absent',
      raw: { startDate: '', endDate: '2026-02-30' },
      expected: { startDate: undefined, endDate: undefined, flags: ['end_date_unreadable'] },
    },
    {
      name: 'an object where a date should be is an unreadable date',
      raw: { startDate: {} },
      expected: { startDate: undefined, flags: ['start_date_unreadable'] },
    },
    {
      name: 'a time of the last activity without a zone cannot be read',
      raw: { lastActiveAt: '2026-03-02 09:30' },
      expected: { lastActiveAt: undefined, flags: ['timestamp_unreadable'] },
    },
    {
      name: 'a plain date of the last activity is that day, as late as it can have been',
      raw: { lastActiveAt: '2026-03-02', sourceUpdatedAt: '2026-03-02' },
      expected: { lastActiveAt: '2026-03-02T23:59:59Z', sourceUpdatedAt: undefined, flags: ['timestamp_unreadable'] },
    },
    {
      name: 'timestamps are instants',
      raw: { sourceUpdatedAt: 1413936000, lastActiveAt: 'yesterday' },
      expected: { sourceUpdatedAt: '2014-10-22T00:00:00Z', lastActiveAt: undefined, flags: ['timestamp_unreadable'] },
    },
    {
      name: 'a bad field is absent and flagged, and the row stays',
      raw: { displayName: { first: 'Jane' }, title: 'Chair' },
      expected: { displayName: undefined, title: 'Chair', flags: ['field_unreadable'] },
    },
    {
      name: 'flags of the adapter are kept, sorted, each once',
      raw: { flags: ['status_unknown_word'], givenName: 'Ja\0ne', familyName: 'D\0oe' },
      expected: { givenName: 'Jane', familyName: 'Doe', flags: ['status_unknown_word', 'text_cleaned'] },
    },
    { name: 'a cut employee id is none', raw: { employeeId: 'x'.repeat(1_001) }, expected: { employeeId: undefined } },
    {
      name: 'a cut address is none, though the rest of it parses',
      raw: { email: `${'x'.repeat(990)}@acme.com.evil.example` },
      expected: { email: undefined, flags: ['email_unparsable', 'text_cut'] },
    },
  ];
  test.each(cases)('$name', ({ raw, expected }) => {
    expect(toRow({ ...RAW, ...raw }, NO_POLICY)).toMatchObject(expected);
  });

  test.each([
    ['nothing at all', {}],
    ['an id that is an object, although there is an e-mail', { externalId: { id: 1 }, email: 'jane@acme.com' }],
    ['a number that JSON has rounded', { externalId: 2 ** 60, email: 'jane@acme.com' }],
    ['an id too long to keep', { externalId: 'x'.repeat(1_001) }],
    ['an e-mail that does not parse', { email: 'jane' }],
    ['no id in a source that has ids', { email: 'jane@acme.com', idRequired: true }],
  ])('no readable id: %s', (_name, raw) => {
    expect(toRow({ status: 'active', ...raw }, NO_POLICY)).toBeUndefined();
  });

  // 400 characters of three bytes, twice, are what one index entry of Postgres can hold.
  test('an id, e-mail or employee id that is too long for an index is none, and the row goes on where it can', () => {
    const long = '漢'.repeat(401);
    expect(toRow({ ...RAW, externalId: long }, NO_POLICY)).toBeUndefined();
    expect(toRow({ ...RAW, externalId: '漢'.repeat(400) }, NO_POLICY)?.externalId).toHaveLength(400);
    const row = toRow(
      { ...RAW, email: `${long}@acme.com`, employeeId: long, aliases: [`${long}@acme.com`] },
      NO_POLICY,
    );
    expect(row?.flags).toEqual(['alias_unparsable', 'email_unparsable', 'text_cut']);
    expect(row === undefined ? undefined : keysOf(row)).toEqual([]);
  });

  test('a role listed as privileged makes the account privileged, in any case', () => {
    const policy = { ...NO_POLICY, privilegedRoles: new Set(['account admin']) };
    expect(toRow({ ...RAW, role: 'Account Admin' }, policy)).toMatchObject({ privileged: true, role: 'Account Admin' });
    expect(toRow({ ...RAW, role: 'member' }, policy)).toMatchObject({ privileged: false });
    expect(toRow(RAW, policy)).toMatchObject({ privileged: false });
  });

  test('an account listed as service is one, by id or e-mail, whatever its source says', () => {
    const policy = { ...NO_POLICY, serviceAccounts: new Set(['xero-sync', 'bot@acme.com']) };
    expect(toRow({ ...RAW, externalId: 'xero-sync', kind: 'human' }, policy)?.kind).toBe('service');
    expect(toRow({ ...RAW, email: 'Bot@ACME.com' }, policy)?.kind).toBe('service');
    expect(toRow({ ...RAW, kind: 'human' }, policy)?.kind).toBe('human');
    expect(toRow(RAW, policy)?.kind).toBe('unknown');
  });

  test("aliases are bounded, and the vendor's order does not decide which stay", () => {
    const aliases = Array.from({ length: 300 }, (_, i) => `a${i}@acme.com`);
    const row = toRow({ ...RAW, aliases }, NO_POLICY);
    expect(row?.aliases).toHaveLength(200);
    expect(row?.flags).toEqual(['text_cut']);
    expect(toRow({ ...RAW, aliases: aliases.toReversed() }, NO_POLICY)).toEqual(row);
  });

  test('never throws, and what it keeps is clean, whatever a vendor sends', () => {
    const value = fc.oneof(fc.jsonValue(), fc.string({ unit: 'binary' }), fc.emailAddress(), fc.constant(undefined));
    const raw = fc.record(
      {
        externalId: value,
        email: value,
        aliases: fc.array(value),
        employeeId: value,
        givenName: value,
        role: value,
        startDate: value,
        endDate: value,
        lastActiveAt: value,
        status: fc.constantFrom(...STATUSES),
        kind: fc.constantFrom(...KINDS),
        flags: fc.array(fc.constantFrom(...FLAGS)),
      },
      { requiredKeys: ['status'] },
    );
    fc.assert(
      fc.property(raw, (given) => {
        const row = toRow(given, NO_POLICY);
        if (row === undefined) return;
        expect(row.externalId).not.toBe('');
        expect(row.flags).toEqual([...new Set(row.flags)].toSorted());
        expect(contentText(row).includes(String.raw`\u0000`)).toBe(false);
        // What has been read once is in its final form.
        expect(toRow(row, NO_POLICY)).toEqual(row);
      }),
      { numRuns: 200 },
    );
  });
});

describe('keysOf', () => {
  test('lists e-mail, aliases and employee id, each with its kind', () => {
    const row = aRow({ email: 'jane@acme.com', aliases: ['j@acme.com'], employeeId: 'E7' });
    expect(keysOf(row)).toEqual([
      { key: 'jane@acme.com', kind: 'email' },
      { key: 'j@acme.com', kind: 'alias' },
      { key: 'E7', kind: 'employee_id' },
    ]);
  });

  test('what does not parse is never a key', () => {
    expect(keysOf(aRow({ email: 'jane at acme', aliases: ['None of these', 'j@acme.com'] }))).toEqual([
      { key: 'j@acme.com', kind: 'alias' },
    ]);
  });
});

describe('contentText', () => {
  const FIELDS: readonly Partial<RosterRow>[] = [
    { externalId: 'x' },
    { email: 'x' },
    { email: undefined },
    { aliases: ['x'] },
    { aliases: ['x', 'y'] },
    { aliases: ['x","y'] },
    { employeeId: 'x' },
    { givenName: 'x' },
    { familyName: 'x' },
    { displayName: 'x' },
    { displayName: 'null' },
    { status: 'inactive' },
    { kind: 'service' },
    { role: 'x' },
    { privileged: true },
    { title: 'x' },
    { department: 'x' },
    { managerId: 'x' },
    { startDate: '2026-01-01' },
    { endDate: '2026-01-01' },
    { flags: ['text_cut'] },
    {},
  ];

  test('changes with every field that counts', () => {
    expect(new Set(FIELDS.map((field) => contentText(aRow(field)))).size).toBe(FIELDS.length);
  });

  test('does not change with what is refreshed in place', () => {
    const instant = '2026-01-01T00:00:00Z';
    const volatile = { lastActiveAt: instant, sourceCreatedAt: instant, sourceUpdatedAt: instant };
    expect(contentText(aRow({ ...volatile, flags: ['timestamp_unreadable'] }))).toBe(contentText(aRow()));
  });

  test('two rows have the same text only if they are the same', () => {
    const text = fc.option(fc.string({ unit: fc.constantFrom('a', '"', ',', '\\', '[', ']') }), { nil: undefined });
    const fields = fc.record({
      email: text,
      aliases: fc.array(fc.string({ unit: fc.constantFrom('a', '"', ',') }), { maxLength: 3 }),
      givenName: text,
      familyName: text,
      title: text,
    });
    fc.assert(
      fc.property(fields, fields, (a, b) => {
        const same = JSON.stringify(Object.entries(a)) === JSON.stringify(Object.entries(b));
        expect(contentText(aRow(a)) === contentText(aRow(b))).toBe(same);
      }),
    );
  });
});
