import { describe, expect, test } from 'vitest';
import { GOOD_YAML, load, loadWell, type Given } from './folder.ts';

const F = 'rollcall.yaml';

/** Text after a good file: its first line is line 6. */
function after(text: string): string {
  return `${GOOD_YAML}${text}\n`;
}

/** One more source with these keys, each on a line of its own from line 7. */
function source(type: string, ...keys: readonly string[]): string {
  return after([`  - name: extra`, `    type: ${type}`, ...keys.map((key) => `    ${key}`)].join('\n'));
}

type FaultCase = Given & { readonly name: string; readonly expected: readonly string[] };

const shape: FaultCase[] = [
  {
    name: 'an unknown key',
    yaml: after('timezon: UTC'),
    expected: [`${F}:6:1 timezon: unknown key; did you mean timezone?`],
  },
  { name: 'an unknown key like nothing', yaml: after('quux: 1'), expected: [`${F}:6:1 quux: unknown key`] },
  {
    name: 'an unknown key inside a source, whose known keys depend on its type',
    yaml: source('namely', 'token: t', 'company: acme', 'fullShedule: "15 3 * * *"'),
    expected: [`${F}:10:5 sources[2].fullShedule: unknown key; did you mean fullSchedule?`],
  },
  {
    name: 'a key of another type of source',
    yaml: source('file', 'path: a.csv', 'token: t'),
    expected: [`${F}:9:5 sources[2].token: unknown key`],
  },
  {
    name: 'an unknown option of a rule',
    yaml: after('rules:\n  leaver_account: { gracedays: 1 }'),
    expected: [`${F}:7:21 rules.leaver_account.gracedays: unknown key; did you mean graceDays?`],
  },
  {
    name: 'an unknown field of columns',
    yaml: source('file', 'path: a.csv', 'columns: { e_mial: X }'),
    expected: [`${F}:9:16 sources[2].columns.e_mial: unknown key; did you mean email?`],
  },
  {
    name: '__proto__ as a key',
    yaml: after('__proto__: { timezone: UTC }'),
    expected: [`${F}:6:1 __proto__: unknown key`],
  },
  { name: 'no sources', yaml: 'timezone: UTC\n', expected: ['sources: is required'] },
  { name: 'an empty file', yaml: '', expected: ['sources: is required'] },
  {
    name: 'an empty list of sources',
    yaml: 'sources: []\n',
    expected: [`${F}:1:1 sources: names no source; name at least one`],
  },
  { name: 'a list instead of a block', yaml: '- a\n', expected: [`${F}:1:1 must be a block of keys`] },
  { name: 'text instead of a block', yaml: after('http: 8080'), expected: [`${F}:6:1 http: must be a block of keys`] },
  {
    name: 'a number as a token',
    yaml: source('nimble', 'token: 123456'),
    expected: [`${F}:8:5 sources[2].token: must be text; put it in quotes`],
  },
  {
    name: 'a token with a line end',
    yaml: source('nimble', 'token: "abc\\ndef"'),
    expected: [`${F}:8:5 sources[2].token: must be one line of visible ASCII characters, without blanks`],
  },
  {
    name: 'a type with a typing error',
    yaml: source('namly', 'token: t'),
    expected: [
      `${F}:7:5 sources[2].type: must be one of nimble, namely, nimbus, scim, file, sql; did you mean namely?`,
    ],
  },
  {
    name: 'a source without a type',
    yaml: after('  - name: extra'),
    expected: [`${F}:6:5 sources[2].type: is required: one of nimble, namely, nimbus, scim, file, sql`],
  },
  {
    name: 'a name with capitals and blanks',
    yaml: after('  - { name: My CRM, type: nimble, token: t }'),
    expected: [`${F}:6:7 sources[2].name: must be 1 to 60 of a-z, 0-9 and -`],
  },
  {
    name: 'an enumeration',
    yaml: after('database: { migrate: nevr }'),
    expected: [`${F}:6:13 database.migrate: must be one of auto, never; did you mean never?`],
  },
  {
    name: 'a database of another kind',
    yaml: after('database: { url: "mysql://h/d" }'),
    expected: [`${F}:6:13 database.url: must begin with postgres:// or postgresql://`],
  },
  {
    name: 'a database password that breaks the URL',
    yaml: after('database: { url: "postgres://u:p[a:ss@h:x/d" }'),
    expected: [
      `${F}:6:13 database.url: is no URL; write the characters / ? # @ : of a password as %2F %3F %23 %40 %3A`,
    ],
  },
  ...['12#secret', '12/secret', '1?secret'].map((password) => ({
    name: `a database password that ends the host too early: ${password}`,
    yaml: after(`database: { url: "postgres://u:${password}@127.0.0.1/db" }`),
    expected: [
      `${F}:6:13 database.url: is no URL; write the characters / ? # @ : of a password as %2F %3F %23 %40 %3A`,
    ],
  })),
  ...['CAT', 'BST', 'IST', 'Nowhere/Land', '+05:00'].map((zone) => ({
    name: `a time zone that is none, or several: ${zone}`,
    yaml: after(`timezone: "${zone}"`),
    expected: [`${F}:6:1 timezone: must be an IANA time zone such as America/New_York or UTC`],
  })),
  {
    name: 'a ratio above one',
    yaml: after('breaker: { ratio: 20 }'),
    expected: [`${F}:6:12 breaker.ratio: must be at most 1`],
  },
  {
    name: 'a port that is none',
    yaml: after('http: { port: 70000 }'),
    expected: [`${F}:6:9 http.port: must be at most 65535`],
  },
  {
    name: 'a rule that is neither on nor off',
    yaml: after('rules: { orphaned_account: 1 }'),
    expected: [`${F}:6:10 rules.orphaned_account: must be true, false or a block of options`],
  },
];

