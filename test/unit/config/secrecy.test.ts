import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { renderConfig } from '../../../src/config/print.ts';
import { load, loadWell } from './folder.ts';

const CANARIES = {
  NIMBLE: 'canary-nimble-1',
  NAMELY: 'canary-namely-2',
  SCIM: 'canary-scim-8',
  HOOK: 'canaryHook3',
  PASSWORD: 'canary%40pass-4',
  HTTP: 'canary-http-5',
  WEBHOOK: 'canary-webhook-6',
  LINK: 'canary-link-7',
  STAFF: 'canary%2Fstaff-8',
} as const;

const YAML = `sources:
  - { name: directory, type: file, authoritative: true, format: csv, url: "https://files.example.com/list?sig=\${LINK}" }
  - { name: nimble, type: nimble, token: "\${NIMBLE}" }
  - { name: namely, type: namely, company: acme, token: "\${NAMELY}", maxAge: 90m }
  - { name: staff, type: sql, url: "postgres://reader:\${STAFF}@hr.example.com/hr?sslmode=verify-full", query: select 1 as id }
  - { name: scim, type: scim, company: acme, token: "\${SCIM}" }
database: { url: "postgres://rollcall:\${PASSWORD}@db.example.com/rollcall?sslmode=verify-full" }
slack: { webhookUrl: "https://hooks.slack.com/services/T0/B0/\${HOOK}" }
http: { bind: 0.0.0.0, token: "\${HTTP}", webhookSecrets: ["\${WEBHOOK}"] }
rules: { leaver_account: { graceDays: 2 }, disputed_account: false }
retry: { budget: 300s }
`;

describe('config print', () => {
  const { document, config } = loadWell({ yaml: YAML, env: CANARIES });

  test.each(['yaml', 'json'] as const)('shows no secret as %s', (format) => {
    const text = renderConfig(document, format);
    expect(text).not.toMatch(/canary/i);
    expect(text).toContain('***');
  });

  test('keeps what people look for', () => {
    const printed: unknown = parse(renderConfig(document, 'yaml'));
    expect(printed).toMatchObject({
      timezone: 'UTC',
      database: { url: 'postgres://rollcall:***@db.example.com/rollcall?sslmode=verify-full', migrate: 'auto' },
      sources: [
        { name: 'directory', url: 'https://files.example.com/***', maxAge: '26h', schedule: '*/15 * * * *' },
        { name: 'nimble', token: '***', rosterPath: '/api/v1/team/members', maxAge: '26h' },
        { name: 'namely', token: '***', baseUrl: 'https://acme.namely.com', maxAge: '90m', fullSchedule: '15 3 * * *' },
        { name: 'staff', url: 'postgres://reader:***@hr.example.com/hr?sslmode=verify-full', query: 'select 1 as id' },
        { name: 'scim', token: '***', baseUrl: 'https://acme.namely.com/scim/v2', fullSchedule: '15 3 * * *' },
      ],
      slack: { webhookUrl: 'https://hooks.slack.com/***', digest: 'immediate' },
      http: { token: '***', webhookSecrets: ['****************'] },
      rules: { leaver_account: { graceDays: 2, slaHours: 24 }, disputed_account: false, orphaned_account: true },
      retry: { budget: '5m' },
    });
  });

  test('prints as JSON what it prints as YAML', () => {
    expect(JSON.parse(renderConfig(document, 'json'))).toEqual(parse(renderConfig(document, 'yaml')));
  });

  test('prints what can be read again and means the same', () => {
    // The masked webhook and database URLs are URLs still; only the secrets differ.
    const again = loadWell({ yaml: renderConfig(document, 'yaml') }).config;
    expect(again.policy).toEqual(config.policy);
    expect(again.sources.map(({ keyDigest, maxAgeMs }) => [keyDigest, maxAgeMs])).toEqual(
      config.sources.map(({ keyDigest, maxAgeMs }) => [keyDigest, maxAgeMs]),
    );
  });
});

describe('secrets', () => {
  test('are all listed for the scrub, with the telling parts of URLs', () => {
    const { secrets } = loadWell({
      yaml: YAML,
      env: { ...CANARIES, ROLLCALL_KEY: Buffer.alloc(32).toString('base64') },
    });
    expect(secrets).toEqual(
      expect.arrayContaining([
        ...Object.values(CANARIES),
        'canary@pass-4',
        'canary/staff-8',
        Buffer.alloc(32).toString('base64'),
        `https://hooks.slack.com/services/T0/B0/${CANARIES.HOOK}`,
      ]),
    );
  });

  test('are in no fault, whatever is wrong with them', () => {
    const broken = `${YAML}
serviceAccounts: [{ source: "\${NIMBLE}", account: a, owner: o }]
privilegedRoles: "\${HTTP}"
timezone: "\${NAMELY}"
shutdownGrace: "\${WEBHOOK}"
breaker: { ratio: "\${LINK}" }
`
      .replace('"https://hooks.slack.com/services', '"http://evil.example')
      .replace('type: nimble,', 'type: nimble, name2: "${NIMBLE}", schedule: "${NIMBLE}", company: "${NIMBLE}",')
      .replace('company: acme', 'company: "x/${NAMELY}"')
      .replace('postgres://', 'mysql://')
      .replace('type: file,', 'type: "${LINK}",');
    const { lines } = load({ yaml: broken, env: CANARIES });
    expect(lines.length).toBeGreaterThan(10);
    expect(lines.join('\n')).not.toMatch(/canary/i);
  });
});
