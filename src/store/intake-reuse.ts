import type pg from 'pg';
import type { Run } from './intake-apply.ts';
import { HAD_ADDRESS } from './intake-count.ts';
import type { IntakeKey } from './intake-stage.ts';

// Contract §6, `reused_account`, is noticed here, where the old and the new version are both at hand; only rows that have just been written are
// looked at. What is marked is a suspicion: the core folds the names and decides (core/reuse.ts), and a person has the last word.
// Parameters: $1 source, $2 epoch, $3 run, $4 the run since which ids mean what they mean now.
const STAGED = 'r.source_id = $1 and r.epoch = $2';

/** The last version before this run that had an address: one without any in between proves nothing. */
const BEFORE = `
  select v.from_run, v.to_run, v.given_name, v.aliases || v.email as addresses
    from rollcall.account_version v
   where v.source_id = $1 and v.external_id = r.external_id and v.from_run < $3::bigint and ${HAD_ADDRESS}
   order by v.from_run desc limit 1`;

/** Both have an address, and none in common. */
const IS_FOUND_ELSEWHERE = `
  r.key_kinds && array['email', 'alias']
  and not exists (select from unnest(r.key_kinds, r.keys) as n (kind, key)
                   where n.kind <> 'employee_id' and n.key = any (b.addresses))`;

// A mark stays until somebody has decided: what comes later is compared with the same version. Names that are equal are equal when
// folded too, so a company that changes its domain marks nobody; an absent name is no difference.
const MARK_REUSED = `
  update rollcall.account a set reuse_before_run = b.from_run
    from rollcall.stage_row r
   cross join lateral (${BEFORE}) b
   where ${STAGED} and a.source_id = $1 and a.external_id = r.external_id and a.reuse_before_run is null
     and ${IS_FOUND_ELSEWHERE} and b.given_name <> r.given_name and b.to_run > $4::bigint`;

// An e-mail that this row did not have before, and that another row has had and has no more, which is present. After the new keys are
// written, so that an e-mail which became an alias counts as kept. Of several the one that changed last.
// Who had one of these e-mails is looked up first, and kept: mostly nobody. Worked into the update, a new roster without statistics was
// compared with itself again and again (32 million rows for a listing of 400).
const MARK_MOVED = `
  with gained as materialized (
         select r.external_id, r.email, k.external_id as other_id
           from rollcall.stage_row r
           join rollcall.former_key k
             on k.key = r.email and k.kind = 'email' and k.source_id = $1 and k.external_id <> r.external_id
          where ${STAGED}),
  moved as (
         select distinct on (g.external_id) g.external_id, o.external_id as other_id
           from gained g
           join rollcall.account o on o.source_id = $1 and o.external_id = g.other_id and o.gone_at is null
          where not exists (select from rollcall.account_key h
                             where h.source_id = $1 and h.external_id = g.other_id and h.key = g.email
                               and h.kind in ('email', 'alias'))
            and exists (select from rollcall.account_version v
                         where v.source_id = $1 and v.external_id = g.other_id and v.email = g.email
                           and v.to_run > $4::bigint)
            and not exists (
                select from (select v.email from rollcall.account_version v
                              where v.source_id = $1 and v.external_id = g.external_id and v.from_run < $3::bigint
                              order by v.from_run desc limit 1) p
                 where p.email = g.email)
          order by g.external_id, o.version_run desc, o.external_id)
  update rollcall.account a set moved_from = m.other_id
    from moved m where a.source_id = $1 and a.external_id = m.external_id`;

// Under other key settings an id may be another person's by chance. Nobody has changed, so nothing is marked; but the links of whoever had the
// id are not those of whoever has it now, unless the name says that it is the same person. As for ids that are no more (intake-apply.ts), what a person pinned or denied stays.
const FORGET_LINKS = `
  with other as (
    select r.external_id from rollcall.stage_row r cross join lateral (${BEFORE}) b where ${STAGED} and ${IS_FOUND_ELSEWHERE}
       and (b.given_name = r.given_name) is not true)
  delete from rollcall.link l using other o
   where l.rule not in ('pinned', 'denied')`;
const FORGET = [
  `${FORGET_LINKS} and l.source_id = $1 and l.external_id = o.external_id`,
  `${FORGET_LINKS} and l.identity_source_id = $1 and l.identity_external_id = o.external_id`,
];

// The first complete listing after the last released change of key settings; 0 where they never changed, NULL where it is still to come:
// rows are written also while nobody has released the change.
const KNOWN_SINCE = `
  select case when b.changes = 0 then 0
              when b.open = 0
              then (select min(r.id) from rollcall.sync_run r
                     where r.source_id = $1 and r.mode = 'full' and r.verdict = 'complete' and r.finished_at > b.closed_at)
         end as since
    from (select count(*) as changes, count(*) filter (where closed_at is null) as open, max(closed_at) as closed_at
            from rollcall.breaker where source_id = $1 and kind = 'baseline') b`;

/** Marks rows whose id, or whose e-mail, seems to have come from somebody else. After the versions and keys of this run are written. */
export async function markReuse(client: pg.PoolClient, key: IntakeKey, run: Run): Promise<void> {
  const { rows } = await client.query<{ since: number | null }>(KNOWN_SINCE, [key.sourceId]);
  const since = rows[0]?.since ?? undefined;
  const asked = [key.sourceId, key.epoch, run.id];
  if (since === undefined) for (const statement of FORGET) await client.query(statement, asked);
  else for (const statement of [MARK_REUSED, MARK_MOVED]) await client.query(statement, [...asked, since]);
}