const scalars: FaultCase[] = [
  ...['26', '1h30m', '-5s', '5 minutes', '26H', '""', '1.5h'].map((value) => ({
    name: `the duration ${value}`,
    yaml: source('file', 'path: a.csv', `maxAge: ${value}`),
    expected: [`${F}:9:5 sources[2].maxAge: must be a duration such as 90s, 15m, 26h or 7d`],
  })),
  {
    name: 'a duration out of range',
    yaml: after('shutdownGrace: 2h'),
    expected: [`${F}:6:1 shutdownGrace: must be between 1s and 10m`],
  },
  ...['Mars/Olympus', '"+05:00"', 'EST 5', '"-8"'].map((value) => ({
    name: `the time zone ${value}`,
    yaml: after(`timezone: ${value}`),
    expected: [`${F}:6:1 timezone: must be an IANA time zone such as America/New_York or UTC`],
  })),
  {
    name: 'a schedule, in the words of schedule-fault.test.ts',
    yaml: source('file', 'path: a.csv', 'schedule: "0 0 13 * 5"'),
    expected: [
      `${F}:9:5 sources[2].schedule: sets both day fields; cron programs disagree whether that means "and" or "or", so leave one of them *: "0 0 13 * *" or "0 0 * * 5"`,
    ],
  },
  {
    name: 'a review on a day that does not exist',
    yaml: after('serviceAccounts:\n  - { source: nimble, account: a, owner: o@example.com, review: 2027-02-30 }'),
    expected: [`${F}:7:57 serviceAccounts[0].review: must be a date that exists, as YYYY-MM-DD`],
  },
  {
    name: 'a digest at no time of day',
    yaml: after('slack: { digest: daily }'),
    expected: [
      `${F}:6:10 slack.digest: must be immediate, or daily and a time of the day in \`timezone\`, such as daily "09:00"`,
    ],
  },
];

