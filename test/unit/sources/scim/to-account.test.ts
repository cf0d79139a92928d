import { describe, expect, test } from 'vitest';
import type { RosterRow } from '../../../../src/core/row.ts';
import { RowTally } from '../../../../src/sources/row-tally.ts';
import { User } from '../../../../src/sources/scim/schema.ts';
import { toAccount } from '../../../../src/sources/scim/to-account.ts';
import { NO_POLICY } from '../../../support/listing.ts';

const ENTERPRISE = 'urn:ietf:params:scim:schemas:extension:enterprise:2.0:User';

/** What becomes of one resource of an answer, given as it came out of JSON. */
function read(json: unknown): { readonly row: RosterRow | undefined; readonly tally: RowTally } {
  const tally = new RowTally(NO_POLICY);
  const user = User.safeParse(json).data;
  return { row: tally.add(user === undefined ? undefined : toAccount(user, NO_POLICY)), tally };
}

function rowOf(fields: Readonly<Record<string, unknown>>): RosterRow | undefined {
  return read({ id: 'u-1', active: true, ...fields }).row;
}

test('a whole user: only what is listed is kept', () => {
  const row = rowOf({
    schemas: ['urn:ietf:params:scim:schemas:core:2.0:User', ENTERPRISE],
    externalId: 'canary-external',
    userName: 'JDoe@Example.com',
    name: { givenName: 'Jane', familyName: 'Doe', formatted: 'Ms. Jane Doe', honorificPrefix: 'canary' },
    displayName: 'Jane D.',
    nickName: 'canary',
    title: 'Engineer',
    userType: 'canary',
    active: true,
    emails: [
      { value: 'jane@home.example', type: 'home' },
      { value: 'Jane.Doe@example.com', type: 'work', primary: true },
    ],
    phoneNumbers: [{ value: 'canary' }],
    addresses: [{ streetAddress: 'canary' }],
    ims: [{ value: 'canary' }],
    photos: [{ value: 'canary' }],
    groups: [{ value: 'canary' }],
    x509Certificates: [{ value: 'canary' }],
    password: 'canary',
    roles: [{ value: 'viewer' }, { value: 'editor', primary: true }],
    meta: { created: '2024-01-02T03:04:05Z', lastModified: '2026-11-20T10:00:00.123Z', version: 'W/"canary"' },
    [ENTERPRISE]: {
      employeeNumber: '701984',
      department: 'Platform',
      costCenter: 'canary',
      manager: { value: 'u-9', $ref: '../Users/u-9', displayName: 'canary' },
    },
    'urn:ietf:params:scim:schemas:extension:custom:2.0:User': { ssn: 'canary' },
  });
  expect(row).toEqual({
    externalId: 'u-1',
    email: 'jane.doe@example.com',
    aliases: ['jane@home.example', 'jdoe@example.com'],
    employeeId: '701984',
    givenName: 'Jane',
    familyName: 'Doe',
    displayName: 'Jane D.',
    status: 'active',
    kind: 'unknown',
    role: 'editor',
    privileged: false,
    title: 'Engineer',
    department: 'Platform',
    managerId: 'u-9',
    startDate: undefined,
    endDate: undefined,
    lastActiveAt: undefined,
    sourceCreatedAt: '2024-01-02T03:04:05Z',
    sourceUpdatedAt: '2026-11-20T10:00:00.123Z',
    flags: [],
  });
  expect(JSON.stringify(row)).not.toContain('canary');
});

describe('active', () => {
  test.each([
    [true, 'active'],
    [false, 'inactive'],
    ['True', 'active'],
    ['False', 'inactive'],
    ['FALSE', 'inactive'],
    [' false ', 'inactive'],
    ['true', 'active'],
    [0, 'inactive'],
  ])('%j is %s', (active, status) => {
    expect(rowOf({ active })).toMatchObject({ status, flags: [] });
  });

  test.each([
    ['absent', undefined, 'status_unknown_word'],
    ['null', null, 'status_unknown_word'],
    ['blank', '', 'status_unknown_word'],
    ['a word', 'perhaps', 'status_unknown_word'],
    ['an object', { value: false }, 'field_unreadable'],
  ])('%s is unknown, never active', (_name, active, flag) => {
    const { row, tally } = read({ id: 'u-1', active });
    expect(row).toMatchObject({ status: 'unknown', flags: [flag] });
    expect(tally.warnings()).toHaveLength(1);
  });
});

