import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { SourceConfig } from '../../../src/config/config.ts';
import { GOOD_YAML, load, loadWell } from './folder.ts';

function fileSource(...keys: readonly string[]): SourceConfig | undefined {
  const yaml = `sources:\n  - { name: a, type: file, path: a.csv${keys.map((key) => `, ${key}`).join('')} }\n`;
  return loadWell({ yaml }).config.sources[0];
}

/** Contract §1. */
const OFF = ['missing_account', 'attribute_mismatch', 'dormant_account'] as const;

function policyWith(rules: string): unknown {
  return loadWell({ yaml: `${GOOD_YAML}rules: ${rules}\n` }).config.policy;
}

function secondDigest(yaml: string): string | undefined {
  return loadWell({ yaml }).config.sources[1]?.keyDigest;
}

describe('the effective configuration', () => {
  test.each([
    ['26h', 93_600_000],
    ['600s', 600_000],
    ['90m', 5_400_000],
    ['7d', 604_800_000],
  ])('reads the duration %s', (text, ms) => {
    expect(fileSource(`maxAge: ${text}`)?.maxAgeMs).toBe(ms);
  });

  test('a file has no age limit as an application and 26 h as an authority', () => {
    expect(fileSource()?.maxAgeMs).toBeUndefined();
    expect(fileSource('authoritative: true')?.maxAgeMs).toBe(93_600_000);
    expect(fileSource('authoritative: true', 'maxAge: 7d')?.maxAgeMs).toBe(604_800_000);
  });

  test.each([
    ['a.csv', 'csv'],
    ['a.JSON', 'json'],
    ['dir.json/a.csv', 'csv'],
  ])('%s is %s by its extension', (path, format) => {
    const yaml = `sources: [{ name: a, type: file, path: ${path} }]\n`;
    expect(loadWell({ yaml }).config.sources[0]).toMatchObject({ format });
  });

  test('an exported grid is a file too: no age limit as an application, a path that starts beside the configuration', () => {
    const yaml = `sources:
  - { name: n, type: nimbus, path: ./grid.csv, sentinels: [admin, JDOE] }
  - { name: a, type: nimbus, path: /data/grid.csv, authoritative: true }
`;
    const { loaded, folder } = load({ yaml });
    expect(loaded?.config.sources).toMatchObject([
      { path: join(folder, 'grid.csv'), sentinels: ['admin', 'JDOE'], maxAgeMs: undefined, minRows: 0 },
      { path: '/data/grid.csv', sentinels: [], maxAgeMs: 93_600_000, minRows: 1 },
    ]);
  });

  test('relative paths start beside the file, wherever it is; absolute ones stay', () => {
    const yaml = 'sources: [{ name: a, type: file, path: ../x/a.csv }, { name: b, type: file, path: /data/b.csv }]\n';
    const { loaded, folder } = load({ yaml });
    expect(loaded?.config.sources).toMatchObject([
      { location: { path: join(folder, '../x/a.csv') } },
      { location: { path: '/data/b.csv' } },
    ]);
    expect(loaded?.config.directory).toBe(folder);
    expect(loaded?.config.file).toBe(join(folder, 'rollcall.yaml'));
  });

  test('rules: options, false, true and the defaults', () => {
    expect(policyWith('{ leaver_account: { graceDays: 3 }, orphaned_account: false }')).toMatchObject({
      rules: { leaver_account: { graceDays: 3, slaHours: 24 } },
      disabledRules: new Set(['orphaned_account', ...OFF]),
    });
    expect(policyWith('{ leaver_account: true, disputed_account: {} }')).toMatchObject({
      rules: { leaver_account: { graceDays: 0, slaHours: 24 } },
      disabledRules: new Set(OFF),
    });
    expect(policyWith('{ leaver_account: false }')).toMatchObject({
      disabledRules: new Set(['leaver_account', ...OFF]),
    });
  });

  test('rules that are off by default: a block or true switches one on, with its defaults', () => {
    expect(policyWith('{ dormant_account: true, attribute_mismatch: true }')).toMatchObject({
      disabledRules: new Set(['missing_account']),
      ruleOptions: { mismatchFields: ['given_name', 'family_name', 'title', 'department', 'manager'], dormantDays: 45 },
    });
    expect(policyWith('{ dormant_account: {}, attribute_mismatch: {} }')).toMatchObject({
      disabledRules: new Set(['missing_account']),
      ruleOptions: { mismatchFields: ['given_name', 'family_name', 'title', 'department', 'manager'], dormantDays: 45 },
    });
    expect(
      policyWith('{ dormant_account: { days: 90 }, attribute_mismatch: { fields: [title, given_name, title] } }'),
    ).toMatchObject({
      ruleOptions: { mismatchFields: ['given_name', 'title'], dormantDays: 90 },
    });
    expect(policyWith('{ dormant_account: false, attribute_mismatch: false, missing_account: false }')).toMatchObject({
      disabledRules: new Set(OFF),
      ruleOptions: { missingAccount: new Map(), mismatchFields: [], dormantDays: undefined },
    });
  });

  test('early_account: 14 days, or as many as are written', () => {
    expect(policyWith('{}')).toMatchObject({ ruleOptions: { preHireDays: 14 } });
    expect(policyWith('{ early_account: true }')).toMatchObject({ ruleOptions: { preHireDays: 14 } });
    expect(policyWith('{ early_account: { preHireDays: 0 } }')).toMatchObject({ ruleOptions: { preHireDays: 0 } });
    expect(policyWith('{ early_account: false }')).toMatchObject({ disabledRules: new Set(['early_account', ...OFF]) });
  });

  test('missing_account: an application and its accepted values, in the form in which they are compared', () => {
    const rules = '{ missing_account: { nimble: { department: [" Säles ", IT], email: [Jane@EXAMPLE.com] } } }';
    expect(policyWith(rules)).toMatchObject({
      disabledRules: new Set(['attribute_mismatch', 'dormant_account']),
      ruleOptions: {
        missingAccount: new Map([
          [
            'nimble',
            new Map([
              ['email', new Set(['jane@example.com'])],
              ['department', new Set(['sales', 'it'])],
            ]),
          ],
        ]),
      },
    });
    expect(policyWith('{ missing_account: { nimble: {} } }')).toMatchObject({
      ruleOptions: { missingAccount: new Map([['nimble', new Map()]]) },
    });
  });

  test('roles and service accounts reach the policy that rows are read by', () => {
    const yaml = `${GOOD_YAML}privilegedRoles: [" Owner", ADMIN]
serviceAccounts:
  - { source: nimble, account: Sync@EXAMPLE.com, owner: jane@example.com, purpose: sync, review: 2027-06-30 }
  - { source: directory, account: ID-1, owner: jane@example.com }
`;
    const { config } = loadWell({ yaml });
    const [directory, nimble] = config.sources.map(({ rowPolicy }) => rowPolicy);
    expect(nimble?.privilegedRoles).toEqual(new Set(['owner', 'admin']));
    expect(nimble?.serviceAccounts).toEqual(new Set(['Sync@EXAMPLE.com', 'sync@example.com']));
    expect(directory?.serviceAccounts).toEqual(new Set(['ID-1']));
    expect(config.policy.serviceAccounts[0]).toEqual({
      source: 'nimble',
      account: 'Sync@EXAMPLE.com',
      owner: 'jane@example.com',
      purpose: 'sync',
      review: '2027-06-30',
    });
  });

  test.each([
    ['600s', 600_000, 90_000],
    ['30s', 30_000, 30_000],
  ])('a retry budget of %s is at most 90 s in run', (budget, startMs, runMs) => {
    const { config } = loadWell({ yaml: `${GOOD_YAML}retry: { budget: ${budget} }\n` });
    expect(config.retryBudget).toEqual({ startMs, runMs });
  });

  test.each([
    ['immediate', { kind: 'immediate' }],
    [`'daily "09:00"'`, { kind: 'daily', at: '09:00' }],
    ['daily 23:59', { kind: 'daily', at: '23:59' }],
  ])('the digest %s', (text, digest) => {
    expect(loadWell({ yaml: `${GOOD_YAML}slack: { digest: ${text} }\n` }).config.slack.digest).toEqual(digest);
  });

  test('correlate: [employee_id, email] asks for the employee number', () => {
    expect(fileSource('correlate: [employee_id, email]')?.correlateEmployeeId).toBe(true);
    expect(fileSource()?.correlateEmployeeId).toBe(false);
  });
});

