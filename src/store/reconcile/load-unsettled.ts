import type { IdentityRow } from '../../core/case.ts';
import { authorityIds, type ReconcileContext } from './context.ts';
import { toArrays } from './roster-row.ts';

type Asked = { readonly sourceId: number; readonly rows: readonly IdentityRow[]; readonly at: number };

// Present accounts in the application that share a key with a row of the person, as rules 3 to 5 of contract §4 compare keys, and are linked to
// nobody of a list that counts today: they are disputed. Not those of which a person has said that they are not this one's.
const UNSETTLED = `
  with person as (
       select * from unnest($1::int[], $2::int[], $3::int[], $4::text[]) as p (at, application, source_id, external_id))
  select distinct p.at
    from person p
    join rollcall.account_key i on i.source_id = p.source_id and i.external_id = p.external_id
    join rollcall.account_key k on k.key = i.key and k.source_id = p.application
    join rollcall.source s on s.id = k.source_id
    join rollcall.account a on a.source_id = k.source_id and a.external_id = k.external_id and a.gone_at is null
   where case when k.kind = 'employee_id' then i.kind = 'employee_id' and s.correlate_employee_id
              else i.kind in ('email', 'alias') end
     and not exists (
         select from rollcall.link l
          where l.source_id = a.source_id and l.external_id = a.external_id and l.rule <> 'denied'
            and l.identity_source_id = any ($5::int[]))
     and not exists (
         select from rollcall.link d
           join person o
             on o.at = p.at and o.source_id = d.identity_source_id and o.external_id = d.identity_external_id
          where d.source_id = a.source_id and d.external_id = a.external_id and d.rule = 'denied')`;

/** The positions of those who may own an account there that is linked to nobody yet. */
export async function loadUnsettled(context: ReconcileContext, asked: readonly Asked[]): Promise<ReadonlySet<number>> {
  const people = asked.flatMap(({ sourceId, rows, at }) => rows.map(({ ref }) => ({ sourceId, ref, at })));
  if (people.length === 0) return new Set();
  const { rows } = await context.client.query<{ at: number }>(UNSETTLED, [
    people.map((each) => each.at),
    people.map((each) => each.sourceId),
    ...toArrays(people.map((each) => each.ref)),
    authorityIds(context),
  ]);
  return new Set(rows.map((row) => row.at));
}
