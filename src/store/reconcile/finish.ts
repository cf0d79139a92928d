import type { FinishReport } from '../../ports/store.ts';
import { enqueueAlerts } from '../enqueue-alerts.ts';
import type { ReconcileContext } from './context.ts';
import { closeScope } from './scope.ts';

// What the report rests on, by source: the last full listing, and the last delta after it. In the snapshot of this transaction,
// so these are the very listings whose rows were judged.
const VERDICTS = `
  select coalesce(jsonb_object_agg(s.name, jsonb_build_object(
           'verdict', f.verdict, 'reason', f.reason, 'as_of', to_char(f.as_of at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'),
           'rows', f.distinct_ids, 'declared', f.declared_total, 'run', f.id,
           'delta', case when d.id is not null then jsonb_build_object('verdict', d.verdict, 'reason', d.reason,
             'as_of', to_char(d.as_of at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'), 'run', d.id) end)), '{}')
    from rollcall.source s
    left join lateral (
         select * from rollcall.sync_run r where r.source_id = s.id and r.mode = 'full' order by r.id desc limit 1) f on true
    left join lateral (
         select * from rollcall.sync_run r
          where r.source_id = s.id and r.mode = 'delta' and r.id > f.id order by r.id desc limit 1) d on true
   where s.retired_at is null`;

// Undecided are the accounts of which a rule that ran could say nothing; what a rule that did not run left so is not of this report.
const REPORT = `
  update rollcall.drift_report
     set started_at = $2, finished_at = $3, withheld = $4, opened = $5, reopened = $6, resolved = $7,
         undecided = (select count(*) from rollcall.account where undecided and gone_at is null and source_id = any ($8::int[])),
         baseline = $9, verdicts = (${VERDICTS}), open = n.open, held = n.held, waived = n.waived
    from (
         select count(*) filter (where status = 'open') as open,
                count(*) filter (where status = 'held') as held,
                count(*) filter (where status = 'waived') as waived
           from rollcall.finding where status <> 'resolved') n
   where id = $1`;

// A pair is past its baseline once its rule ran; a withheld rule leaves no trace here.
const RAN = `
  insert into rollcall.rule_state (source_id, rule, baseline_report_id, last_report_id)
  select source_id, rule, $3::bigint, $3::bigint from unnest($1::int[], $2::text[]) as r (source_id, rule)
  on conflict (source_id, rule) do update set last_report_id = excluded.last_report_id`;

// Nothing is left to release: each ground has gone, as silently as it was held.
const CLOSE_EMPTY = `
  update rollcall.breaker b set closed_at = $1, closed_by = 'recovered'
   where b.kind = 'conclusion' and b.closed_at is null
     and not exists (select from rollcall.finding f where f.source_id = b.source_id and f.status = 'held')`;

/** Completes the report and puts its alerts into the queue, in the transaction that makes what they tell visible. */
export async function finish(context: ReconcileContext, report: FinishReport, now: Date): Promise<void> {
  const { client, reportId } = context;
  const { runs, withheld } = report.judgedBy.plan;
  await client.query(REPORT, [
    reportId,
    report.startedAt,
    now,
    JSON.stringify(withheld),
    report.opened,
    report.reopened,
    report.resolved,
    runs.map((run) => run.sourceId),
    runs.flatMap((run) => run.baseline.map((rule) => `${run.source}/${rule}`)),
  ]);
  await client.query(CLOSE_EMPTY, [now]);
  const ran = runs.flatMap((run) => run.rules.map((rule) => ({ sourceId: run.sourceId, rule })));
  await client.query(RAN, [ran.map((each) => each.sourceId), ran.map((each) => each.rule), reportId]);
  await closeScope(context, report.judgedBy);
  await enqueueAlerts(client, report.alerts);
}
