import type pg from 'pg';
import type { Explanation } from '../../core/views.ts';

/** An account has one link and few denials; more than these were not said by people. */
const DENIED_MAX = 50;

/** To whom the account of a finding is linked, by which rule or by whom. */
export async function loadLink(pool: pg.Pool, findingId: number): Promise<Explanation['link']> {
  const { rows } = await pool.query<NonNullable<Explanation['link']>>(
    `select l.rule, l.created_at as since, l.evidence, l.author, l.reason,
            i.name as identity_source, l.identity_external_id as identity_id
       from rollcall.finding f
       join rollcall.link l on l.source_id = f.source_id and l.external_id = f.account_id and l.rule <> 'denied'
       join rollcall.source i on i.id = l.identity_source_id
      where f.id = $1`,
    [findingId],
  );
  return rows[0] ?? null;
}

/** To whom it is never linked, because a person said so. */
export async function loadDenied(pool: pg.Pool, findingId: number): Promise<Explanation['denied']> {
  const { rows } = await pool.query<Explanation['denied'][number]>(
    `select i.name as identity_source, l.identity_external_id as identity_id, l.created_at as since, l.author, l.reason
       from rollcall.finding f
       join rollcall.link l on l.source_id = f.source_id and l.external_id = f.account_id and l.rule = 'denied'
       join rollcall.source i on i.id = l.identity_source_id
      where f.id = $1
      order by l.created_at, i.name, l.identity_external_id limit ${DENIED_MAX}`,
    [findingId],
  );
  return rows;
}