test('a query has the columns, the age limit and, for exit code 77, the credential of its source', () => {
  const yaml = `sources: [{ name: a, type: sql, url: postgres://h/d, query: table staff, columns: { email: Mail } }]\n`;
  expect(loadWell({ yaml }).config.sources[0]).toMatchObject({
    url: 'postgres://h/d',
    query: 'table staff',
    columns: { email: 'Mail' },
    maxAgeMs: 93_600_000,
    credential: true,
  });
  expect(fileSource()?.credential).toBe(false);
});

test('a list of nobody is no identity list unless the file says so; an application may be empty', () => {
  expect(fileSource('authoritative: true')?.minRows).toBe(1);
  expect(fileSource('authoritative: true, minRows: 0')?.minRows).toBe(0);
  expect(fileSource()?.minRows).toBe(0);
});

function digestOf(query: string, columns = '{}'): string | undefined {
  const sql = `{ name: b, type: sql, url: postgres://h/d, columns: ${columns}, query: ${JSON.stringify(query)} }`;
  return secondDigest(`sources:\n  - { name: a, type: file, path: a.csv }\n  - ${sql}\n`);
}

describe('the digest of what a baseline rests on', () => {
  const plain = fileSource()?.keyDigest;

  test.each(['columns: { email: Mail }', 'columns: { id: No }', 'columns: { aliases: Also }'])(
    'changes with %s',
    (keys) => {
      expect(fileSource(keys)?.keyDigest).not.toBe(plain);
    },
  );

  test.each(['columns: { title: Job }', 'minRows: 3', 'maxAge: 7d', 'authoritative: true', 'schedule: "1 * * * *"'])(
    'does not change with %s',
    (keys) => {
      expect(fileSource(keys)?.keyDigest).toBe(plain);
    },
  );

  test('changes with a query, unless only its spaces and its last semicolon do', () => {
    const plain = digestOf('select id, email from staff');
    expect(digestOf('select id,\n  email\nfrom staff;\n')).toBe(plain);
    expect(digestOf('select id, email from staff', '{ title: Job }')).toBe(plain);
    expect(digestOf('select id, email from staff where active')).not.toBe(plain);
    expect(digestOf('select id, mail as email from staff')).not.toBe(plain);
    expect(digestOf('select id, email from staff', '{ id: email }')).not.toBe(plain);
  });

  test('changes with the roster path', () => {
    expect(secondDigest(`${GOOD_YAML}    rosterPath: /api/v1/company/users\n`)).not.toBe(secondDigest(GOOD_YAML));
    expect(secondDigest(`${GOOD_YAML}    minRows: 1\n`)).toBe(secondDigest(GOOD_YAML));
  });
});

