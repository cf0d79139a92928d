import { type FindingStatus, type Known, NOT_JUDGED, type RowRef } from '../../core/case.ts';
import { type Rule, RULES, RULE_POLICY, type Severity } from '../../core/rule.ts';
import { WAS_HELD } from '../state-before.ts';
import type { ReconcileContext } from './context.ts';
import { keyOf, toArrays } from './roster-row.ts';

type FindingRecord = {
  readonly source_id: number;
  readonly subject: string;
  readonly fingerprint: string;
  readonly rule: Rule;
  readonly status: FindingStatus;
  readonly resolution: string | null;
  readonly severity: Severity;
  readonly identity_source_id: number | null;
  readonly identity_id: string | null;
  readonly charge_digest: string;
  readonly waiver: boolean;
  readonly was_held: boolean;
  readonly reason: string | null;
};

// Asked of few: what is resolved because nobody looked, and comes back.
const WAS_HELD_WHEN_LEFT = `
  f.status = 'resolved' and f.resolution = any ($4::text[])
  and (select ${WAS_HELD} from rollcall.finding_event r
        where r.finding_id = f.id and r.event = 'resolved' order by r.id desc limit 1)`;

/**
 * Findings of any status of these subjects, by `keyOf` source and subject. An identity's subject could be spelled like an
 * account's id, so the kind of subject is asked for too.
 */
export async function loadFindings(
  { client }: ReconcileContext,
  kind: 'account' | 'identity' | 'credential',
  subjects: readonly RowRef[],
): Promise<ReadonlyMap<string, readonly Known[]>> {
  const rules = new Set(RULES.filter((rule) => RULE_POLICY[rule].subject === kind));
  // By the index alone. With the rules in the statement, statistics from before this transaction may know of no finding by them, and then
  // every finding is compared with every subject.
  const { rows } = await client.query<FindingRecord>(
    `select f.source_id, f.subject, f.fingerprint, f.rule, f.status, f.resolution, f.severity,
            f.identity_source_id, f.identity_id, f.charge_digest,
            exists (select from rollcall.waiver w where w.fingerprint = f.fingerprint and w.ended_at is null) as waiver,
            coalesce(${WAS_HELD_WHEN_LEFT}, false) as was_held,
            case when $3 then f.evidence ->> 'reason' end as reason
       from unnest($1::int[], $2::text[]) as r (source_id, subject)
       join rollcall.finding f on f.source_id = r.source_id and f.subject = r.subject
      order by f.id`,
    [...toArrays(subjects), kind === 'credential', NOT_JUDGED],
  );
  const found = new Map<string, Known[]>();
  for (const row of rows.filter(({ rule }) => rules.has(rule))) {
    const key = keyOf({ sourceId: row.source_id, externalId: row.subject });
    const findings = found.get(key) ?? [];
    findings.push(toKnown(row));
    found.set(key, findings);
  }
  return found;
}

function toKnown(row: FindingRecord): Known {
  const { identity_source_id: sourceId, identity_id: externalId } = row;
  return {
    fingerprint: row.fingerprint,
    rule: row.rule,
    status: row.status,
    resolution: row.resolution ?? undefined,
    severity: row.severity,
    identity: sourceId === null || externalId === null ? undefined : { sourceId, externalId },
    chargeDigest: row.charge_digest,
    waiver: row.waiver,
    wasHeld: row.was_held,
    reason: row.reason ?? undefined,
  };
}
