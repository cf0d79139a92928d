import { expect } from 'vitest';
import { onMembers } from './faults.ts';
import type { Scenario, Seen } from './scenario.ts';

// Case 97: the webhook's URL is a secret as a whole. An empty Nimble makes a message to send.

export const SLACK_CASES: readonly Scenario[] = [429, 500, 404].map((code) => ({
  number: 97,
  injected: `Slack answers ${code}: its URL is in no log, table or message`,
  faults: [
    { id: 'slack', match: { vendor: 'slack' as const }, effect: { kind: 'status' as const, status: code } },
    onMembers({ kind: 'empty' }),
  ],
  clients: { slack: true },
  verdicts: { nimble: 'suspicious' as const },
  tells: true,
  also: expectNoWebhook,
}));

async function expectNoWebhook({ company }: Seen): Promise<void> {
  const secret = new URL(company.sandbox.slackUrl).pathname.slice('/slack'.length);
  expect(company.told.join('\n')).not.toContain(secret);
  const tables = await company.query<{ name: string }>(
    `select format('%I.%I', schemaname, tablename) as name from pg_tables
      where schemaname not in ('pg_catalog', 'information_schema')`,
  );
  for (const { name } of tables) {
    const rows = await company.query<{ row: string }>(`select t::text as row from ${name} t`);
    const telling = rows.filter(({ row }) => row.includes(secret));
    expect(telling, `rows of ${name}`).toEqual([]);
  }
}
