import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { GOOD_YAML, load, loadWell } from './folder.ts';

const KEY = Buffer.alloc(32, 7).toString('base64');

describe('the set-up without a file', () => {
  test('needs the variables of the contract and nothing else', () => {
    const env = {
      IDENTITIES: './identities.csv',
      NIMBLE_TOKEN: 'nimble-token',
      NAMELY_COMPANY: 'Acme',
      NAMELY_TOKEN: 'namely-token',
      SLACK_WEBHOOK_URL: 'https://hooks.slack.com/services/T0/B0/hook',
      DATABASE_URL: 'postgres://rollcall:pass@db/rollcall',
      ROLLCALL_KEY: KEY,
      ROLLCALL_HTTP_TOKEN: 'http-token',
      LOG_LEVEL: 'debug',
    };
    const { loaded, folder } = load({ env });
    const config = loaded?.config;
    expect(loaded?.warnings).toEqual([]);
    expect(config?.sources).toMatchObject([
      {
        name: 'identities',
        type: 'file',
        authoritative: true,
        location: { kind: 'path', path: join(folder, 'identities.csv') },
        format: 'csv',
        maxAgeMs: 93_600_000,
        schedule: '*/15 * * * *',
        credential: false,
      },
      {
        name: 'nimble',
        type: 'nimble',
        authoritative: false,
        access: { kind: 'token', token: 'nimble-token' },
        baseUrl: 'https://api.nimble.com',
        rosterPath: '/api/v1/team/members',
        schedule: '*/15 * * * *',
        maxAgeMs: 93_600_000,
        credential: true,
      },
      {
        name: 'namely',
        type: 'namely',
        access: { kind: 'token', token: 'namely-token' },
        baseUrl: 'https://acme.namely.com',
        schedule: '*/5 * * * *',
        fullSchedule: '15 3 * * *',
        concurrency: 4,
        requestsPerMinute: 90,
        credential: true,
      },
    ]);
    expect(config).toMatchObject({
      logLevel: 'debug',
      timezone: 'UTC',
      database: { url: env.DATABASE_URL, migrate: 'auto' },
      slack: { webhookUrl: env.SLACK_WEBHOOK_URL, digest: { kind: 'immediate' } },
      http: { bind: '127.0.0.1', port: 8080, token: 'http-token', webhookSecrets: [] },
      retryBudget: { startMs: 600_000, runMs: 90_000 },
      retention: { versionsDays: 400, runsDays: 400 },
      shutdownGraceMs: 20_000,
      keys: [new Uint8Array(32).fill(7)],
    });
    expect(config?.policy).toEqual({
      privilegedRoles: new Set(['admin', 'owner', 'account admin']),
      serviceAccounts: [],
      rules: { leaver_account: { graceDays: 0, slaHours: 24 } },
      ruleOptions: { missingAccount: new Map(), mismatchFields: [], preHireDays: 14, dormantDays: undefined },
      disabledRules: new Set(['missing_account', 'attribute_mismatch', 'dormant_account']),
      breakerRatio: 0.2,
    });
  });

  const faults = [
    {
      name: 'nothing at all',
      env: {},
      expected: [
        expect.stringMatching(
          /^nothing is configured: set IDENTITIES and NIMBLE_TOKEN .*rollcall\.yaml.*rollcall demo/,
        ),
      ],
    },
    {
      name: 'empty variables only',
      env: { NIMBLE_TOKEN: '', IDENTITIES: '' },
      expected: [expect.stringMatching(/^nothing is/)],
    },
    { name: 'a company without a token', env: { NAMELY_COMPANY: 'acme' }, expected: ['NAMELY_TOKEN: is required'] },
    { name: 'a token without a company', env: { NAMELY_TOKEN: 't' }, expected: ['NAMELY_COMPANY: is required'] },
    {
      name: 'a list over http',
      env: { IDENTITIES: 'http://files.example.com/a.csv' },
      expected: [
        'IDENTITIES: files.example.com would be read without encryption; add files.example.com to network.allow if this is meant',
      ],
    },
    {
      name: 'a list of unknown format',
      env: { IDENTITIES: 'https://files.example.com/export?format=csv' },
      expected: ['IDENTITIES: ends neither in .csv nor in .json; say format: csv or format: json in rollcall.yaml'],
    },
    {
      name: 'a key that is too short',
      env: { NIMBLE_TOKEN: 't', ROLLCALL_KEY: Buffer.alloc(16).toString('base64') },
      expected: ['ROLLCALL_KEY: must be 32 bytes in base64; `openssl rand -base64 32` makes one'],
    },
    {
      name: 'case 100: certificates unchecked',
      env: { NIMBLE_TOKEN: 't', NODE_TLS_REJECT_UNAUTHORIZED: '0' },
      expected: [expect.stringMatching(/^NODE_TLS_REJECT_UNAUTHORIZED: switches off the check of certificates/)],
    },
    {
      name: 'several things at once',
      env: { NIMBLE_TOKEN: 'a b', LOG_LEVEL: 'wran', DATABASE_URL: 'x' },
      expected: [
        'DATABASE_URL: must begin with postgres:// or postgresql://',
        'NIMBLE_TOKEN: must be one line of visible ASCII characters, without blanks',
        'LOG_LEVEL: must be one of debug, info, warn, error, silent; did you mean warn?',
      ],
    },
  ];
  test.each(faults)('faults name the variable: $name', ({ env, expected }) => {
    expect(load({ env }).lines).toEqual(expected);
  });

  test('without an identity list it says what cannot be judged', () => {
    expect(loadWell({ env: { NIMBLE_TOKEN: 't' } }).warnings).toEqual([
      'sources: none is authoritative: rosters are kept, but rules that need identities cannot run',
    ]);
  });
});