const scimSource = (...keys: readonly string[]): SourceConfig | undefined => {
  const yaml = `${GOOD_YAML}  - { name: okta, type: scim, token: t${keys.map((key) => `, ${key}`).join('')} }\n`;
  return loadWell({ yaml }).config.sources.at(-1);
};

describe('a SCIM source', () => {
  test('is where Namely has its own, by the company', () => {
    expect(scimSource('company: Acme')).toMatchObject({
      type: 'scim',
      token: 't',
      baseUrl: 'https://acme.namely.com/scim/v2',
      schedule: '*/15 * * * *',
      fullSchedule: '15 3 * * *',
      maxAgeMs: 93_600_000,
      concurrency: 4,
      requestsPerMinute: 90,
      credential: true,
    });
  });

  test('or anywhere else, and keeps its baseline when it moves', () => {
    const here = scimSource('baseUrl: https://scim.example.com/v2/', 'fullSchedule: "0 4 * * *"');
    expect(here).toMatchObject({ baseUrl: 'https://scim.example.com/v2', fullSchedule: '0 4 * * *' });
    expect(scimSource('baseUrl: https://other.example.com/v2')?.keyDigest).toBe(here?.keyDigest);
    expect(fileSource()?.keyDigest).not.toBe(here?.keyDigest);
  });
});

