// What retention may remove. A row that anything still rests on stays, however old: each clause of "not" and each branch of
// `needed` says what that is.

/**
 * How far back versions of each source may be removed. `$1` the limit. What ended before the last complete full listing, and before the
 * listings that an open breaker compares, is measured against nothing any more; a source that was never read in full keeps everything.
 */
export const FLOORS = `
  select s.id as source_id, least($1::timestamptz, c.finished_at, b.finished_at) as floor
    from rollcall.source s
    join lateral (
         select r.finished_at from rollcall.sync_run r
          where r.source_id = s.id and r.mode = 'full' and r.verdict = 'complete' order by r.id desc limit 1) c on true
    left join lateral (
         select min(r.finished_at) as finished_at
           from rollcall.breaker k
           join rollcall.sync_run r on r.id in (k.run_id, (k.evidence ->> 'baseline_run')::bigint)
          where k.source_id = s.id and k.closed_at is null) b on true
   order by s.id`;

// Whom a leaver's finding names, on either side: `leaver_clock` reads their versions for as long as findings are kept.
const LEAVERS = `
  leaver as materialized (
    select f.source_id, f.account_id as external_id from rollcall.finding f where f.rule = 'leaver_account'
    union
    select f.identity_source_id, f.identity_id from rollcall.finding f where f.rule = 'leaver_account'
    union
    select s.id, o.row ->> 'external_id'
      from rollcall.finding f
     cross join lateral jsonb_array_elements(case jsonb_typeof(f.evidence #> '{identity,also}')
             when 'array' then f.evidence #> '{identity,also}' else '[]' end) as o (row)
      join rollcall.source s on s.name = o.row ->> 'source'
     where f.rule = 'leaver_account')`;

/**
 * Removes the oldest of a source's old versions. `$1` source, `$2` where the batch before ended, `$3` floor, `$4` how many. In the order in
 * which they ended, so that from the last of them on nothing is missing, also when it ends in the middle.
 */
export const REMOVE_VERSIONS = `
  with ${LEAVERS},
  doomed as (
    select v.external_id, v.from_run
      from rollcall.account_version v
     where v.source_id = $1 and v.valid_to >= $2::timestamptz and v.valid_to < $3::timestamptz
       -- The last version of a gone row is what the roster shows of it; one before a reuse is what a person decides by.
       and not exists (
           select from rollcall.account a
            where a.source_id = v.source_id and a.external_id = v.external_id
              and (a.version_run = v.from_run or a.reuse_before_run in (v.from_run, v.to_run)))
       and not exists (select from leaver l where l.source_id = v.source_id and l.external_id = v.external_id)
     order by v.valid_to limit $4),
  removed as (
    delete from rollcall.account_version v using doomed d
     where v.source_id = $1 and v.external_id = d.external_id and v.from_run = d.from_run
    returning v.valid_to)
  select count(*) as count, max(valid_to) as last from removed`;

/** Removes old runs of a source. `$1` source, `$2` the limit, `$3` how many, the oldest first. */
export const REMOVE_RUNS = `
  with needed as materialized (
    -- Versions name the runs between which they held.
    select from_run as id from rollcall.account_version where source_id = $1
    union
    select to_run from rollcall.account_version where source_id = $1
    union
    select reuse_before_run from rollcall.account where source_id = $1
    union
    -- A gone row was last seen by the complete listing before the one that missed it.
    select u.id
      from (select distinct v.to_run
              from rollcall.account a
              join rollcall.account_version v
                on v.source_id = a.source_id and v.external_id = a.external_id and v.from_run = a.version_run
             where a.source_id = $1 and a.gone_at is not null) g
     cross join lateral (
           select r.id from rollcall.sync_run r
            where r.source_id = $1 and r.mode = 'full' and r.verdict = 'complete' and r.id < g.to_run
            order by r.id desc limit 1) u
    union
    -- The last of each kind says how the source is, the very last one what the next digest follows from.
    select max(id) from rollcall.sync_run where source_id = $1 group by mode, verdict
    union
    select unnest(array[run_id, (evidence ->> 'baseline_run')::bigint]) from rollcall.breaker
     where source_id = $1 and closed_at is null
    union
    -- What the reports of a living finding rest on.
    select unnest(array[(v.value ->> 'run')::bigint, (v.value #>> '{delta,run}')::bigint])
      from (select distinct e.report_id from rollcall.finding f join rollcall.finding_event e on e.finding_id = f.id
             where f.status <> 'resolved') l
      join rollcall.drift_report d on d.id = l.report_id
     cross join lateral jsonb_each(d.verdicts) v),
  doomed as (
    select r.id from rollcall.sync_run r
     where r.source_id = $1 and r.finished_at < $2::timestamptz and not exists (select from needed n where n.id = r.id)
     order by r.id limit $3),
  removed as (
    delete from rollcall.sync_run r using doomed d where r.id = d.id returning r.id)
  select count(*) as count, max(id) as last from removed`;
