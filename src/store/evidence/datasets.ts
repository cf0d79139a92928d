import { HASHED_FIELDS, RUN_FACTS } from '../../core/evidence-facts.ts';
import { FINDING_COLUMNS } from '../reader/columns.ts';

/** One table of the evidence. `$1`, `$2`: the last moments before and of the period; each statement uses both. */
export type Statement = { readonly name: string; readonly columns: readonly string[]; readonly text: string };

const list = (columns: string): readonly string[] => columns.split(',').map((column) => column.trim());

// From the last complete full listing before the period on: what the roster at its start is proved by. `parameters` as text with sorted keys,
// as the digest has them.
const RUNS = `
  select r.id, r.source_id, s.name as source, r.mode, r.endpoint,
         (select '{' || coalesce(string_agg(to_json(p.key)::text || ':' || p.value::text, ',' order by p.key collate "C"), '') || '}'
            from jsonb_each(r.parameters) p) as parameters,
         r.pages, r.requests, r.rows_seen, r.rows_without_id, r.distinct_ids, r.declared_total, r.present_usable, r.verdict, r.code,
         r.reason, r.warnings, r.started_at, r.finished_at, r.as_of, r.rows_changed, r.rows_gone, r.listing_digest, r.previous_digest, r.digest
    from rollcall.sync_run r
    join rollcall.source s on s.id = r.source_id
   where r.finished_at <= $2::timestamptz
     and r.id >= coalesce((select max(c.id) from rollcall.sync_run c
                            where c.source_id = r.source_id and c.mode = 'full' and c.verdict = 'complete'
                              and c.finished_at <= $1::timestamptz),
                          (select min(c.id) from rollcall.sync_run c
                            where c.source_id = r.source_id and c.finished_at > $1::timestamptz))
   order by r.source_id, r.id`;

const REPORTS = `
  select id, started_at, finished_at, rule_set, verdicts, withheld, opened, reopened, resolved, undecided, open, held, waived, baseline
    from rollcall.drift_report where finished_at > $1::timestamptz and finished_at <= $2::timestamptz order by id`;

const RULE_SETS = `
  select v.digest, v.first_used_at, v.facts from rollcall.rule_set v
   where v.digest in (select r.rule_set from rollcall.drift_report r
                       where r.finished_at > $1::timestamptz and r.finished_at <= $2::timestamptz)
   order by v.first_used_at, v.digest`;

const STATUS_EVENTS = `e.event not in ('updated', 'waiver_ending')`;
/** What the last event by a moment left the finding in; null before it was found. */
const statusAt = (moment: string): string => `(
  select case e.event when 'resolved' then 'resolved' when 'held' then 'held' when 'waived' then 'waived' else 'open' end
    from rollcall.finding_event e
   where e.finding_id = d.id and e.at <= ${moment}::timestamptz and ${STATUS_EVENTS} order by e.id desc limit 1)`;
/** Found by the end of the period, and not over before its start: what the period is about. */
const LIVED = `
  (exists (select from rollcall.finding_event e
            where e.finding_id = d.id and e.at > $1::timestamptz and e.at <= $2::timestamptz)
   or coalesce(${statusAt('$1')}, 'resolved') <> 'resolved')`;

const FINDINGS = `
  select ${FINDING_COLUMNS}, ${statusAt('$2')} as status_at_end from rollcall.drift_findings d where ${LIVED} order by d.id`;

const EVENTS = `
  select e.id, e.finding_id, e.at, e.event, e.report_id, e.detail from rollcall.finding_event e
   where e.at > $1::timestamptz and e.at <= $2::timestamptz order by e.id`;

// Of somebody who was forgotten the clock is kept in the evidence, as it stood then (forget/statements.ts).
const LEAVERS = `
  select d.id as finding_id, d.source, d.account_id, d.account_email, d.account_name, d.identity_source, d.identity_id,
         coalesce(c.left_on, (d.evidence #>> '{clock,left_on}')::date) as left_on,
         coalesce(d.evidence ->> 'left_by', d.evidence #>> '{clock,left_by}') as left_by, d.severity, d.first_detected_at, d.resolved_at, d.resolution, d.status,
         ${statusAt('$2')} as status_at_end,
         coalesce(c.access_removed_at, (d.evidence #>> '{clock,access_removed_at}')::timestamptz) as access_removed_at,
         coalesce(c.hours_exposed, (d.evidence #>> '{clock,hours_exposed}')::float8) as hours_exposed,
         coalesce(c.breach, (d.evidence #>> '{clock,breach}')::boolean) as breach
    from rollcall.drift_findings d
    left join rollcall.leaver_clock c on c.source = d.source and c.account_id = d.account_id
   where d.rule = 'leaver_account' and ${LIVED} order by d.id`;

// Everybody who left in these days, whether or not an account was left behind: the population that the clocks above are a part of.
const TERMINATIONS = `
  select s.name as source, a.external_id, v.email, v.display_name, v.given_name, v.family_name, a.status, a.end_date, a.left_on, a.left_by, a.gone_at,
         (select count(*)::integer from rollcall.link l
           where l.identity_source_id = a.source_id and l.identity_external_id = a.external_id and l.rule <> 'denied') as accounts,
         (select count(*)::integer from rollcall.link l
            join rollcall.account u on u.source_id = l.source_id and u.external_id = l.external_id
           where l.identity_source_id = a.source_id and l.identity_external_id = a.external_id and l.rule <> 'denied'
             and u.gone_at is null and u.status in ('active', 'unknown')) as usable_accounts
    from rollcall.account a
    join rollcall.source s on s.id = a.source_id and s.authoritative
    join rollcall.account_version v on v.source_id = a.source_id and v.external_id = a.external_id and v.from_run = a.version_run
   cross join rollcall.setting g
   where a.left_on > ($1::timestamptz at time zone g.timezone)::date and a.left_on <= ($2::timestamptz at time zone g.timezone)::date
   order by a.left_on, s.name, a.external_id`;

