import { sql } from 'drizzle-orm';
import {
  bigint,
  boolean,
  check,
  index,
  integer,
  jsonb,
  numeric,
  pgSchema,
  primaryKey,
  text,
  unique,
  uniqueIndex,
} from 'drizzle-orm/pg-core';
import { contentColumns, hash, instant, plainDate, volatileColumns } from './columns.ts';

export const rollcall = pgSchema('rollcall');

/** One row of facts about this database: views compute company days with `timezone`. */
export const setting = rollcall.table(
  'setting',
  {
    id: integer('id').primaryKey().default(1),
    timezone: text('timezone').notNull().default('UTC'),
    /** `rules.leaver_account.slaHours`: what `leaver_clock.breach` is measured by. */
    leaverSlaHours: integer('leaver_sla_hours').notNull().default(24),
    /** Of everything that rules are judged by, at the last reconciliation: another one makes every account dirty. */
    ruleSetDigest: text('rule_set_digest'),
    /** Which rules the last reconciliation ran for which sources: one that did not run then has seen none of the changes since. */
    planDigest: text('plan_digest'),
    /** The company's day of the last reconciliation: the calendar moves for everybody at once. */
    judgedOn: plainDate('judged_on'),
    /** Goes into every hash of `forgotten`: without it a list of names could be tried by anybody. */
    forgetSalt: hash('forget_salt'),
  },
  (t) => [check('setting_one_row', sql`${t.id} = 1`)],
);

/** One row a configured source; never deleted: a source taken out of the config is retired. */
export const source = rollcall.table(
  'source',
  {
    id: integer('id').primaryKey().generatedAlwaysAsIdentity(),
    name: text('name').notNull(),
    type: text('type').notNull(),
    authoritative: boolean('authoritative').notNull(),
    audited: boolean('audited').notNull(),
    /** Position in the configuration: the first authoritative source names an identity. */
    rank: integer('rank').notNull(),
    correlateEmployeeId: boolean('correlate_employee_id').notNull().default(false),
    keyDigest: text('key_digest').notNull(),
    maxAgeMs: bigint('max_age_ms', { mode: 'number' }),
    watermark: text('watermark'),
    notBefore: instant('not_before'),
    /** Fencing: rises with each claim; a committing transaction that holds an older one is refused. */
    epoch: bigint('epoch', { mode: 'number' }).notNull().default(0),
    /** Whose the token is, as the vendor said at the last full reading that could ask. */
    ownerExternalId: text('owner_external_id'),
    ownerEmail: text('owner_email'),
    /** `seatPrice` of the configuration: exact decimals, a currency that is never added to another one, `month` or `year`. */
    seatAmount: numeric('seat_amount'),
    seatCurrency: text('seat_currency'),
    seatPer: text('seat_per'),
    claimedBy: text('claimed_by'),
    claimExpiresAt: instant('claim_expires_at'),
    retiredAt: instant('retired_at'),
    createdAt: instant('created_at').notNull(),
  },
  (t) => [unique('source_name').on(t.name)],
);

/** Append-only: the evidence of completeness, one row a listing judged. */
export const syncRun = rollcall.table(
  'sync_run',
  {
    id: bigint('id', { mode: 'number' }).primaryKey().generatedAlwaysAsIdentity(),
    sourceId: integer('source_id')
      .notNull()
      .references(() => source.id),
    mode: text('mode').notNull(),
    endpoint: text('endpoint').notNull(),
    parameters: jsonb('parameters').notNull(),
    pages: integer('pages').notNull(),
    requests: integer('requests').notNull(),
    rowsSeen: integer('rows_seen').notNull(),
    rowsWithoutId: integer('rows_without_id').notNull(),
    distinctIds: integer('distinct_ids').notNull(),
    declaredTotal: integer('declared_total'),
    /** Rows present and not inactive after this run: `n` of the source breaker. */
    presentUsable: integer('present_usable').notNull(),
    verdict: text('verdict').notNull(),
    code: text('code'),
    reason: text('reason'),
    warnings: text('warnings').array().notNull(),
    startedAt: instant('started_at').notNull(),
    finishedAt: instant('finished_at').notNull(),
    /** A file's own modification time; else the finish. Age is counted from here. */
    asOf: instant('as_of').notNull(),
    rowsChanged: integer('rows_changed').notNull(),
    rowsGone: integer('rows_gone').notNull(),
    /** Order-free digest of the listed ids and contents; `digest` chains it, with the facts above, to the run before. */
    listingDigest: text('listing_digest').notNull(),
    digest: text('digest').notNull(),
    previousDigest: text('previous_digest'),
  },
  (t) => [index('sync_run_by_source').on(t.sourceId, t.id.desc())],
);

