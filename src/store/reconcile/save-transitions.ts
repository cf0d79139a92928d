import type { Charge, Transition } from '../../core/case.ts';
import { chargeDigest } from '../../core/ledger.ts';
import type { ReconcileContext } from './context.ts';

type Item = { readonly sourceId: number; readonly transition: Transition };
type Charged = { readonly sourceId: number; readonly transition: Extract<Transition, { readonly charge: Charge }> };

/** One JSON parameter carries a batch: sixteen parallel arrays would say the same with more to get wrong. */
const CHARGES = `
  json_to_recordset($1::json) as r (
    fingerprint text, source_id int, rule text, subject text, severity text, account_id text, account_email text,
    account_name text, identity_source_id int, identity_id text, identity_email text, summary text, evidence jsonb,
    charge_digest text, because text)`;

const OPEN = `
  with changed as (
    insert into rollcall.finding
           (fingerprint, source_id, rule, subject, severity, status, account_id, account_email, account_name,
            identity_source_id, identity_id, identity_email, summary, evidence, charge_digest,
            first_detected_at, opened_at, report_id)
    select r.fingerprint, r.source_id, r.rule, r.subject, r.severity, 'open', r.account_id, r.account_email, r.account_name,
           r.identity_source_id, r.identity_id, r.identity_email, r.summary, r.evidence, r.charge_digest,
           $2::timestamptz, $2::timestamptz, $3::bigint
      from ${CHARGES}
    returning id)
  insert into rollcall.finding_event (finding_id, at, event, report_id, detail)
  select id, $2::timestamptz, 'opened', $3::bigint, '{}' from changed`;

const SET_CHARGE = `
  severity = r.severity, account_id = r.account_id, account_email = r.account_email, account_name = r.account_name,
  identity_source_id = r.identity_source_id, identity_id = r.identity_id, identity_email = r.identity_email,
  summary = r.summary, evidence = r.evidence, charge_digest = r.charge_digest, report_id = $3::bigint`;

/** What a report of an earlier time needs: of the columns that this charge changes, what `f` said before. */
const BEFORE = `
  (select coalesce(jsonb_object_agg(o.key, o.value), '{}')
     from jsonb_each(to_jsonb(f)) o
    where o.key in ('severity', 'account_id', 'account_email', 'account_name', 'identity_source_id', 'identity_id',
                    'identity_email', 'summary', 'evidence')
      and o.value is distinct from to_jsonb(r) -> o.key)`;

// `first_detected_at` stays: it is the same finding with its history. The state before it is read in the same statement.
const REOPEN = `
  with before as (
    select f.id, f.status, f.resolution, ${BEFORE} as said, r.* from ${CHARGES}
      join rollcall.finding f on f.fingerprint = r.fingerprint),
  changed as (
    update rollcall.finding f
       set status = 'open', opened_at = $2::timestamptz, resolved_at = null, resolution = null, ${SET_CHARGE}
      from before r where f.id = r.id
    returning f.id, f.fingerprint, r.status as status_before, r.resolution as resolution_before, r.because, r.said),
  outgrown as (
    update rollcall.waiver w set ended_at = $2::timestamptz, ended_because = c.because
      from changed c
     where c.because is not null and w.fingerprint = c.fingerprint and w.ended_at is null
    returning w.fingerprint, w.id)
  insert into rollcall.finding_event (finding_id, at, event, report_id, detail)
  select c.id, $2::timestamptz, 'reopened', $3::bigint,
         jsonb_strip_nulls(jsonb_build_object(
           'from', c.status_before, 'resolution', c.resolution_before, 'because', c.because, 'waiver', o.id))
           || jsonb_build_object('before', c.said)
    from changed c left join outgrown o on o.fingerprint = c.fingerprint`;

