import { describe, expect, test } from 'vitest';
import { isPrivateDatabase } from '../../../src/doctor/database-address.ts';
import { describeRoles, doubtConnection, doubtVersion } from '../../../src/doctor/database-doubts.ts';

// What doctor says of a server that no test machine has: too old, without encryption at a public address, without our roles.

const TOO_OLD = {
  name: 'database',
  status: 'fail',
  detail: 'PostgreSQL 14.17 is too old',
  fix: 'use PostgreSQL 15 or newer',
} as const;

test.each([
  [140_017, TOO_OLD],
  [149_999, TOO_OLD],
  [150_000, undefined],
  [180_004, undefined],
])('server_version_num %i', (number, doubt) => {
  expect(doubtVersion('PostgreSQL 14.17', number)).toEqual(doubt);
});

const URL_ = 'postgres://rollcall:canary-password@db.example.com/rollcall';

describe('the connection', () => {
  test.each([
    { name: 'encrypted', url: URL_, encrypted: true, isPrivate: false, says: undefined },
    { name: 'in the clear, on a private network', url: URL_, encrypted: false, isPrivate: true, says: undefined },
    { name: 'in the clear, in public', url: URL_, encrypted: false, isPrivate: false, says: /not encrypted/u },
    { name: 'embedded', url: undefined, encrypted: false, isPrivate: false, says: undefined },
    { name: 'require', url: `${URL_}?sslmode=require`, encrypted: true, isPrivate: false, says: /sslmode=require/u },
    { name: 'prefer', url: `${URL_}?sslmode=prefer`, encrypted: true, isPrivate: true, says: /sslmode=prefer/u },
    {
      name: 'verify-ca',
      url: `${URL_}?sslmode=verify-ca`,
      encrypted: true,
      isPrivate: false,
      says: /sslmode=verify-ca/u,
    },
    { name: 'verify-full', url: `${URL_}?sslmode=verify-full`, encrypted: true, isPrivate: false, says: undefined },
    { name: 'disable, private', url: `${URL_}?sslmode=disable`, encrypted: false, isPrivate: true, says: undefined },
    {
      name: 'disable, public',
      url: `${URL_}?sslmode=disable`,
      encrypted: false,
      isPrivate: false,
      says: /not encrypted/u,
    },
  ])('$name', ({ url, encrypted, isPrivate, says }) => {
    const doubts = doubtConnection({ url, encrypted, isPrivate });
    const expected = {
      name: 'database',
      status: 'warn',
      detail: expect.stringMatching(says ?? /^$/u),
      fix: expect.stringContaining('sslmode=verify-full'),
    };
    expect(doubts).toEqual(says === undefined ? [] : [expected]);
    expect(JSON.stringify(doubts)).not.toContain('canary');
  });

  test.each([
    ['postgres://x@127.0.0.1:5432/x', true],
    ['postgres://x@[::1]/x', true],
    ['postgres://x@10.1.2.3/x', true],
    ['postgres://x@192.168.0.9/x', true],
    ['postgres:///x?host=/var/run/postgresql', true],
    ['postgres://x@%2Fvar%2Frun%2Fpostgresql/x', true],
    ['postgres://x@8.8.8.8/x', false],
    ['postgres://x@[2001:4860:4860::8888]/x', false],
    ['postgres://x@10.1.2.3/x?host=8.8.8.8', false],
  ])('%s is private: %s', async (url, expected) => {
    expect(await isPrivateDatabase(url)).toBe(expected);
  });
});

test.each([
  { roles: ['rollcall_owner', 'rollcall_reader', 'rollcall_worker'], says: /^, roles rollcall_owner/u },
  { roles: [], says: /^, no roles of ours \(`rollcall migrate --roles` makes them\)$/u },
  { roles: ['rollcall_owner', 'rollcall_worker'], says: /^, rollcall_reader missing \(.*makes it\)$/u },
  { roles: ['rollcall_owner'], says: /^, rollcall_worker, rollcall_reader missing \(.*makes them\)$/u },
])('roles $roles', ({ roles, says }) => {
  expect(describeRoles(URL_, roles)).toMatch(says);
  expect(describeRoles(undefined, roles)).toBe('');
});
