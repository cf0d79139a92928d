import type pg from 'pg';

// A company of any size, written straight into the tables: what the page reads is the point here, not how it came there.

export type PageCompany = {
  readonly accounts: number;
  readonly findings: number;
  readonly resolved: number;
  readonly reports: number;
};
export const LARGE: PageCompany = { accounts: 100_000, findings: 5_000, resolved: 20_000, reports: 9_000 };

/** The last report is of this moment, and by the server's clock of any other no source is too old. */
const AT = "timestamptz '2026-11-21 09:00:05+00'";
const GIVEN = `array['Ada','Bo','Chidi','Dora','Emil','Fatima','Goran','Hana','Ivo','June','Kofi','Lena','Zoë']`;
const FAMILY = `array['Abbott','Berg','Castro','Dvořák','Eze','Fischer','Garcia','Haddad','Ito','Jones','O''Neil']`;
const name = (list: string, n: string): string => `(${list})[1 + (${n}) % array_length(${list}, 1)]`;
const NAME = `${name(GIVEN, 'n')} || ' ' || ${name(FAMILY, 'n / 13')}`;

/** Directory (1), nimble (2) and namely (3): the same people in each; findings of nimble and namely in turn. */
export async function fillCompany(pool: pg.Pool, company: PageCompany): Promise<void> {
  const { accounts, findings, resolved, reports } = company;
  for (const statement of [
    SOURCES,
    `update rollcall.source set seat_amount = 24.90, seat_currency = 'USD', seat_per = 'month' where name = 'nimble'`,
    runs(accounts),
    ...[1, 2, 3].flatMap((source) => rosters(source, source === 1 ? accounts : Math.floor(accounts / 2))),
    links(Math.floor(accounts / 2)),
    reportRows(reports, findings),
    findingRows(findings + resolved, findings),
    `insert into rollcall.finding_event (finding_id, at, event, report_id, detail)
     select id, first_detected_at, 'opened', report_id, '{}' from rollcall.finding`,
    `insert into rollcall.rule_state (source_id, rule, baseline_report_id, last_report_id)
     select s.source, r.rule, 1, ${reports} from (values (2), (3)) s (source), (select distinct rule from rollcall.finding) r`,
  ]) {
    await pool.query(statement);
  }
  await pool.query('vacuum analyze');
}

const SOURCES = `
  insert into rollcall.source (name, type, authoritative, audited, rank, key_digest, max_age_ms, created_at)
  values ('directory', 'file', true, false, 0, 'k', null, ${AT}), ('nimble', 'nimble', false, false, 1, 'k', null, ${AT}),
         ('namely', 'namely', false, false, 2, 'k', null, ${AT})`;

/** A full listing each quarter of an hour, a month of them. */
function runs(accounts: number): string {
  return `
  insert into rollcall.sync_run (source_id, mode, endpoint, parameters, pages, requests, rows_seen, rows_without_id, distinct_ids, declared_total,
         present_usable, verdict, warnings, started_at, finished_at, as_of, rows_changed, rows_gone, listing_digest, digest)
  select s, 'full', '/', '{}', 50, 50, c.rows, 0, c.rows, case when s > 1 then c.rows end, c.rows, 'complete', '{}',
         at - interval '40 s', at, at, case when n % 7 = 0 then 2 else 0 end, 0, 'd', 'd'
    from generate_series(1, 2880) n cross join generate_series(1, 3) s
   cross join lateral (select case s when 1 then ${accounts} else ${Math.floor(accounts / 2)} end as rows) c
   cross join lateral (select ${AT} - (2880 - n) * interval '15 min' as at) t
   order by n, s`;
}

function rosters(source: number, rows: number): readonly string[] {
  return [
    `insert into rollcall.account (source_id, external_id, content_hash, version_run, status, kind, privileged, first_seen_at)
     select ${source}, 'id-' || n, 'x', ${source}, 'active', 'human', false, ${AT} - interval '90 days' from generate_series(1, ${rows}) n`,
    `insert into rollcall.account_version (source_id, external_id, from_run, valid_from, email, aliases, display_name, status, kind, privileged, flags, content_hash)
     select ${source}, 'id-' || n, ${source}, ${AT} - interval '90 days', 'person.' || n || '@example.com', '{}', ${NAME}, 'active', 'human', false, '{}', 'x'
       from generate_series(1, ${rows}) n`,
    `insert into rollcall.account_key (source_id, external_id, kind, key)
     select ${source}, 'id-' || n, 'email', 'person.' || n || '@example.com' from generate_series(1, ${rows}) n`,
  ];
}

function links(rows: number): string {
  return `
  insert into rollcall.link (source_id, external_id, identity_source_id, identity_external_id, rule, evidence, created_at)
  select s, 'id-' || n, 1, 'id-' || n, 'email', '{}', ${AT} - interval '90 days' from generate_series(1, ${rows}) n, generate_series(2, 3) s`;
}

function reportRows(reports: number, findings: number): string {
  return `
  insert into rollcall.drift_report (started_at, finished_at, verdicts, withheld, opened, reopened, resolved, undecided, open, held, waived, baseline)
  select at - interval '3 s', at, '{}', '[]', 2, 0, 1, 0, greatest(0, ${findings} - (${reports} - n) * ${findings} / (${reports} * 2)), 0, 0, '{}'
    from generate_series(1, ${reports}) n cross join lateral (select ${AT} - (${reports} - n) * interval '5 min' as at) t order by n`;
}

const RULE = `(array['leaver_account','orphaned_account','duplicate_account','attribute_mismatch','dormant_account'])[1 + n % 5]`;
const SEVERITY = `case when n % 5 < 2 then case when n % 50 < 2 then 'critical' else 'high' end when n % 5 = 2 then 'medium' else 'low' end`;

function findingRows(all: number, live: number): string {
  return `
  insert into rollcall.finding (fingerprint, source_id, rule, subject, severity, status, account_id, account_email, account_name, identity_source_id,
         identity_id, identity_email, summary, evidence, charge_digest, first_detected_at, opened_at, resolved_at, resolution, report_id)
  select f.source || ':' || f.rule || ':id-' || n, f.source, f.rule, 'id-' || n, f.severity, case when f.is_live then 'open' else 'resolved' end,
         'id-' || n, 'person.' || n || '@example.com', ${NAME}, case when f.rule <> 'orphaned_account' then 1 end,
         case when f.rule <> 'orphaned_account' then 'id-' || n end, case when f.rule <> 'orphaned_account' then 'person.' || n || '@example.com' end,
         f.summary, case when f.rule = 'leaver_account' then jsonb_build_object('left_on', (at - interval '1 day')::date, 'left_by', 'end_date') else '{}' end,
         'd', at, at, case when not f.is_live then at + interval '2 days' end, case when not f.is_live then 'access removed' end, 1
    from generate_series(1, ${all}) n
   cross join lateral (select ${AT} - (n % 60) * interval '26 h' - interval '20 min' as at) t
   cross join lateral (select 2 + n % 2 as source, ${RULE} as rule, ${SEVERITY} as severity, n > ${all - live} as is_live,
         'The account of ' || ${NAME} || ' is not as it should be.' as summary) f`;
}