describe('webhooks', () => {
  const NAMELY = `${GOOD_YAML}  - { name: namely, type: namely, company: acme, token: t }\n`;

  test('are signed in the header, by the algorithm and with the time that a person says', () => {
    const { config, warnings } = loadWell({ yaml: `${NAMELY}http: { webhookSecrets: [a-secret-of-sixteen] }\n` });
    expect(warnings).toEqual([]);
    expect(config.http).toEqual({
      bind: '127.0.0.1',
      port: 8080,
      webhookSecrets: ['a-secret-of-sixteen'],
      webhook: {
        signatureHeader: 'X-Namely-Signature',
        algorithm: 'sha256',
        encoding: 'hex',
        timestampHeader: 'X-Namely-Timestamp',
      },
    });
    const other = 'signatureHeader: X-Hook, algorithm: sha512, encoding: base64, timestampHeader: none';
    expect(loadWell({ yaml: `${NAMELY}http: { webhook: { ${other} } }\n` }).config.http.webhook).toEqual({
      signatureHeader: 'X-Hook',
      algorithm: 'sha512',
      encoding: 'base64',
    });
  });

  test('have secrets that are not found by trying, and headers that exist', () => {
    const yaml = `${NAMELY}http: { webhookSecrets: [fifteen-letters], webhook: { signatureHeader: "X Hook", algorithm: md5 } }\n`;
    expect(load({ yaml }).lines).toEqual([
      expect.stringContaining('http.webhookSecrets[0]: must have at least 16 characters'),
      expect.stringContaining('http.webhook.signatureHeader: must be the name of a header'),
      expect.stringContaining('http.webhook.algorithm: must be one of sha256, sha512, sha1'),
    ]);
  });
});

describe('doubts', () => {
  test('are told for what has no effect', () => {
    const yaml = `${GOOD_YAML}  - { name: nimbus, type: nimbus, path: grid.csv }
slack: { digest: daily 09:00 }
http: { webhookSecrets: [a-secret-of-sixteen] }
`;
    expect(loadWell({ yaml }).warnings).toEqual([
      'rollcall.yaml:7:10 slack.digest: has no effect: slack.webhookUrl is not set, and nobody is told',
      'rollcall.yaml:8:9 http.webhookSecrets: has no effect: no source is of type namely, and /webhooks/namely ignores every call',
    ]);
  });

  test('are told where an API User of Nimbus is not one for one integration', () => {
    const yaml = `${GOOD_YAML}  - { name: nimbus, type: nimbus, path: grid.csv }
serviceAccounts:
  - { source: nimbus, account: xero-1, owner: o, purpose: Xero  sync }
  - { source: nimbus, account: myob, owner: o, purpose: MYOB }
  - { source: nimbus, account: xero-2, owner: o, purpose: XERO sync }
  - { source: nimbus, account: scanner, owner: o }
  - { source: nimble, account: xero, owner: o, purpose: Xero sync }
  - { source: nimble, account: bare, owner: o }
`;
    expect(loadWell({ yaml }).warnings).toEqual([
      'rollcall.yaml:10:50 serviceAccounts[2].purpose: is the purpose of two accounts; an integration needs one API User, so close the one it does not use',
      'rollcall.yaml:11:5 serviceAccounts[3]: has no purpose; name the one integration that this API User is for',
    ]);
  });

  test('are told when nothing can be judged', () => {
    const yaml = 'sources: [{ name: a, type: file, path: a.csv, authoritative: true }]\n';
    expect(loadWell({ yaml }).warnings).toEqual([
      'rollcall.yaml:1:1 sources: none is an application: there is no account to judge',
    ]);
  });
});

test.each([
  ['US/Pacific-New', 'America/Los_Angeles'],
  ['Japan', 'Asia/Tokyo'],
  ['America/New_York', 'America/New_York'],
  ['UTC', 'UTC'],
])('the time zone %s is passed on as %s, a name that Postgres knows too', (given, expected) => {
  expect(loadWell({ yaml: `${GOOD_YAML}timezone: ${given}\n` }).config.timezone).toBe(expected);
});
