import { sql } from 'drizzle-orm';
import {
  bigint,
  boolean,
  check,
  index,
  integer,
  jsonb,
  primaryKey,
  text,
  unique,
  uniqueIndex,
} from 'drizzle-orm/pg-core';
import { hash, instant, plainDate } from './columns.ts';
import { rollcall, source } from './rosters.ts';

/** One row a reconciliation. */
export const driftReport = rollcall.table(
  'drift_report',
  {
    id: bigint('id', { mode: 'number' }).primaryKey().generatedAlwaysAsIdentity(),
    startedAt: instant('started_at').notNull(),
    finishedAt: instant('finished_at').notNull(),
    /** By source name: the verdict, age and run that the report rests on. */
    verdicts: jsonb('verdicts').notNull(),
    /** `[{source, rules[], reason}]`. */
    withheld: jsonb('withheld').notNull(),
    opened: integer('opened').notNull(),
    reopened: integer('reopened').notNull(),
    resolved: integer('resolved').notNull(),
    undecided: integer('undecided').notNull(),
    open: integer('open').notNull(),
    held: integer('held').notNull(),
    waived: integer('waived').notNull(),
    /** `source/rule` pairs whose baseline this report was. */
    baseline: text('baseline').array().notNull(),
    /** What it was judged by (`rule_set.digest`); null in reports of before that was kept. */
    ruleSet: text('rule_set'),
  },
  (t) => [index('drift_report_by_time').on(t.finishedAt)],
);

/** Each version of what rules are judged by, from the first report on that went by it: an auditor asks what held when. */
export const ruleSet = rollcall.table('rule_set', {
  digest: text('digest').primaryKey(),
  firstUsedAt: instant('first_used_at').notNull(),
  /** Program version, time zone, rules and their options, breakers; of service accounts their number alone. */
  facts: jsonb('facts').notNull(),
});

/** Which report was the baseline of a rule for a source, and the last one in which it ran. */
export const ruleState = rollcall.table(
  'rule_state',
  {
    sourceId: integer('source_id')
      .notNull()
      .references(() => source.id),
    rule: text('rule').notNull(),
    baselineReportId: bigint('baseline_report_id', { mode: 'number' }).notNull(),
    lastReportId: bigint('last_report_id', { mode: 'number' }).notNull(),
  },
  (t) => [primaryKey({ name: 'rule_state_pk', columns: [t.sourceId, t.rule] })],
);

/** The current state of each finding ever made: one row a fingerprint. A finding that stays open is not written again. */
export const finding = rollcall.table(
  'finding',
  {
    id: bigint('id', { mode: 'number' }).primaryKey().generatedAlwaysAsIdentity(),
    fingerprint: text('fingerprint').notNull(),
    sourceId: integer('source_id')
      .notNull()
      .references(() => source.id),
    rule: text('rule').notNull(),
    subject: text('subject').notNull(),
    severity: text('severity').notNull(),
    status: text('status').notNull(),
    /** The vendor's own id; null where the subject is an identity or a credential. */
    accountId: text('account_id'),
    accountEmail: text('account_email'),
    accountName: text('account_name'),
    identitySourceId: integer('identity_source_id'),
    identityId: text('identity_id'),
    identityEmail: text('identity_email'),
    summary: text('summary').notNull(),
    evidence: jsonb('evidence').notNull(),
    chargeDigest: text('charge_digest').notNull(),
    firstDetectedAt: instant('first_detected_at').notNull(),
    /** When it last became open or held: equal to the first detection unless it was reopened. */
    openedAt: instant('opened_at').notNull(),
    resolvedAt: instant('resolved_at'),
    resolution: text('resolution'),
    /** The report that last changed this row. */
    reportId: bigint('report_id', { mode: 'number' }).notNull(),
  },
  (t) => [
    unique('finding_fingerprint').on(t.fingerprint),
    index('finding_live')
      .on(t.sourceId, t.rule, t.subject)
      .where(sql`${t.status} <> 'resolved'`),
    // The list of the report page in its order, what it counts and what it filters by.
    index('finding_listed')
      .on(t.severity, t.rule, t.sourceId, t.status, t.id, t.firstDetectedAt)
      .where(sql`${t.status} <> 'resolved'`),
    // Who left first, for the leaver clock.
    index('finding_leaver')
      .on(sql`(${t.evidence} ->> 'left_on')`, t.id)
      .where(sql`${t.rule} = 'leaver_account' and ${t.status} in ('open', 'held')`),
    index('finding_by_subject').on(t.sourceId, t.subject),
    index('finding_by_report').on(t.reportId),
    check('finding_status', sql`${t.status} in ('open', 'held', 'waived', 'resolved')`),
    check('finding_severity', sql`${t.severity} in ('low', 'medium', 'high', 'critical')`),
    check('finding_resolution', sql`(${t.status} = 'resolved') = (${t.resolvedAt} is not null)`),
  ],
);

