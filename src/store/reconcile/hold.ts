import { type Json, NOT_JUDGED } from '../../core/case.ts';
import type { Rule } from '../../core/rule.ts';
import { WAS_HELD } from '../state-before.ts';
import type { ReconcileContext } from './context.ts';

type HoldRequest = {
  readonly sourceId: number;
  readonly rules: readonly Rule[];
  readonly evidence: Readonly<Record<string, Json>>;
  readonly now: Date;
};

/** Findings in one statement; nobody holds more than a few times as many. */
const BATCH_IDS = 10_000;

// New in this report only, by contract §5: an event says so. A finding that was open before and merely says something else now stays
// open, and so does one that was waived; what came back with its source or rule is new only where it was held when it went.
const NEW = `
  select distinct e.finding_id as id from rollcall.finding_event e
   where e.report_id = $1 and e.event in ('opened', 'reopened')
     and e.detail ->> 'from' is distinct from 'waived'
     and (coalesce(e.detail ->> 'resolution' <> all ($2::text[]), true)
          or (select ${WAS_HELD} from rollcall.finding_event r
               where r.finding_id = e.finding_id and r.event = 'resolved' and r.id < e.id order by r.id desc limit 1))
   order by id`;

// By ids and without a join on purpose. Findings and events were written in this very transaction, so no statistics know of them: the planner
// took both for one row, and for each finding read all the events of the report anew (52 s with 16,000).
const HOLD = `
  with changed as (
    update rollcall.finding f
       set status = 'held'
     where f.id = any ($6::bigint[])
       and f.source_id = $1 and f.rule = any ($2::text[]) and f.report_id = $3::bigint and f.status = 'open'
    returning f.id)
  insert into rollcall.finding_event (finding_id, at, event, report_id, detail)
  select id, $4::timestamptz, 'held', $3::bigint, jsonb_build_object('breaker', $5::bigint) from changed`;

/**
 * Holds what this report found new by these rules in a source, and opens a conclusion breaker, or goes on with the one that is
 * open: its release opens everything that is held there. Returns the breaker's id.
 */
export async function hold({ client, reportId }: ReconcileContext, request: HoldRequest): Promise<number> {
  const { sourceId, rules, evidence, now } = request;
  const { rows } = await client.query<{ id: number }>(
    `with made as (
       insert into rollcall.breaker (source_id, kind, tripped_at, report_id, evidence)
       values ($1, 'conclusion', $2, $3, $4)
       on conflict (source_id, kind) where closed_at is null do nothing
       returning id)
     select id from made
     union all
     select id from rollcall.breaker where source_id = $1 and kind = 'conclusion' and closed_at is null`,
    [sourceId, now, reportId, JSON.stringify({ ...evidence, rules })],
  );
  const [breaker] = rows;
  if (breaker === undefined) throw new Error('a conclusion breaker was neither made nor found');
  const { rows: fresh } = await client.query<{ id: number }>(NEW, [reportId, NOT_JUDGED]);
  for (let at = 0; at < fresh.length; at += BATCH_IDS) {
    const ids = fresh.slice(at, at + BATCH_IDS).map(({ id }) => id);
    await client.query(HOLD, [sourceId, rules, reportId, now, breaker.id, ids]);
  }
  return breaker.id;
}