const together: FaultCase[] = [
  {
    name: 'two sources of one name',
    yaml: after('  - { name: nimble, type: nimble, token: t }'),
    expected: [`${F}:6:7 sources[2].name: another source has this name`],
  },
  {
    name: 'a former name that another source has now',
    yaml: source('nimble', 'token: t', 'formerly: nimble'),
    expected: [
      `${F}:9:5 sources[2].formerly: is the name or the former name of another source, which keeps that history`,
    ],
  },
  { name: 'no credential', yaml: source('nimble'), expected: [`${F}:6:5 sources[2].token: is required`] },
  {
    name: 'neither company nor baseUrl',
    yaml: source('namely', 'token: t'),
    expected: [`${F}:6:5 sources[2].company: is required`],
  },
  {
    name: 'both company and baseUrl',
    yaml: source('namely', 'token: t', 'company: acme', 'baseUrl: https://acme.namely.com'),
    expected: [`${F}:10:5 sources[2].baseUrl: excludes company; keep one of them`],
  },
  {
    name: 'a SCIM source without an address and a token',
    yaml: source('scim'),
    expected: [`${F}:6:5 sources[2].token: is required`, `${F}:6:5 sources[2].company: is required`],
  },
  {
    name: 'a SCIM source with two addresses',
    yaml: source('scim', 'token: t', 'company: acme', 'baseUrl: https://scim.example.com/v2'),
    expected: [`${F}:10:5 sources[2].baseUrl: excludes company; keep one of them`],
  },
  ...['https://scim.example.com/v2/Users', 'https://scim.example.com/v2/users/', 'https://x.example/Users.json'].map(
    (baseUrl) => ({
      name: `the SCIM address ${baseUrl}`,
      yaml: source('scim', 'token: t', `baseUrl: ${baseUrl}`),
      expected: [`${F}:9:5 sources[2].baseUrl: must end before /Users, such as https://example.com/scim/v2`],
    }),
  ),
  {
    name: 'a SCIM address that is not encrypted',
    yaml: source('scim', 'token: t', 'baseUrl: http://scim.example.com/v2'),
    expected: [
      `${F}:9:5 sources[2].baseUrl: scim.example.com would be read without encryption; add scim.example.com to network.allow if this is meant`,
    ],
  },
  ...['https://acme.namely.com', 'evil.example/', 'a.b', '-a', '""'].map((company) => ({
    name: `the company ${company}`,
    yaml: source('namely', 'token: t', `company: ${company}`),
    expected: [
      `${F}:9:5 sources[2].company: must be the first part of the host name alone: acme for https://acme.namely.com`,
    ],
  })),
  ...['api', '//evil.example/x', '/a/../b', '/a?b=c', 'https://evil.example/', '/a/'].map((path) => ({
    name: `the roster path ${path}`,
    yaml: source('nimble', 'token: t', `rosterPath: ${path}`),
    expected: [`${F}:9:5 sources[2].rosterPath: must be a plain path such as /api/v1/team/members`],
  })),
  { name: 'a file without a place', yaml: source('file'), expected: [`${F}:6:5 sources[2].path: is required, or url`] },
  {
    name: 'a file with two places',
    yaml: source('file', 'path: a.csv', 'url: https://files.example.com/a.csv'),
    expected: [`${F}:9:5 sources[2].url: excludes path; keep one of them`],
  },
  {
    name: 'a file of unknown format',
    yaml: source('file', 'path: a.txt'),
    expected: [
      `${F}:8:5 sources[2].path: ends neither in .csv nor in .json; say format: csv or format: json in rollcall.yaml`,
    ],
  },
  {
    name: 'audited on an application',
    yaml: source('nimble', 'token: t', 'audited: true'),
    expected: [`${F}:9:5 sources[2].audited: is for authoritative sources; every other source is judged anyway`],
  },
  {
    name: 'correlate without email',
    yaml: source('nimble', 'token: t', 'correlate: [employee_id]'),
    expected: [`${F}:9:5 sources[2].correlate: must hold email, which is always used; write [employee_id, email]`],
  },
  {
    name: 'a service account of no source',
    yaml: after('serviceAccounts:\n  - { source: nimbl, account: a, owner: o@example.com }'),
    expected: [`${F}:7:7 serviceAccounts[0].source: is the name of no source; did you mean nimble?`],
  },
  {
    name: 'a service account without an owner',
    yaml: after('serviceAccounts:\n  - { source: nimble, account: a }'),
    expected: [`${F}:7:5 serviceAccounts[0].owner: is required`],
  },
  {
    name: 'a service account listed twice',
    yaml: after(
      'serviceAccounts:\n  - { source: nimble, account: a@x.org, owner: o }\n  - { source: nimble, account: A@X.org, owner: p }',
    ),
    expected: [`${F}:8:5 serviceAccounts[1]: this account is listed twice; keep one`],
  },
  {
    name: 'two ids that differ in case are two accounts',
    yaml: after(
      'serviceAccounts:\n  - { source: nimble, account: a, owner: o }\n  - { source: nimble, account: A, owner: p }\n  - { source: nimble, account: a, owner: q }',
    ),
    expected: [`${F}:9:5 serviceAccounts[2]: this account is listed twice; keep one`],
  },
  {
    name: 'one API User of Nimbus for two integrations',
    yaml: `${source('nimbus', 'path: employees.csv')}serviceAccounts:
  - { source: extra, account: sync, owner: o, purpose: Xero }
  - { source: extra, account: sync, owner: o, purpose: MYOB }
`,
    expected: [
      `${F}:11:5 serviceAccounts[1]: this account is listed twice; Nimbus wants an API User of its own for each integration: make another one, or keep one entry`,
    ],
  },
  {
    name: 'a query without a database, and of nothing',
    yaml: source('sql', 'query: " ; "'),
    expected: [`${F}:6:5 sources[2].url: is required`, `${F}:8:5 sources[2].query: must be a query`],
  },
  {
    name: 'a query of another kind of database',
    yaml: source('sql', 'url: mysql://h/d', 'query: select 1'),
    expected: [`${F}:8:5 sources[2].url: must begin with postgres:// or postgresql://`],
  },
  {
    name: 'a password that ends the host of a query too early',
    yaml: source('sql', 'url: "postgres://u:12/secret@127.0.0.1/db"', 'query: select 1'),
    expected: [
      `${F}:8:5 sources[2].url: is no URL; write the characters / ? # @ : of a password as %2F %3F %23 %40 %3A`,
    ],
  },
  {
    name: 'a column of a query for a field that there is not',
    yaml: source('sql', 'url: postgres://h/d', 'query: select 1', 'columns: { emial: mail }'),
    expected: [`${F}:10:16 sources[2].columns.emial: unknown key; did you mean email?`],
  },
  {
    name: 'a grid without a path',
    yaml: source('nimbus', 'sentinels: [admin]'),
    expected: [`${F}:6:5 sources[2].path: is required`],
  },
  ...['0.0.0.0', '"::"', '192.0.2.1', 'example.com', '127.0.0.1.evil.example'].map((bind) => ({
    name: `the address ${bind} without a token`,
    yaml: after(`http: { bind: ${bind} }`),
    expected: [`${F}:6:9 http.bind: is not a loopback address; set http.token (ROLLCALL_HTTP_TOKEN) or bind 127.0.0.1`],
  })),
  {
    name: 'an open address whose token is an empty variable',
    yaml: after('http: { bind: 0.0.0.0, token: "${HTTP_TOKEN}" }'),
    env: { HTTP_TOKEN: '' },
    expected: [`${F}:6:9 http.bind: is not a loopback address; set http.token (ROLLCALL_HTTP_TOKEN) or bind 127.0.0.1`],
  },
];