/** Append-only history of a finding. */
export const findingEvent = rollcall.table(
  'finding_event',
  {
    id: bigint('id', { mode: 'number' }).primaryKey().generatedAlwaysAsIdentity(),
    findingId: bigint('finding_id', { mode: 'number' })
      .notNull()
      .references(() => finding.id),
    at: instant('at').notNull(),
    /** `opened`, `held`, `updated`, `resolved`, `reopened`, `released`, `waived`, `unwaived`. */
    event: text('event').notNull(),
    reportId: bigint('report_id', { mode: 'number' }),
    detail: jsonb('detail').notNull(),
  },
  (t) => [index('finding_event_by_finding').on(t.findingId, t.id), index('finding_event_by_report').on(t.reportId)],
);

export const waiver = rollcall.table(
  'waiver',
  {
    id: bigint('id', { mode: 'number' }).primaryKey().generatedAlwaysAsIdentity(),
    fingerprint: text('fingerprint').notNull(),
    reason: text('reason').notNull(),
    author: text('author').notNull(),
    /** Its day ends in the company's time zone. */
    until: plainDate('until').notNull(),
    createdAt: instant('created_at').notNull(),
    endedAt: instant('ended_at'),
    endedBecause: text('ended_because'),
    /** When people were told that it ends within a week. */
    warnedAt: instant('warned_at'),
  },
  (t) => [
    uniqueIndex('waiver_one_live')
      .on(t.fingerprint)
      .where(sql`${t.endedAt} is null`),
  ],
);

/** `source`: a listing lost too many; `conclusion`: a reconciliation found too many; `baseline`: key settings changed. */
export const breaker = rollcall.table(
  'breaker',
  {
    id: bigint('id', { mode: 'number' }).primaryKey().generatedAlwaysAsIdentity(),
    sourceId: integer('source_id')
      .notNull()
      .references(() => source.id),
    kind: text('kind').notNull(),
    trippedAt: instant('tripped_at').notNull(),
    runId: bigint('run_id', { mode: 'number' }),
    reportId: bigint('report_id', { mode: 'number' }),
    evidence: jsonb('evidence').notNull(),
    closedAt: instant('closed_at'),
    /** The person who released it, or `recovered` when a later complete listing was in order. */
    closedBy: text('closed_by'),
    released: boolean('released').notNull().default(false),
    reason: text('reason'),
  },
  (t) => [
    uniqueIndex('breaker_one_open')
      .on(t.sourceId, t.kind)
      .where(sql`${t.closedAt} is null`),
    check('breaker_kind', sql`${t.kind} in ('source', 'conclusion', 'baseline')`),
  ],
);

/** The rows a source breaker showed as lost: what its release covers. */
export const breakerLoss = rollcall.table(
  'breaker_loss',
  {
    breakerId: bigint('breaker_id', { mode: 'number' })
      .notNull()
      .references(() => breaker.id),
    externalId: text('external_id').notNull(),
  },
  (t) => [primaryKey({ name: 'breaker_loss_pk', columns: [t.breakerId, t.externalId] })],
);

/** Rotating OAuth tokens, AES-256-GCM; the key comes from the environment and is never here. */
export const credential = rollcall.table('credential', {
  sourceId: integer('source_id')
    .primaryKey()
    .references(() => source.id),
  ciphertext: hash('ciphertext').notNull(),
  nonce: hash('nonce').notNull(),
  tag: hash('tag').notNull(),
  keyId: text('key_id').notNull(),
  state: text('state').notNull(),
  expiresAt: instant('expires_at'),
  updatedAt: instant('updated_at').notNull(),
});

/** Who released, waived, linked, when and why. Append-only. */
export const audit = rollcall.table('audit', {
  id: bigint('id', { mode: 'number' }).primaryKey().generatedAlwaysAsIdentity(),
  at: instant('at').notNull(),
  author: text('author').notNull(),
  action: text('action').notNull(),
  subject: text('subject').notNull(),
  reason: text('reason').notNull(),
  detail: jsonb('detail').notNull(),
});