function tokenFrom(content: string): unknown {
  const { config } = loadWell({ env: { NIMBLE_TOKEN_FILE: 'secret.txt' }, files: { 'secret.txt': content } });
  const [source] = config.sources;
  return source?.type === 'nimble' && source.access.kind === 'token' ? source.access.token : undefined;
}

describe('NAME_FILE', () => {
  test.each([
    ['no line end', 'abc'],
    ['a line end', 'abc\n'],
    ['a line end of Windows', 'abc\r\n'],
  ])('gives the value, with %s', (_name, content) => {
    expect(tokenFrom(content)).toBe('abc');
  });

  test('loses one line end only', () => {
    const { lines } = load({ env: { NIMBLE_TOKEN_FILE: 's' }, files: { s: 'abc\n\n' } });
    expect(lines).toEqual(['NIMBLE_TOKEN: must be one line of visible ASCII characters, without blanks']);
  });

  test('works for any name in the file', () => {
    const yaml = GOOD_YAML.replace('abc', '${MY_TOKEN}');
    const { config } = loadWell({ yaml, env: { MY_TOKEN_FILE: 's' }, files: { s: 'from-file\n' } });
    expect(config.sources[1]).toMatchObject({ access: { kind: 'token', token: 'from-file' } });
  });

  const faults = [
    {
      name: 'both set',
      env: { NIMBLE_TOKEN: 'a', NIMBLE_TOKEN_FILE: 's', IDENTITIES: 'a.csv' },
      expected: ['NIMBLE_TOKEN: is set, and NIMBLE_TOKEN_FILE too; keep one of them'],
    },
    {
      name: 'an absent file',
      env: { NIMBLE_TOKEN_FILE: 'nowhere', IDENTITIES: 'a.csv' },
      expected: [
        'NIMBLE_TOKEN_FILE: the file it names cannot be read; check that it exists and that this user may read it',
      ],
    },
    {
      name: 'a folder',
      env: { NIMBLE_TOKEN_FILE: '.', IDENTITIES: 'a.csv' },
      expected: [
        'NIMBLE_TOKEN_FILE: the file it names cannot be read; check that it exists and that this user may read it',
      ],
    },
    {
      name: 'something large',
      env: { NIMBLE_TOKEN_FILE: 'large', IDENTITIES: 'a.csv' },
      expected: ['NIMBLE_TOKEN_FILE: the file it names is larger than 64 KiB'],
    },
  ];
  test.each(faults)('$name is a fault', ({ env, expected }) => {
    expect(load({ env, files: { s: 'b', large: 'x'.repeat(70_000) } }).lines).toEqual(expected);
  });

  test('beside an empty variable is no conflict, and an empty file is the same as unset', () => {
    expect(tokenFrom('abc')).toBe('abc');
    const env = { NIMBLE_TOKEN: '', NIMBLE_TOKEN_FILE: 's', IDENTITIES: 'a.csv', NAMELY_TOKEN_FILE: 'empty' };
    const { config } = loadWell({ env, files: { s: 'abc', empty: '\n' } });
    expect(config.sources.map(({ name }) => name)).toEqual(['identities', 'nimble']);
  });
});

describe('the order of places', () => {
  const yaml = `${GOOD_YAML}database: { url: "postgres://file/db" }\nhttp: { token: file-token }\n`;

  test('the environment outranks the file, and says so where they differ', () => {
    const env = { DATABASE_URL: 'postgres://env/db', ROLLCALL_HTTP_TOKEN: 'file-token' };
    const { config, warnings } = loadWell({ yaml, env });
    expect(config.database.url).toBe('postgres://env/db');
    expect(warnings).toEqual(['DATABASE_URL: outranks database.url of the file, which says something else']);
  });

  test('the environment fills what the file leaves out', () => {
    const env = { SLACK_WEBHOOK_URL: 'https://hooks.slack-gov.com/services/T/B/x' };
    expect(loadWell({ yaml, env })).toMatchObject({
      warnings: [],
      config: { slack: { webhookUrl: env.SLACK_WEBHOOK_URL } },
    });
  });

  test('the file outranks the default', () => {
    expect(loadWell({ yaml: `${GOOD_YAML}shutdownGrace: 5s\n` }).config.shutdownGraceMs).toBe(5000);
  });

  test('--config outranks ROLLCALL_CONFIG, which outranks the working directory', () => {
    const files = { 'a.yaml': `${GOOD_YAML}timezone: Europe/Paris\n`, 'b.yaml': `${GOOD_YAML}timezone: Asia/Tokyo\n` };
    const env = { ROLLCALL_CONFIG: 'b.yaml' };
    expect(loadWell({ yaml: GOOD_YAML, files, env, configPath: 'a.yaml' }).config.timezone).toBe('Europe/Paris');
    expect(loadWell({ yaml: GOOD_YAML, files, env }).config.timezone).toBe('Asia/Tokyo');
    expect(loadWell({ yaml: GOOD_YAML, files }).config.timezone).toBe('UTC');
  });

  test('a file that was asked for and is not there is a fault, whatever the environment holds', () => {
    const env = { NIMBLE_TOKEN: 't' };
    expect(load({ env, configPath: 'x.yaml' }).lines).toEqual(['x.yaml: there is no such file']);
    expect(load({ env: { ...env, ROLLCALL_CONFIG: '.' } }).lines).toEqual(['ROLLCALL_CONFIG: is not a file']);
  });

  test('a source variable that the file does not use is warned of', () => {
    expect(loadWell({ yaml: GOOD_YAML, env: { NIMBLE_TOKEN: 't' } }).warnings).toEqual([
      'NIMBLE_TOKEN: is set, but rollcall.yaml does not use it; write ${NIMBLE_TOKEN} where it belongs',
    ]);
  });
});
