import type pg from 'pg';
import type { TrendDay } from '../../../ports/page.ts';

// `$1` how many days, `$2` the last report that counts. A look by index `drift_report_by_time` for each day, and not one pass over a month of
// reports. A day without a report is as the last one before it; of two reports of one moment the later one counts.
const TREND = `
  with last_day as (
    select (coalesce((select r.finished_at from rollcall.drift_report r where r.id = $2), now()) at time zone g.timezone)::date as day, g.timezone
      from rollcall.setting g),
  days as (
    select d.day::date as day, (d.day::date + 1)::timestamp at time zone l.timezone as ends
      from last_day l cross join lateral generate_series(l.day - ($1::int - 1), l.day, interval '1 day') as d (day))
  select d.day, r.open, r.held, r.waived
    from days d
    left join lateral (
         select l.open, l.held, l.waived from rollcall.drift_report l
          where l.finished_at < d.ends and ($2::bigint is null or l.id <= $2)
          order by l.finished_at desc, l.id desc limit 1) r on true
   order by d.day`;

export async function loadTrend(
  pool: pg.Pool,
  days: number,
  untilReport: number | undefined,
): Promise<readonly TrendDay[]> {
  const { rows } = await pool.query<TrendDay>(TREND, [days, untilReport ?? null]);
  return rows;
}
