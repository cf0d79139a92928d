import type pg from 'pg';
import type { Instant } from '../../../core/row.ts';
import type { FindingLine } from '../../../core/views.ts';
import type { LiveCount, PageReader } from '../../../ports/page.ts';

// What lives is in index `finding_listed`, in groups and in each by id: counted from the index alone, and read from where a page begins. What is
// resolved is not looked at, however much of it there is. The condition of the index stands in each statement: only then is it used.

// Not by view `drift_findings`: to make its columns, evidence is read that no list shows. An owner of a token has a name nowhere else.
const LINE = `
  f.id, s.name as source, f.rule, f.severity, f.status, f.account_id, f.account_email, f.account_name, f.identity_id, f.identity_email,
  f.summary, case f.rule when 'credential_owner_at_risk' then f.evidence else '{}' end as evidence, f.first_detected_at`;

export async function countLive(pool: pg.Pool, until: Instant | undefined): Promise<readonly LiveCount[]> {
  const { rows } = await pool.query<LiveCount>(
    `select c.severity, c.rule, s.name as source, c.status, c.findings
       from (select f.severity, f.rule, f.source_id, f.status, count(*) as findings from rollcall.finding f
              where f.status <> 'resolved' and ($1::timestamptz is null or f.first_detected_at <= $1)
              group by f.severity, f.rule, f.source_id, f.status) c
       join rollcall.source s on s.id = c.source_id`,
    [until ?? null],
  );
  return rows;
}

export async function countPeople(pool: pg.Pool): Promise<number> {
  const { rows } = await pool.query<{ people: number }>(
    `select count(*) as people
       from (select distinct f.identity_source_id, f.identity_id from rollcall.finding f
              where f.rule = 'leaver_account' and f.status = 'open') p`,
  );
  return rows[0]?.people ?? 0;
}

export async function countPassed(
  pool: pg.Pool,
  { severity, rule, source, status, id }: Parameters<PageReader['passed']>[0],
  until: Instant | undefined,
): Promise<number> {
  const { rows } = await pool.query<{ passed: number }>(
    `select count(*) as passed from rollcall.finding f
      where f.status <> 'resolved' and f.severity = $1 and f.rule = $2 and f.status = $4 and f.id <= $5
        and f.source_id = (select s.id from rollcall.source s where s.name = $3)
        and ($6::timestamptz is null or f.first_detected_at <= $6)`,
    [severity, rule, source, status, id, until ?? null],
  );
  return rows[0]?.passed ?? 0;
}

export async function loadList(
  pool: pg.Pool,
  groups: Parameters<PageReader['list']>[0],
  until: Instant | undefined,
): Promise<readonly FindingLine[]> {
  const { rows } = await pool.query<FindingLine>(
    `select ${LINE}
       from unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::bigint[], $6::int[])
            as g (severity, rule, source, status, after, rows)
       join rollcall.source s on s.name = g.source
      cross join lateral (
            select f.* from rollcall.finding f
             where f.status <> 'resolved' and f.severity = g.severity and f.rule = g.rule and f.source_id = s.id
               and f.status = g.status and f.id > g.after and ($7::timestamptz is null or f.first_detected_at <= $7)
             order by f.id limit g.rows) f`,
    [
      groups.map(({ severity }) => severity),
      groups.map(({ rule }) => rule),
      groups.map(({ source }) => source),
      groups.map(({ status }) => status),
      groups.map(({ after }) => after),
      groups.map(({ limit }) => limit),
      until ?? null,
    ],
  );
  return rows;
}

/** By index `finding_leaver`. */
export async function loadFirstLeavers(pool: pg.Pool, limit: number): Promise<readonly FindingLine[]> {
  const { rows } = await pool.query<FindingLine>(
    `select ${LINE} from rollcall.finding f join rollcall.source s on s.id = f.source_id
      where f.rule = 'leaver_account' and f.status in ('open', 'held') order by f.evidence ->> 'left_on', f.id limit $1`,
    [limit],
  );
  return rows;
}
