import type pg from 'pg';
import type { TrendDay } from '../../../ports/page.ts';

// `$1` how many days, `$2` the last report that counts. There is no index by time, and a year has a hundred thousand reports; but they end in
// the order of their ids. So the last one of each day is found by halving the range of ids: some 17 reads a day, not all of it. An id that is
// not there (a reconciliation that was rolled back took it) is passed over by looking at the next one.
// The limit at the end keeps thirty reads from being made into one of the whole table.
const TREND = `
  with recursive
  edge as (
    select (select min(id) from rollcall.drift_report) as low,
           coalesce($2::bigint, (select max(id) from rollcall.drift_report)) as high),
  last_day as (
    select (coalesce((select r.finished_at from rollcall.drift_report r where r.id = $2), now()) at time zone g.timezone)::date as day, g.timezone
      from rollcall.setting g),
  days as (
    select d.day::date as day, (d.day::date + 1)::timestamp at time zone l.timezone as ends
      from last_day l cross join lateral generate_series(l.day - ($1::int - 1), l.day, interval '1 day') as d (day)),
  search as (
    select d.day, d.ends, e.low, e.high, 0 as step from days d cross join edge e where e.low is not null
     union all
    select s.day, s.ends,
           case when m.finished_at < s.ends then m.id else s.low end,
           case when m.finished_at < s.ends then s.high else (s.low + s.high + 1) / 2 - 1 end,
           s.step + 1
      from search s
      left join lateral (
           select r.id, r.finished_at from rollcall.drift_report r
            where r.id between (s.low + s.high + 1) / 2 and s.high order by r.id limit 1) m on true
     where s.low < s.high and s.step < 64),
  found as materialized (select day, low as id from search where low >= high)
  select d.day, r.open, r.held, r.waived
    from days d
    left join found on found.day = d.day
    left join lateral (
         select l.open, l.held, l.waived from rollcall.drift_report l
          where l.id = found.id and l.finished_at < d.ends limit 1) r on true
   order by d.day`;

export async function loadTrend(
  pool: pg.Pool,
  days: number,
  untilReport: number | undefined,
): Promise<readonly TrendDay[]> {
  const { rows } = await pool.query<TrendDay>(TREND, [days, untilReport ?? null]);
  return rows;
}