const later: FaultCase[] = [
  {
    name: 'oauth of SCIM',
    yaml: source('scim', 'company: acme', 'oauth: { clientId: c, clientSecret: s }'),
    expected: [`${F}:9:5 sources[2].oauth: is not available in this version; use token`],
  },
];

const groups = { shape, scalars, together, later };

describe.each(Object.entries(groups))('faults of %s', (_group, cases) => {
  test.each(cases)('$name', ({ expected, ...given }) => {
    expect(load(given).lines).toEqual(expected);
  });
});

describe('faults', () => {
  test('are told all at once, in the order of the file', () => {
    const yaml = [
      'databse: {}',
      'sources:',
      '  - { name: a, type: file, path: a.txt, minRows: few }',
      '  - { name: a, type: nimble }',
      'retry: { budget: 5 }',
      '',
    ].join('\n');
    expect(
      load({ yaml, env: { LOG_LEVEL: 'loud', A: '1', A_FILE: 'x' } }).lines.map((line) => line.split(': ')[0]),
    ).toEqual([
      'LOG_LEVEL',
      `${F}:1:1 databse`,
      `${F}:3:28 sources[0].path`,
      `${F}:3:41 sources[0].minRows`,
      `${F}:4:5 sources[1].token`,
      `${F}:4:7 sources[1].name`,
      `${F}:5:10 retry.budget`,
    ]);
  });

  test('nothing is wrong with the good file itself', () => {
    expect(loadWell({ yaml: GOOD_YAML }).warnings).toEqual([]);
  });
});