describe('addresses', () => {
  test.each<{ name: string; fields: Readonly<Record<string, unknown>>; expected: Partial<RosterRow> }>([
    {
      name: 'the first, where none is primary',
      fields: { emails: [{ value: 'a@example.com' }, { value: 'b@example.com' }] },
      expected: { email: 'a@example.com', aliases: ['b@example.com'] },
    },
    {
      name: 'the primary one also where it is said as text',
      fields: {
        emails: [
          { value: 'a@example.com', primary: 'False' },
          { value: 'b@example.com', primary: 'True' },
        ],
      },
      expected: { email: 'b@example.com', aliases: ['a@example.com'] },
    },
    {
      name: 'the first of two primary ones',
      fields: {
        emails: [
          { value: 'a@example.com', primary: true },
          { value: 'b@example.com', primary: true },
        ],
      },
      expected: { email: 'a@example.com', aliases: ['b@example.com'] },
    },
    {
      name: 'the user name where there is no address',
      fields: { userName: 'Jane@Example.com' },
      expected: { email: 'jane@example.com', aliases: [] },
    },
    {
      name: 'no user name that is none',
      fields: { userName: 'jdoe' },
      expected: { email: undefined, aliases: [], flags: [] },
    },
    {
      name: 'a user name that is none is no alias either',
      fields: { userName: 'ACME\\jdoe', emails: [{ value: 'jane@example.com' }] },
      expected: { email: 'jane@example.com', aliases: [], flags: [] },
    },
    {
      name: 'the user name that is the address already is no alias',
      fields: { userName: 'JANE@example.com', emails: [{ value: 'jane@example.com', primary: true }] },
      expected: { email: 'jane@example.com', aliases: [] },
    },
    {
      name: 'blank entries are none',
      fields: { userName: 'jane@example.com', emails: [{ value: '', primary: true }, { type: 'work' }, {}] },
      expected: { email: 'jane@example.com', aliases: [], flags: [] },
    },
    {
      name: 'bare texts, and one object without a list',
      fields: { emails: ['a@example.com', { value: 'b@example.com' }] },
      expected: { email: 'a@example.com', aliases: ['b@example.com'] },
    },
    {
      name: 'one object without a list',
      fields: { emails: { value: 'a@example.com' } },
      expected: { email: 'a@example.com', aliases: [] },
    },
    {
      name: 'one that cannot be used is kept as it is, flagged',
      fields: { emails: [{ value: 'not an address', primary: true }] },
      expected: { email: 'not an address', flags: ['email_unparsable'] },
    },
    {
      name: 'numbers among them are flagged',
      fields: { emails: [12, { value: 'a@example.com' }] },
      expected: { email: 'a@example.com', flags: ['field_unreadable'] },
    },
  ])('$name', ({ fields, expected }) => {
    expect(rowOf(fields)).toMatchObject(expected);
  });
});

describe('role', () => {
  test.each<[string, unknown, string | undefined, boolean]>([
    ['the primary one', [{ value: 'a' }, { value: 'b', primary: true }], 'b', false],
    ['the first by name, where none is primary', [{ value: 'b' }, { value: 'a' }], 'a', false],
    ['a privileged one before the primary one', [{ value: 'user', primary: true }, { value: 'Admin' }], 'Admin', true],
    ['what is shown, where that is the privileged word', [{ value: '7f3a', display: 'Admin' }], 'Admin', true],
    ['a bare text', 'user', 'user', false],
    ['nothing of nothing', [], undefined, false],
  ])('%s', (_name, roles, role, privileged) => {
    expect(rowOf({ roles })).toMatchObject({ role, privileged });
  });
});

