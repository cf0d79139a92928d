import type pg from 'pg';
import type { ClockRow } from '../../../ports/page.ts';

export async function loadClock(pool: pg.Pool, findingIds: readonly number[]): Promise<readonly ClockRow[]> {
  if (findingIds.length === 0) return [];
  const { rows } = await pool.query<ClockRow>(
    `select finding_id, source, account_id, left_on, access_removed_at, hours_exposed, breach
       from rollcall.leaver_clock where finding_id = any ($1::bigint[])
      order by breach desc, hours_exposed desc, source, account_id`,
    [findingIds],
  );
  return rows;
}
