import type { PlainDate } from '../../core/row.ts';
import { analyze, ANALYZE_ROWS_MIN } from '../analyze.ts';
import { SHARE_MAX } from './scope.ts';
import { authorityIds, judgedIds, type ReconcileContext } from './context.ts';

// What `classify` would decide by rule 4 of contract §4 for an account without a history, said for all of them at once: nearly
// every account of a first load is linked here, and only the rest streams through the program.
// Left to the cases: any account with a link row, whatever its rule (a denied pair changes who is a candidate); sources that
// correlate by employee id first; accounts that were disputed, or whose id may be somebody else's now; two or more identity rows with the address, also when they may
// be one person; and an identity that has left, where any other row shares a key with the account: the same person may be there under
// that. Gone identities are counted: an account of somebody who left long ago is a leaver's, not an orphan.
// NULL-safe: `account_key` holds no NULL, and the anti-join is on the link's key.
// Who has no link is settled first, and kept: the planner joined the keys of every account before it looked at the links, and a
// reconciliation that had nothing to link spent a third of its time here.
// Who has left is asked of each identity by itself: as a list to join, it takes a fifth less time, and hours where the planner takes it for empty.
const LINK = `
  with unlinked as materialized (
       select u.source_id, u.external_id
         from rollcall.account u
        where u.source_id = any ($1::int[]) and u.gone_at is null and not u.disputed
          and u.reuse_before_run is null and not exists (
              select from rollcall.link l where l.source_id = u.source_id and l.external_id = u.external_id)),
       plain as (
       select u.source_id, u.external_id, min(i.source_id) as identity_source_id,
              min(i.external_id) as identity_external_id, min(k.key) as email
         from unlinked u
         join rollcall.account_key k on k.source_id = u.source_id and k.external_id = u.external_id and k.kind = 'email'
         join rollcall.account_key i
           on i.key = k.key and i.kind = 'email' and i.source_id = any ($2::int[]) and i.source_id <> u.source_id
        group by u.source_id, u.external_id
       having count(*) = 1)
  insert into rollcall.link
         (source_id, external_id, identity_source_id, identity_external_id, rule, evidence, created_at)
  select p.source_id, p.external_id, p.identity_source_id, p.identity_external_id, 'email',
         jsonb_build_object('email', p.email), now()
    from plain p
   where not exists (
         select from rollcall.account g
          where g.source_id = p.identity_source_id and g.external_id = p.identity_external_id
            and (g.gone_at is not null or g.status = 'inactive' or g.end_date < $3::date)
            and exists (
                select from rollcall.account_key k
                  join rollcall.account_key o
                    on o.key = k.key and o.source_id = any ($2::int[]) and o.source_id <> k.source_id
                 where k.source_id = p.source_id and k.external_id = p.external_id
                   and (o.source_id, o.external_id) <> (p.identity_source_id, p.identity_external_id)))
   -- In the order of two of the three indexes: a first load fills their pages once.
   order by p.source_id, p.external_id`;

// By about how many accounts the last complete listing had, and how many links there are: at little cost, and where it is wrong the cases are many. Where
// no such listing is known, all may be without. `$2` whose cases decide about links.
const WHERE_IN_ONE = `
  select s.id
    from rollcall.source s
    left join lateral (
         select present_usable from rollcall.sync_run
          where source_id = s.id and mode = 'full' and verdict = 'complete' order by id desc limit 1) r on true
    cross join lateral (
         select count(*) as links from rollcall.link where source_id = s.id and rule <> 'denied') l
   where s.id = any ($1::int[])
     and (s.id <> all ($2::int[]) or coalesce(r.present_usable - l.links > $3::float8 * r.present_usable, true))`;

/**
 * Links accounts whose e-mail is that of exactly one identity row and that have no history; returns how many. A few of a source in `byCases` are
 * left: they are cases anyway.
 */
export async function linkPlain(
  context: ReconcileContext,
  today: PlainDate,
  byCases: readonly number[] = [],
): Promise<number> {
  const byEmail = judgedIds({ ...context, sources: context.sources.filter((source) => !source.correlateEmployeeId) });
  const { rows } = await context.client.query<{ id: number }>(WHERE_IN_ONE, [byEmail, byCases, SHARE_MAX]);
  if (rows.length === 0) return 0;
  const { rowCount } = await context.client.query(LINK, [rows.map(({ id }) => id), authorityIds(context), today]);
  const linked = rowCount ?? 0;
  // A planner that takes the table for empty reads all of it for each batch of cases.
  if (linked >= ANALYZE_ROWS_MIN) await analyze(context.client, 'links');
  return linked;
}