/** The current row of each source, narrow and hot: what joins and innocence need. Gone rows stay, marked. */
export const account = rollcall.table(
  'account',
  {
    /** No foreign key: it cost more than the row's own index, and whoever writes here holds the source's row (decision 49). */
    sourceId: integer('source_id').notNull(),
    externalId: text('external_id').notNull(),
    contentHash: hash('content_hash').notNull(),
    /** `from_run` of the current (or, when gone, the last) version. */
    versionRun: bigint('version_run', { mode: 'number' }).notNull(),
    status: text('status').notNull(),
    kind: text('kind').notNull(),
    privileged: boolean('privileged').notNull(),
    startDate: plainDate('start_date'),
    endDate: plainDate('end_date'),
    managerId: text('manager_id'),
    ...volatileColumns(),
    firstSeenAt: instant('first_seen_at').notNull(),
    goneAt: instant('gone_at'),
    /** Authoritative rows: contract §6. */
    leftOn: plainDate('left_on'),
    leftBy: text('left_by'),
    /** Two or more candidate identities at the last look. */
    disputed: boolean('disputed').notNull().default(false),
    /** A rule could not decide at the last look, because an identity is of unknown status: the report counts these. */
    undecided: boolean('undecided').notNull().default(false),
    /** The next day on which the rules could say something else without a change of data. */
    recheckOn: plainDate('recheck_on'),
    /** Contract §6 `reused_account`: the last version before this id came with other addresses; until a person has decided. */
    reuseBeforeRun: bigint('reuse_before_run', { mode: 'number' }),
    /** The present row of this source that had this row's e-mail before. */
    movedFrom: text('moved_from'),
  },
  (t) => [
    primaryKey({ name: 'account_pk', columns: [t.sourceId, t.externalId] }),
    index('account_by_manager')
      .on(t.sourceId, t.managerId)
      .where(sql`${t.managerId} is not null and ${t.goneAt} is null`),
    index('account_undecided')
      .on(t.sourceId)
      .where(sql`${t.undecided}`),
  ],
);

/** Keys that a row had and has no more: who else changes when it loses one, and where an address came from. */
export const formerKey = rollcall.table(
  'former_key',
  {
    sourceId: integer('source_id').notNull(),
    externalId: text('external_id').notNull(),
    kind: text('kind').notNull(),
    key: text('key').notNull(),
  },
  (t) => [
    primaryKey({ name: 'former_key_pk', columns: [t.sourceId, t.externalId, t.kind, t.key] }),
    index('former_key_by_key').on(t.key, t.kind, t.sourceId, t.externalId),
  ],
);

/**
 * Rows that changed since the last reconciliation, or about which a person has decided something. Without a key on purpose: with
 * `on conflict do nothing` a change would count as told while the reconciliation that has not seen it takes the older mark away.
 */
export const dirty = rollcall.table('dirty', {
  sourceId: integer('source_id').notNull(),
  externalId: text('external_id').notNull(),
});

/** One row a normalised e-mail, alias or employee id. Correlation reads only this. Gone rows keep theirs. */
export const accountKey = rollcall.table(
  'account_key',
  {
    sourceId: integer('source_id').notNull(),
    externalId: text('external_id').notNull(),
    kind: text('kind').notNull(),
    key: text('key').notNull(),
  },
  (t) => [
    primaryKey({ name: 'account_key_pk', columns: [t.sourceId, t.externalId, t.kind, t.key] }),
    index('account_key_by_key').on(t.key, t.kind, t.sourceId, t.externalId),
    check('account_key_kind', sql`${t.kind} in ('email', 'alias', 'employee_id')`),
  ],
);

