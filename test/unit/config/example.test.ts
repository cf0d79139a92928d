import { join } from 'node:path';
import { expect, test } from 'vitest';
import { load } from './folder.ts';

// The example of the contract.
const EXAMPLE = `
timezone: America/New_York          # in which plain dates end; default UTC
database: { url: \${DATABASE_URL}, migrate: auto }   # no url: the embedded Postgres; migrate: auto | never
sources:
  - name: directory                 # unique, [a-z0-9-]; \`formerly: OLD\` keeps a renamed source's history
    type: file                      # nimble | namely | nimbus | scim | file | sql
    authoritative: true
    path: ./identities.csv          # or url: https://…
    format: csv                     # csv | json, default by extension
    columns: { email: "Work E-mail" }   # our field: their header
    minRows: 50                     # fewer is incomplete
    maxAge: 26h
    schedule: "*/15 * * * *"        # default
  - name: nimble
    type: nimble
    token: \${NIMBLE_TOKEN}          # or oauth: { clientId, clientSecret } after \`rollcall login nimble\`
    baseUrl: https://api.nimble.com        # default
    rosterPath: /api/v1/team/members       # default; \`/api/v1/company/users\` is understood too
    seatPrice: { amount: 24.90, currency: USD, per: month }
  - name: namely
    type: namely
    company: acme                   # https://acme.namely.com; or baseUrl
    token: \${NAMELY_TOKEN}          # or oauth
    schedule: "*/5 * * * *"         # deltas
    fullSchedule: "15 3 * * *"      # full listings; default
    events: true                    # use /events as a hint
    concurrency: 4
    requestsPerMinute: 90
  - name: nimbus
    type: nimbus
    path: ./nimbus-employees.csv    # the Employees grid, exported
rules:
  leaver_account: { graceDays: 0, slaHours: 24 }
  early_account: { preHireDays: 14 }
  attribute_mismatch: { fields: [given_name, family_name, title, department, manager] }   # default: off
  missing_account: { nimble: { department: [Sales, Marketing] } }   # equality on §3 fields; {} = everybody; default: off
  dormant_account: { days: 45 }                                     # default: off
privilegedRoles: [admin, owner, account admin]
serviceAccounts:                    # non-human accounts and who answers for them; purpose and review are optional
  - { source: nimbus, account: xero-sync, owner: jane@acme.com, purpose: Xero integration, review: 2027-06-30 }
breaker: { ratio: 0.2 }             # §5
retry: { budget: 600s }             # of a source in \`start\`; in \`run\` 90 s
slack: { webhookUrl: \${SLACK_WEBHOOK_URL}, digest: immediate }      # immediate | daily "09:00"
network: { allow: [] }              # hosts or addresses that may be any scheme, host and port, private or loopback, Slack's included
http: { bind: 127.0.0.1, port: 8080, token: \${ROLLCALL_HTTP_TOKEN}, webhookSecrets: [] }
retention: { versionsDays: 400, runsDays: 400 }
shutdownGrace: 20s
`;

const ENV = {
  DATABASE_URL: 'postgres://rollcall:secret@db/rollcall',
  NIMBLE_TOKEN: 'nimble-token',
  NAMELY_TOKEN: 'namely-token',
  SLACK_WEBHOOK_URL: 'https://hooks.slack.com/services/T0/B0/hook',
  ROLLCALL_HTTP_TOKEN: 'http-token',
};

test("the contract's example loads", () => {
  const { loaded, lines, folder } = load({ yaml: EXAMPLE, env: ENV });
  expect(lines).toEqual([]);
  expect(loaded?.warnings).toEqual([]);
  expect(loaded?.config).toMatchObject({
    timezone: 'America/New_York',
    database: { url: ENV.DATABASE_URL, migrate: 'auto' },
    sources: [
      {
        name: 'directory',
        authoritative: true,
        location: { kind: 'path', path: join(folder, 'identities.csv') },
        format: 'csv',
        columns: { email: 'Work E-mail' },
        minRows: 50,
        maxAgeMs: 93_600_000,
      },
      {
        name: 'nimble',
        access: { kind: 'token', token: 'nimble-token' },
        seatPrice: { amount: 24.9, currency: 'USD', per: 'month' },
      },
      { name: 'namely', baseUrl: 'https://acme.namely.com', events: true, concurrency: 4, requestsPerMinute: 90 },
      { name: 'nimbus', path: join(folder, 'nimbus-employees.csv'), sentinels: [], maxAgeMs: undefined },
    ],
    slack: { webhookUrl: ENV.SLACK_WEBHOOK_URL },
    http: { bind: '127.0.0.1', port: 8080, token: 'http-token', webhookSecrets: [] },
    shutdownGraceMs: 20_000,
  });
});

test('loads with no variable set, but for the tokens that it needs', () => {
  const { lines } = load({ yaml: EXAMPLE });
  expect(lines).toEqual([
    'rollcall.yaml:16:5 sources[1].token: is required, but NIMBLE_TOKEN has no value in the environment',
    'rollcall.yaml:23:5 sources[2].token: is required, but NAMELY_TOKEN has no value in the environment',
  ]);
});
