import type pg from 'pg';
import type { ClockRow } from '../../../ports/page.ts';

// An account has one finding of this rule at most, so that source and account name it. Without these conditions the view makes the
// clock of everybody who ever left.
const CLOCK = `
  select source, account_id, left_on, access_removed_at, hours_exposed, breach from rollcall.leaver_clock
   where source = any ($1::text[]) and account_id = any ($2::text[])
   order by breach desc, hours_exposed desc, source, account_id`;

export async function loadClock(
  pool: pg.Pool,
  accounts: readonly { readonly source: string; readonly accountId: string }[],
): Promise<readonly ClockRow[]> {
  if (accounts.length === 0) return [];
  const { rows } = await pool.query<ClockRow>(CLOCK, [
    [...new Set(accounts.map(({ source }) => source))],
    accounts.map(({ accountId }) => accountId),
  ]);
  const asked = new Set(accounts.map(({ source, accountId }) => JSON.stringify([source, accountId])));
  return rows.filter((row) => asked.has(JSON.stringify([row.source, row.account_id])));
}