/** Each version of each row, valid from the run that saw it until the run that saw something else, or nothing. */
export const accountVersion = rollcall.table(
  'account_version',
  {
    sourceId: integer('source_id').notNull(),
    externalId: text('external_id').notNull(),
    fromRun: bigint('from_run', { mode: 'number' }).notNull(),
    toRun: bigint('to_run', { mode: 'number' }),
    validFrom: instant('valid_from').notNull(),
    validTo: instant('valid_to'),
    ...contentColumns(),
    contentHash: hash('content_hash').notNull(),
  },
  (t) => [
    primaryKey({ name: 'account_version_pk', columns: [t.sourceId, t.externalId, t.fromRun] }),
    index('account_version_closed').on(t.sourceId, t.validTo),
  ],
);

/**
 * Listings on their way in (unlogged, see the migration). A claim's epoch is unique for its source, so the pair names one
 * intake; `batch` decides which copy of a repeated id counts. Unchanged rows of a full reading leave nothing here. The index has the id: a
 * planner without statistics may loop over rows, and must not read the whole intake for each.
 */
export const stage = rollcall.table(
  'stage',
  {
    sourceId: integer('source_id').notNull(),
    epoch: bigint('epoch', { mode: 'number' }).notNull(),
    batch: integer('batch').notNull(),
    externalId: text('external_id').notNull(),
    contentHash: hash('content_hash').notNull(),
    /**
     * Of a row that was shown: `same`, `volatile` (only the instants differ) or `content` (new, changed or back: its row is in `stage_row`). Of what
     * is known and was not shown: `unseen`, then `absent`. `open` is the intake itself.
     */
    difference: text('difference').notNull(),
    ...volatileColumns(),
  },
  (t) => [index('stage_by_id').on(t.sourceId, t.epoch, t.externalId)],
);
/** The full rows of those that differ from what is known. */
export const stageRow = rollcall.table(
  'stage_row',
  {
    sourceId: integer('source_id').notNull(),
    epoch: bigint('epoch', { mode: 'number' }).notNull(),
    batch: integer('batch').notNull(),
    externalId: text('external_id').notNull(),
    contentHash: hash('content_hash').notNull(),
    ...contentColumns(),
    ...volatileColumns(),
    /** Rows of `account_key`, side by side. */
    keyKinds: text('key_kinds').array().notNull(),
    keys: text('keys').array().notNull(),
  },
  (t) => [index('stage_row_by_id').on(t.sourceId, t.epoch, t.externalId)],
);

/** Account ↔ identity. `denied` rows say what may never be linked; at most one other row an account is the link. */
export const link = rollcall.table(
  'link',
  {
    sourceId: integer('source_id').notNull(),
    externalId: text('external_id').notNull(),
    identitySourceId: integer('identity_source_id').notNull(),
    identityExternalId: text('identity_external_id').notNull(),
    rule: text('rule').notNull(),
    evidence: jsonb('evidence').notNull(),
    author: text('author'),
    reason: text('reason'),
    createdAt: instant('created_at').notNull(),
  },
  (t) => [
    primaryKey({ name: 'link_pk', columns: [t.sourceId, t.externalId, t.identitySourceId, t.identityExternalId] }),
    uniqueIndex('link_one_an_account')
      .on(t.sourceId, t.externalId)
      .where(sql`${t.rule} <> 'denied'`),
    // Includes the other columns that are asked when each identity's links are counted (migration 14 says which: drizzle has no word for it).
    index('link_by_identity').on(t.identitySourceId, t.identityExternalId),
    check('link_rule', sql`${t.rule} in ('pinned', 'denied', 'employee_id', 'email', 'alias', 'relinked')`),
  ],
);