describe('names of attributes have no case', () => {
  test('at the top, below it, and in the URN', () => {
    const json = {
      ID: 'u-1',
      UserName: 'jane@example.com',
      Active: 'False',
      Name: { GIVENNAME: 'Jane', familyname: 'Doe' },
      Emails: [{ Value: 'j@example.com', Primary: true }],
      Meta: { LastModified: '2026-11-20T10:00:00Z' },
      [ENTERPRISE.toLowerCase()]: { EmployeeNumber: 7, Department: 'Sales', Manager: { Value: 'u-2' } },
    };
    expect(read(json).row).toMatchObject({
      externalId: 'u-1',
      email: 'j@example.com',
      aliases: ['jane@example.com'],
      status: 'inactive',
      givenName: 'Jane',
      familyName: 'Doe',
      sourceUpdatedAt: '2026-11-20T10:00:00Z',
      employeeId: '7',
      department: 'Sales',
      managerId: 'u-2',
    });
  });

  test('the name as the standard has it goes first', () => {
    expect(read({ ID: 'other', id: 'u-1', Active: false, active: true }).row).toMatchObject({
      externalId: 'u-1',
      status: 'active',
    });
  });
});

describe('case 99: hostile rows', () => {
  test('keys that are made to change objects change nothing', () => {
    const text =
      '{"id":"u-1","active":"False","__proto__":{"active":true,"isAdmin":true},"constructor":{"prototype":{"x":1}},' +
      '"name":{"__proto__":{"givenName":"Eve"},"familyName":"Doe"},"emails":[{"__proto__":{"value":"eve@example.com"}}]}';
    const row = read(JSON.parse(text)).row;
    expect(row).toMatchObject({ externalId: 'u-1', status: 'inactive', familyName: 'Doe', aliases: [] });
    expect(row?.givenName).toBeUndefined();
    expect(row?.email).toBeUndefined();
    expect(Object.hasOwn(Object.prototype, 'isAdmin')).toBe(false);
    expect(Object.getPrototypeOf(row)).toBe(Object.prototype);
  });

  test('only attributes of its own count', () => {
    const inherited: unknown = Object.create({ id: 'u-2', active: true });
    expect(read(inherited).row).toBeUndefined();
  });

  test.each([
    ['a NUL', 'Ja\u0000ne', 'Jane'],
    ['a lone surrogate', 'Jane\ud800', 'Jane'],
    ['a line break', 'Jane\nDoe', 'Jane Doe'],
  ])('%s in a name is taken out', (_name, givenName, expected) => {
    expect(rowOf({ name: { givenName } })).toMatchObject({ givenName: expected, flags: ['text_cleaned'] });
  });

  test('what looks like SQL, markup or a filter stays a text', () => {
    const displayName = `'; drop table x; -- <@U1> " or id pr`;
    expect(rowOf({ displayName })).toMatchObject({ displayName });
  });

  test.each([
    ['no id', { userName: 'jane@example.com' }],
    ['a blank id', { id: '  ' }],
    ['an object for an id', { id: { value: 'u-1' } }],
    ['an id too long to be one', { id: 'x'.repeat(401) }],
    ['a text', 'u-1'],
    ['nothing', null],
    ['a list', ['u-1']],
  ])('a row with %s counts as unreadable: the address does not stand in', (_name, json) => {
    const { row, tally } = read(json);
    expect(row).toBeUndefined();
    expect(tally.rowsWithoutId).toBe(1);
  });

  test('parts of another type cost the row nothing but themselves', () => {
    const row = rowOf({ name: 'Jane Doe', meta: 7, roles: 3, [ENTERPRISE]: [], displayName: ['x'] });
    expect(row).toMatchObject({ externalId: 'u-1', status: 'active', flags: ['field_unreadable'] });
    expect(row?.displayName).toBeUndefined();
  });
});

test('a formatted name stands in for a display name', () => {
  expect(rowOf({ name: { formatted: 'Jane Doe' } })).toMatchObject({ displayName: 'Jane Doe' });
  expect(rowOf({ name: { formatted: 'Jane Doe' }, displayName: 'JD' })).toMatchObject({ displayName: 'JD' });
});

test.each([
  ['as the standard has it', { value: 'u-9' }, 'u-9'],
  ['as a text', 'u-9', 'u-9'],
  ['as nobody', { value: '' }, undefined],
  ['as null', null, undefined],
])('the manager %s', (_name, manager, expected) => {
  expect(rowOf({ [ENTERPRISE]: { manager } })?.managerId).toBe(expected);
});
