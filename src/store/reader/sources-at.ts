import type pg from 'pg';
import { SEAT_RULES } from '../../core/seats.ts';
import type { ListingRow, PastSourceRow } from '../../core/views.ts';
import { type LedgerMoment, THEN } from './findings-at.ts';

// `$1` report, `$2` moment. The runs of then, and what the report says of those that retention has removed since. A hint in order
// has read a few rows, and is no listing.
const LISTING = `
  listing as (
    select r.source_id, r.id, r.mode, r.verdict, r.reason, r.distinct_ids, r.declared_total, r.finished_at, r.as_of
      from rollcall.sync_run r
     where r.finished_at <= $2::timestamptz and (r.mode <> 'hint' or r.verdict = 'suspicious')
    union all
    select s.id, x.run, x.mode, x.verdict, x.reason, x.rows, x.declared, x.as_of, x.as_of
      from rollcall.drift_report d
     cross join lateral jsonb_each(d.verdicts) v
      join rollcall.source s on s.name = v.key
     cross join lateral (
           select 'full' as mode, f.* from jsonb_to_record(v.value) as f (
             run bigint, verdict text, reason text, rows integer, declared integer, as_of timestamptz)
           union all
           select 'delta', f.* from jsonb_to_record(nullif(v.value -> 'delta', 'null')) as f (
             run bigint, verdict text, reason text, rows integer, declared integer, as_of timestamptz)) x
     where d.id = $1::bigint and x.run is not null and not exists (select from rollcall.sync_run r where r.id = x.run))`;

const LAST = `
  latest as (
    select distinct on (source_id) * from listing order by source_id, id desc)`;

/** View `source_health` as it was: of the sources that were configured then, under the names that they have now. */
export async function sourcesAt(pool: pg.Pool, { reportId, at }: LedgerMoment): Promise<readonly PastSourceRow[]> {
  const { rows } = await pool.query<PastSourceRow>(
    `${THEN}, ${LISTING}, ${LAST},
     complete as (
       select distinct on (source_id) * from listing
        where mode = 'full' and verdict = 'complete' order by source_id, id desc)
     select s.name as source, s.type, s.authoritative, c.finished_at as last_complete_at, l.verdict as last_verdict,
            c.as_of is null or coalesce(c.finished_at <= n.released_at, false)
              or coalesce(c.as_of + s.max_age_ms * interval '1 millisecond' <= $2::timestamptz, false) as stale,
            b.kinds as breaker,
            -- Not a figure of what is left, where versions of then have been removed.
            case when k.versions_since > $2::timestamptz then null
                 else (select count(*) from rollcall.account_version a
                        where a.source_id = s.id and a.valid_from <= $2::timestamptz
                          and (a.valid_to is null or a.valid_to > $2::timestamptz))::integer end as accounts,
            (select count(*) from was f where f.source_id = s.id and f.status = 'open')::integer as open_findings,
            t.cost as seat_cost_at_risk, s.seat_currency, t.seats as seats_at_risk,
            null::integer as forgotten_usable
       from rollcall.source s
       left join latest l on l.source_id = s.id
       left join complete c on c.source_id = s.id
       left join rollcall.kept_history k on k.source_id = s.id
       left join lateral (
            select max(o.closed_at) as released_at from rollcall.breaker o
             where o.source_id = s.id and o.kind = 'baseline' and o.released and o.closed_at <= $2::timestamptz) n on true
       left join lateral (
            select string_agg(o.kind, ', ' order by o.kind) as kinds from rollcall.breaker o
             where o.source_id = s.id and o.tripped_at <= $2::timestamptz
               and (o.closed_at is null or o.closed_at > $2::timestamptz)) b on true
       left join lateral (
            -- Of the accounts of then, at the prices of now.
            select n.seats, case s.seat_per when 'month' then s.seat_amount * n.seats
                                 when 'year' then round(s.seat_amount * n.seats / 12, greatest(2, scale(s.seat_amount))) end as cost
              from (select count(distinct f.account_id)::integer as seats
                      from was f
                      join rollcall.account_version a
                        on a.source_id = f.source_id and a.external_id = f.account_id and a.valid_from <= $2::timestamptz
                       and (a.valid_to is null or a.valid_to > $2::timestamptz)
                     where f.source_id = s.id and f.status = 'open' and f.rule = any ($3::text[])
                       and a.status in ('active', 'unknown') and not (s.type = 'nimbus' and a.kind = 'service')) n
             where k.versions_since is null or k.versions_since <= $2::timestamptz) t on true
      where s.created_at <= $2::timestamptz and (s.retired_at is null or s.retired_at > $2::timestamptz)
      order by s.authoritative desc, s.name`,
    [reportId, at, SEAT_RULES],
  );
  return rows;
}

/** The last listing of each of these sources then. */
export async function listingsAt(pool: pg.Pool, { reportId, at }: LedgerMoment): Promise<readonly ListingRow[]> {
  const { rows } = await pool.query<ListingRow>(
    `with ${LISTING}, ${LAST}
     select s.name as source, l.verdict, l.distinct_ids, l.declared_total
       from latest l join rollcall.source s on s.id = l.source_id
      where s.retired_at is null or s.retired_at > $2::timestamptz
      order by s.name`,
    [reportId, at],
  );
  return rows;
}