const WAIVE = `
  with before as (
    select f.id, f.status, f.resolution, ${BEFORE} as said, r.* from ${CHARGES}
      join rollcall.finding f on f.fingerprint = r.fingerprint),
  changed as (
    update rollcall.finding f
       set status = 'waived', opened_at = $2::timestamptz, resolved_at = null, resolution = null, ${SET_CHARGE}
      from before r where f.id = r.id
    returning f.id, f.fingerprint, r.status as status_before, r.resolution as resolution_before, r.said)
  insert into rollcall.finding_event (finding_id, at, event, report_id, detail)
  select c.id, $2::timestamptz, 'waived', $3::bigint,
         jsonb_build_object('from', c.status_before, 'resolution', c.resolution_before, 'waiver', w.id, 'until', w.until,
                            'before', c.said)
    from changed c join rollcall.waiver w on w.fingerprint = c.fingerprint and w.ended_at is null`;

const UPDATE = `
  with before as (
    select f.id, f.severity as severity_before, ${BEFORE} as said, r.* from ${CHARGES}
      join rollcall.finding f on f.fingerprint = r.fingerprint),
  changed as (
    update rollcall.finding f set ${SET_CHARGE} from before r where f.id = r.id
    returning f.id, r.severity_before, r.severity, r.said)
  insert into rollcall.finding_event (finding_id, at, event, report_id, detail)
  select id, $2::timestamptz, 'updated', $3::bigint,
         case when severity_before = severity then '{}'::jsonb
              else jsonb_build_object('severity', severity, 'severity_before', severity_before) end
           || jsonb_build_object('before', said)
    from changed`;

const RESOLVE = `
  with changed as (
    update rollcall.finding f
       set status = 'resolved', resolved_at = $3::timestamptz, resolution = r.resolution, report_id = $4::bigint
      from unnest($1::text[], $2::text[]) as r (fingerprint, resolution)
     where f.fingerprint = r.fingerprint and f.status <> 'resolved'
    returning f.id, r.resolution)
  insert into rollcall.finding_event (finding_id, at, event, report_id, detail)
  select id, $3::timestamptz, 'resolved', $4::bigint, jsonb_build_object('resolution', resolution) from changed`;

/** Writes what the ledger decided, with one event each. A finding that stays as it is is not in `items`, and not written. */
export async function saveTransitions(context: ReconcileContext, items: readonly Item[], now: Date): Promise<void> {
  const charged = (kind: 'open' | 'reopen' | 'update' | 'waive'): readonly Charged[] =>
    items.flatMap(({ sourceId, transition }) =>
      transition.kind !== 'resolve' && transition.kind === kind ? [{ sourceId, transition }] : [],
    );
  await saveCharges(context, OPEN, charged('open'), now);
  await saveCharges(context, REOPEN, charged('reopen'), now);
  await saveCharges(context, UPDATE, charged('update'), now);
  await saveCharges(context, WAIVE, charged('waive'), now);
  const resolved = items.flatMap(({ transition }) => (transition.kind === 'resolve' ? [transition] : []));
  if (resolved.length === 0) return;
  await context.client.query(RESOLVE, [
    resolved.map((each) => each.fingerprint),
    resolved.map((each) => each.resolution),
    now,
    context.reportId,
  ]);
}

async function saveCharges(
  { client, reportId }: ReconcileContext,
  statement: string,
  items: readonly Charged[],
  now: Date,
): Promise<void> {
  if (items.length === 0) return;
  const { rowCount } = await client.query(statement, [JSON.stringify(items.map(toRecord)), now, reportId]);
  if (rowCount !== items.length) throw new Error(`${items.length} findings to write, ${rowCount ?? 0} written`);
}

function toRecord({ sourceId, transition }: Charged): Readonly<Record<string, unknown>> {
  const { fingerprint, charge, because } = transition;
  return {
    fingerprint,
    source_id: sourceId,
    rule: charge.rule,
    subject: charge.subject,
    severity: charge.severity,
    account_id: charge.account?.externalId,
    account_email: charge.accountEmail,
    account_name: charge.accountName,
    identity_source_id: charge.identity?.sourceId,
    identity_id: charge.identity?.externalId,
    identity_email: charge.identityEmail,
    summary: charge.summary,
    evidence: charge.evidence,
    charge_digest: chargeDigest(charge),
    because,
  };
}
