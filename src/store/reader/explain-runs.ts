import type pg from 'pg';
import { RULE_POLICY } from '../../core/rule.ts';
import type { FindingRow, SyncRunRow } from '../../core/views.ts';
import { RUN_COLUMNS } from './columns.ts';

// `$1` the judged source, `$2` whether the rule compares with the authorities.
const CONCERNED = 's.name = $1 or ($2 and s.authoritative and s.retired_at is null)';

// What a rule may conclude from, and what came after it and proved less. A hint in order is no listing.
const LIVING = `
  select r.id from rollcall.source s
   cross join lateral (
         select max(id) as id from rollcall.sync_run
          where source_id = s.id and mode = 'full' and verdict = 'complete') c
   cross join lateral (
         select max(id) as id from rollcall.sync_run
          where source_id = s.id and verdict <> 'complete' and id > coalesce(c.id, 0)) u
   cross join lateral (values (c.id), (u.id)) r (id)
   where ${CONCERNED}`;

// `$3` the report that resolved it.
const RESOLVED = `
  select r.id from rollcall.drift_report d
   cross join lateral jsonb_each(d.verdicts) v
    join rollcall.source s on s.name = v.key
   cross join lateral (values ((v.value ->> 'run')::bigint), ((v.value #>> '{delta,run}')::bigint)) r (id)
   where d.id = $3 and (${CONCERNED})`;

/** The listings that a finding rests on: those of the judged source first. */
export async function loadRuns(pool: pg.Pool, finding: FindingRow): Promise<readonly SyncRunRow[]> {
  const isResolved = finding.status === 'resolved';
  const comparesIdentities = RULE_POLICY[finding.rule].reads === 'identities';
  const { rows } = await pool.query<SyncRunRow>(
    `select ${RUN_COLUMNS} from rollcall.sync_runs
      where id in (${isResolved ? RESOLVED : LIVING})
      order by source <> $1, source, id`,
    [finding.source, comparesIdentities, ...(isResolved ? [finding.report_id] : [])],
  );
  return rows;
}
