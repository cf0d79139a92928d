import { describe, expect, test } from 'vitest';
import { load, loadWell } from './folder.ts';

const YAML = `timezone: America/New_York
database: { url: "\${DATABASE_URL}" }
sources:
  - { name: directory, type: file, authoritative: true, path: ./identities.csv }
  - { name: nimble, type: nimble, token: "\${NIMBLE_TOKEN}" }
  - { name: namely, type: namely, company: acme, oauth: { clientId: a, clientSecret: "\${NAMELY_SECRET}" } }
  - { name: hr, type: sql, url: "\${HR_URL}", query: select 1 as id }
slack: { webhookUrl: "\${SLACK_WEBHOOK_URL}" }
http: { bind: 0.0.0.0, token: "\${ROLLCALL_HTTP_TOKEN}" }
serviceAccounts: [{ source: nimble, account: robot, owner: jane@example.com }]
`;
const DATABASE_URL = 'postgres://reader@db.example.com/rollcall';

describe('what asks the database alone', () => {
  test('needs its address, and nothing of vendors, Slack or the page', () => {
    const { config } = loadWell({ yaml: YAML, env: { DATABASE_URL }, needs: 'database' });
    expect(config.database.url).toBe(DATABASE_URL);
    expect(config.timezone).toBe('America/New_York');
    expect(config.policy.serviceAccounts).toHaveLength(1);
    expect(config.sources.map(({ name }) => name)).toEqual(['directory']);
  });

  test('may be without any source that has its variables, and without a file', () => {
    const yaml = 'sources: [{ name: nimble, type: nimble, token: "${NIMBLE_TOKEN}" }]';
    expect(loadWell({ yaml, needs: 'database' }).config.sources).toEqual([]);
    for (const env of [{ DATABASE_URL }, { DATABASE_URL, NAMELY_COMPANY: 'acme' }]) {
      expect(loadWell({ env, needs: 'database' }).config.database.url).toBe(DATABASE_URL);
    }
    expect(load({ needs: 'database' }).lines).toEqual([expect.stringContaining('nothing is configured')]);
  });

  const faults: readonly [string, string, RegExp][] = [
    ['a key that is misspelt', YAML.replace('timezone', 'timezon'), /rollcall\.yaml:1:1 timezon: unknown key/],
    ['a source that has its variables', YAML.replace('path: ./identities.csv', 'path: ./identities'), /:4:\d+ .*path/],
    ['a variable that is its own', YAML.replace('jane@example.com', '"${OWNER}"'), /owner.*OWNER has no value/],
    ['a token that is missing, and not for a variable', YAML.replace(', token: "${NIMBLE_TOKEN}"', ''), /\.token/],
  ];
  test.each(faults)('is told of %s', (_name, yaml, expected) => {
    expect(load({ yaml, env: { DATABASE_URL }, needs: 'database' }).lines).toEqual([expect.stringMatching(expected)]);
  });

  test('and everything else needs them still', () => {
    const { lines } = load({ yaml: YAML, env: { DATABASE_URL } });
    expect(lines.join('\n')).toMatch(/NIMBLE_TOKEN[^]*NAMELY_SECRET[^]*HR_URL/);
  });
});