const DECISIONS = `
  select id, at, author, action, subject, reason, detail from rollcall.audit
   where at > $1::timestamptz and at <= $2::timestamptz order by id`;

const WAIVERS = `
  select w.id, f.id as finding_id, s.name as source, f.rule, f.account_id, f.identity_id, w.author, w.reason, w.until, w.created_at, w.ended_at,
         w.ended_because
    from rollcall.waiver w
    left join rollcall.finding f on f.fingerprint = w.fingerprint
    left join rollcall.source s on s.id = f.source_id
   where w.created_at <= $2::timestamptz and (w.ended_at is null or w.ended_at > $1::timestamptz) order by w.id`;

const LINKS = `
  select s.name as source, l.external_id, i.name as identity_source, l.identity_external_id as identity_id, l.rule, l.author, l.reason, l.created_at
    from rollcall.link l
    join rollcall.source s on s.id = l.source_id
    join rollcall.source i on i.id = l.identity_source_id
   where l.rule in ('pinned', 'denied') and l.created_at <= $2::timestamptz and $1::timestamptz is not null
   order by s.name, l.external_id, i.name, l.identity_external_id`;

const BREAKERS = `
  select b.id, s.name as source, b.kind, b.tripped_at, b.run_id, b.report_id, b.evidence, b.closed_at, b.closed_by, b.released, b.reason
    from rollcall.breaker b join rollcall.source s on s.id = b.source_id
   where b.tripped_at <= $2::timestamptz and (b.closed_at is null or b.closed_at > $1::timestamptz) order by b.id`;

const ROSTER_FIELDS = HASHED_FIELDS.map((field) => `v.${field}`).join(', ');
// As of now, as prices are: how many seats of accounts that should not be, and what they cost a month.
const SEAT_COST = `
  select h.source, h.seats_at_risk, h.seat_cost_at_risk, h.seat_currency, s.seat_amount, s.seat_per, h.forgotten_usable
    from rollcall.source_health h join rollcall.source s on s.name = h.source
   where $1::timestamptz <= $2::timestamptz order by h.source`;

/** Every row of every source as it was at a moment, in the words that its content hash covers. */
const rosterAt = (moment: string): string => `
  select v.source_id, s.name as source, ${ROSTER_FIELDS}, v.from_run, v.valid_from, encode(v.content_hash, 'hex') as content_hash
    from rollcall.account_version v
    join rollcall.source s on s.id = v.source_id
   where v.valid_from <= ${moment}::timestamptz and (v.valid_to is null or v.valid_to > ${moment}::timestamptz)
     and $1::timestamptz <= $2::timestamptz
   order by v.source_id, v.external_id`;
const ROSTER_COLUMNS = ['source_id', 'source', ...HASHED_FIELDS, 'from_run', 'valid_from', 'content_hash'];

export const STATEMENTS: readonly Statement[] = [
  { name: 'runs', columns: ['source', ...RUN_FACTS, 'previous_digest', 'digest'], text: RUNS },
  {
    name: 'reports',
    columns:
      list(`id, started_at, finished_at, rule_set, verdicts, withheld, opened, reopened, resolved, undecided, open, held, waived,
      baseline`),
    text: REPORTS,
  },
  { name: 'rule_sets', columns: list('digest, first_used_at, facts'), text: RULE_SETS },
  {
    name: 'leavers',
    columns:
      list(`finding_id, source, account_id, account_email, account_name, identity_source, identity_id, left_on, left_by, severity,
      first_detected_at, resolved_at, resolution, status, status_at_end, access_removed_at, hours_exposed, breach`),
    text: LEAVERS,
  },
  {
    name: 'terminations',
    columns:
      list(`source, external_id, email, display_name, given_name, family_name, status, end_date, left_on, left_by, gone_at, accounts,
      usable_accounts`),
    text: TERMINATIONS,
  },
  { name: 'findings', columns: [...list(FINDING_COLUMNS), 'status_at_end'], text: FINDINGS },
  { name: 'events', columns: list('id, finding_id, at, event, report_id, detail'), text: EVENTS },
  { name: 'decisions', columns: list('id, at, author, action, subject, reason, detail'), text: DECISIONS },
  {
    name: 'waivers',
    columns: list(
      `id, finding_id, source, rule, account_id, identity_id, author, reason, until, created_at, ended_at, ended_because`,
    ),
    text: WAIVERS,
  },
  {
    name: 'links',
    columns: list('source, external_id, identity_source, identity_id, rule, author, reason, created_at'),
    text: LINKS,
  },
  {
    name: 'breakers',
    columns: list(`id, source, kind, tripped_at, run_id, report_id, evidence, closed_at, closed_by, released, reason`),
    text: BREAKERS,
  },
  {
    name: 'seat_cost',
    columns: list('source, seats_at_risk, seat_cost_at_risk, seat_currency, seat_amount, seat_per, forgotten_usable'),
    text: SEAT_COST,
  },
  { name: 'roster_from', columns: ROSTER_COLUMNS, text: rosterAt('$1') },
  { name: 'roster_to', columns: ROSTER_COLUMNS, text: rosterAt('$2') },
];
