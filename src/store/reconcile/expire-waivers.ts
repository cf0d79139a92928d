import type { PlainDate } from '../../core/row.ts';
import { warningHorizon } from '../../core/waiver.ts';
import type { ReconcileContext } from './context.ts';

// Waivers are few, so their life is three statements over the table and no part of any case: what is withheld, or not looked at in
// this reconciliation, opens all the same when its waiver is over.

const EXPIRE = `
  update rollcall.waiver set ended_at = $2::timestamptz, ended_because = 'expired'
   where ended_at is null and until < $1::date`;

/** First, so that nothing is judged as waived by a waiver whose day is over. Findings open in `openUnwaived`. */
export async function expireWaivers({ client }: ReconcileContext, today: PlainDate, now: Date): Promise<void> {
  await client.query(EXPIRE, [today, now]);
}

// Asked of the findings and not of the waivers that have just ended: whatever ended one, a finding that nobody waives is open.
const OPEN = `
  with changed as (
    update rollcall.finding f set status = 'open', report_id = $2::bigint
     where f.status = 'waived'
       and not exists (select from rollcall.waiver w where w.fingerprint = f.fingerprint and w.ended_at is null)
    returning f.id, f.fingerprint)
  insert into rollcall.finding_event (finding_id, at, event, report_id, detail)
  select c.id, $1::timestamptz, 'reopened', $2::bigint,
         jsonb_strip_nulls(jsonb_build_object('from', 'waived', 'because', 'waiver expired',
           'waiver', w.id, 'until', w.until, 'author', w.author, 'reason', w.reason))
    from changed c
    left join lateral (
         select * from rollcall.waiver w where w.fingerprint = c.fingerprint order by w.id desc limit 1) w on true`;

/** After the judgement, so that a finding whose ground goes on the same day is resolved and not opened first. Returns how many. */
export async function openUnwaived({ client, reportId }: ReconcileContext, now: Date): Promise<number> {
  const { rowCount } = await client.query(OPEN, [now, reportId]);
  return rowCount ?? 0;
}

const WARN = `
  with ending as (
    update rollcall.waiver w set warned_at = $2::timestamptz
      from rollcall.finding f
     where f.fingerprint = w.fingerprint and f.status = 'waived'
       and w.ended_at is null and w.warned_at is null and w.until <= $1::date
    returning f.id as finding_id, w.id, w.until, w.author, w.reason)
  insert into rollcall.finding_event (finding_id, at, event, report_id, detail)
  select finding_id, $2::timestamptz, 'waiver_ending', $3::bigint,
         jsonb_build_object('waiver', id, 'until', until, 'author', author, 'reason', reason)
    from ending`;

/** Marks, once each, the waivers that the digest of this report shows because they end within a week. Returns how many. */
export async function warnOfWaivers(
  { client, reportId }: ReconcileContext,
  today: PlainDate,
  now: Date,
): Promise<number> {
  const { rowCount } = await client.query(WARN, [warningHorizon(today), now, reportId]);
  return rowCount ?? 0;
}
