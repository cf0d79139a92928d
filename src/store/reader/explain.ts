import type pg from 'pg';
import { RULE_POLICY } from '../../core/rule.ts';
import type { Explanation, FindingEvent, FindingRow, RosterViewRow } from '../../core/views.ts';
import { FINDING_COLUMNS } from './columns.ts';
import { loadDenied, loadLink } from './explain-links.ts';
import { loadRuns } from './explain-runs.ts';
import { loadSuggestions } from './suggestions.ts';
import { loadWaivers } from './waivers.ts';

/** The latest of a finding that flaps; the first ones are in the table. */
const EVENTS_MAX = 200;
const OTHERS_MAX = 50;

/** Everything a finding rests on, as it is today; undefined when there is no finding with this id. */
export async function explain(pool: pg.Pool, findingId: number): Promise<Explanation | undefined> {
  const { rows } = await pool.query<FindingRow>(
    `select ${FINDING_COLUMNS} from rollcall.drift_findings where id = $1`,
    [findingId],
  );
  const [finding] = rows;
  if (finding === undefined) return undefined;
  const account = await loadRosterRow(pool, finding.source, accountIdOf(finding));
  const link = await loadLink(pool, findingId);
  const named = { identity_source: finding.identity_source, identity_id: finding.identity_id };
  // The identity of this finding is the manager; whose account it is, the link says.
  const person = finding.rule === 'manager_left' ? link : named;
  const identity = await loadRosterRow(pool, person?.identity_source ?? null, person?.identity_id ?? null);
  return {
    finding,
    account,
    identity,
    others: await loadOthers(pool, findingId, person),
    before: await loadBefore(pool, findingId),
    managers: { of_account: await loadManager(pool, account), of_identity: await loadManager(pool, identity) },
    link,
    denied: await loadDenied(pool, findingId),
    suggestions: await loadSuggestions(pool, finding),
    waivers: await loadWaivers(pool, finding.fingerprint),
    runs: await loadRuns(pool, finding),
    ...(await loadOutlook(pool, findingId)),
    events: await loadEvents(pool, findingId),
  };
}

/** A credential has no account of its own; its owner may have one there. */
function accountIdOf({ rule, account_id: id, evidence }: FindingRow): string | null {
  if (RULE_POLICY[rule].subject !== 'credential') return id;
  const owner = new Map(Object.entries(Object(evidence['token_owner']))).get('external_id');
  return typeof owner === 'string' ? owner : null;
}

async function loadRosterRow(pool: pg.Pool, source: string | null, id: string | null): Promise<RosterViewRow | null> {
  if (source === null || id === null) return null;
  const { rows } = await pool.query<RosterViewRow>(
    'select * from rollcall.roster where source = $1 and external_id = $2',
    [source, id],
  );
  return rows[0] ?? null;
}

/** The manager's row in the same source. */
async function loadManager(pool: pg.Pool, row: RosterViewRow | null): Promise<RosterViewRow | null> {
  const [source, id] = [row?.['source'], row?.['manager_id']];
  return typeof source === 'string' && typeof id === 'string' ? loadRosterRow(pool, source, id) : null;
}

type Person = { readonly identity_source: string | null; readonly identity_id: string | null };

/**
 * The person's other accounts in the judged source, gone ones included, and whatever the finding itself names: the accounts of somebody
 * who has several, the identities of a dispute.
 */
async function loadOthers(pool: pg.Pool, findingId: number, person: Person | null): Promise<readonly RosterViewRow[]> {
  const { rows } = await pool.query<RosterViewRow>(
    `with f as (select * from rollcall.finding where id = $1),
     other as (
       select s.name as source, l.external_id
         from f join rollcall.source s on s.id = f.source_id
         join rollcall.source i on i.name = $2
         join rollcall.link l
           on l.source_id = f.source_id and l.identity_source_id = i.id
          and l.identity_external_id = $3 and l.rule <> 'denied'
       union
       select s.name, n.row ->> 'external_id'
         from f join rollcall.source s on s.id = f.source_id
        cross join lateral jsonb_array_elements(
              case jsonb_typeof(f.evidence -> 'accounts') when 'array' then f.evidence -> 'accounts' else '[]' end) as n (row)
       union
       select n.row ->> 'source', n.row ->> 'external_id'
         from f
        cross join lateral jsonb_array_elements(
              case jsonb_typeof(f.evidence -> 'candidates') when 'array' then f.evidence -> 'candidates' else '[]' end) as n (row))
     select r.* from other o
       join rollcall.roster r on r.source = o.source and r.external_id = o.external_id
      where not exists (select from f join rollcall.source s on s.id = f.source_id
                         where s.name = r.source and f.account_id = r.external_id)
      order by r.gone_at is not null, r.source, r.external_id limit ${OTHERS_MAX}`,
    [findingId, person?.identity_source ?? null, person?.identity_id ?? null],
  );
  return rows;
}

async function loadBefore(pool: pg.Pool, findingId: number): Promise<RosterViewRow | null> {
  const { rows } = await pool.query<RosterViewRow>(
    `select s.name as source, v.external_id, v.email, v.aliases, v.employee_id, v.given_name, v.family_name, v.display_name,
            v.status, v.kind, v.role, v.privileged, v.title, v.department, v.manager_id, v.start_date, v.end_date,
            v.valid_from, v.valid_to
       from rollcall.finding f
       join rollcall.source s on s.id = f.source_id
       join rollcall.account a on a.source_id = f.source_id and a.external_id = f.account_id
       join rollcall.account_version v
         on v.source_id = a.source_id and v.external_id = a.external_id and v.from_run = a.reuse_before_run
      where f.id = $1`,
    [findingId],
  );
  return rows[0] ?? null;
}

/** What keeps it from being judged, and when the calendar comes to it. */
async function loadOutlook(pool: pg.Pool, findingId: number): Promise<Pick<Explanation, 'withheld' | 'recheck_on'>> {
  const { rows } = await pool.query<Pick<Explanation, 'withheld' | 'recheck_on'>>(
    `select w.reason as withheld, a.recheck_on
       from rollcall.finding f
       join rollcall.source s on s.id = f.source_id
       left join rollcall.account a on a.source_id = f.source_id and a.external_id = f.account_id and a.gone_at is null
       left join lateral (
            select n.one ->> 'reason' as reason
              from (select withheld from rollcall.drift_report order by id desc limit 1) r
             cross join lateral jsonb_array_elements(r.withheld) as n (one)
             where n.one ->> 'source' = s.name and n.one -> 'rules' ? f.rule limit 1) w on f.status <> 'resolved'
      where f.id = $1`,
    [findingId],
  );
  return rows[0] ?? { withheld: null, recheck_on: null };
}

async function loadEvents(pool: pg.Pool, findingId: number): Promise<readonly FindingEvent[]> {
  const { rows } = await pool.query<FindingEvent>(
    `select at, event, report_id, detail from (
       select id, at, event, report_id, detail from rollcall.finding_event
        where finding_id = $1 order by id desc limit ${EVENTS_MAX}) e
      order by id`,
    [findingId],
  );
  return rows;
}
