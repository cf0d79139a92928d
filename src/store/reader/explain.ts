import type pg from 'pg';
import { RULE_POLICY } from '../../core/rule.ts';
import type { Explanation, FindingRow, RosterViewRow, SyncRunRow } from '../../core/views.ts';
import { FINDING_COLUMNS, RUN_COLUMNS } from './columns.ts';
import { loadDenied, loadLink } from './explain-links.ts';
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
  return {
    finding,
    account: await loadRosterRow(pool, finding.source, finding.account_id),
    identity: await loadRosterRow(pool, finding.identity_source, finding.identity_id),
    others: await loadOthers(pool, findingId),
    link: await loadLink(pool, findingId),
    denied: await loadDenied(pool, findingId),
    suggestions: await loadSuggestions(pool, finding),
    waivers: await loadWaivers(pool, finding.fingerprint),
    runs: await loadRuns(pool, finding),
    events: await loadEvents(pool, findingId),
  };
}

async function loadRosterRow(pool: pg.Pool, source: string | null, id: string | null): Promise<RosterViewRow | null> {
  if (source === null || id === null) return null;
  const { rows } = await pool.query<RosterViewRow>(
    'select * from rollcall.roster where source = $1 and external_id = $2',
    [source, id],
  );
  return rows[0] ?? null;
}

/** The identity's other accounts in the judged source, gone ones included. */
async function loadOthers(pool: pg.Pool, findingId: number): Promise<readonly RosterViewRow[]> {
  const { rows } = await pool.query<RosterViewRow>(
    `select r.*
       from rollcall.finding f
       join rollcall.link l
         on l.source_id = f.source_id and l.identity_source_id = f.identity_source_id
        and l.identity_external_id = f.identity_id and l.rule <> 'denied'
        and l.external_id is distinct from f.account_id
       join rollcall.source s on s.id = f.source_id
       join rollcall.roster r on r.source = s.name and r.external_id = l.external_id
      where f.id = $1
      order by r.external_id limit ${OTHERS_MAX}`,
    [findingId],
  );
  return rows;
}

/** The last complete listing of each source that the rule reads: the judged one, and the authorities where it compares with them. */
async function loadRuns(pool: pg.Pool, finding: FindingRow): Promise<readonly SyncRunRow[]> {
  const { rows } = await pool.query<SyncRunRow>(
    `select ${RUN_COLUMNS} from rollcall.sync_runs
      where id in (
            select r.id from rollcall.source s
             cross join lateral (
                   select id from rollcall.sync_run
                    where source_id = s.id and mode = 'full' and verdict = 'complete' order by id desc limit 1) r
             where s.name = $1 or ($2 and s.authoritative and s.retired_at is null))
      order by source <> $1, source`,
    [finding.source, RULE_POLICY[finding.rule].reads === 'identities'],
  );
  return rows;
}

async function loadEvents(pool: pg.Pool, findingId: number): Promise<Explanation['events']> {
  const { rows } = await pool.query<Explanation['events'][number]>(
    `select at, event, detail from (
       select id, at, event, detail from rollcall.finding_event where finding_id = $1 order by id desc limit ${EVENTS_MAX}) e
      order by id`,
    [findingId],
  );
  return rows;
}
