import { z } from 'zod';
import { DEFAULT_OPTIONS, DORMANT_DAYS, MISMATCH_FIELDS } from '../core/rule-options.ts';
import { duration, headerName, integer, number, plainDate, postgresUrl, secret, text, timezone } from './scalars.ts';
import { SourceFile, sourceName } from './source-schema.ts';
import { SIGNATURE_HEADER, TIMESTAMP_HEADER } from './webhook-checks.ts';

const SOURCES_MAX = 200;
const LIST_MAX = 1000;
const DAYS_MAX = 36_500;
/** How long versions and runs are kept when the file does not say. */
const RETENTION_DAYS = 400;

/** A rule's options, or `true` for its defaults, or `false` to switch it off. */
function ruleWith<const Options extends z.ZodType>(options: Options): z.ZodUnion<[z.ZodBoolean, Options]> {
  return z.union([z.boolean(), options], { error: 'must be true, false or a block of options' });
}

const plainRule = ruleWith(z.strictObject({})).optional();
const days = integer(0, DAYS_MAX);

const RulesFile = z.strictObject({
  orphaned_account: plainRule,
  leaver_account: ruleWith(
    z.strictObject({ graceDays: integer(0, 365).prefault(0), slaHours: integer(0, 8760).prefault(24) }),
  ).optional(),
  inactive_account: plainRule,
  duplicate_account: plainRule,
  disputed_account: plainRule,
  missing_account: ruleWith(
    // Source → field → accepted values; an empty block means everybody.
    z.record(sourceName, z.record(text, z.array(text).max(LIST_MAX))),
  ).optional(),
  attribute_mismatch: ruleWith(
    z.strictObject({
      fields: z
        .array(z.enum(MISMATCH_FIELDS))
        .min(1, 'names no field to compare; name at least one, or switch the rule off')
        .max(MISMATCH_FIELDS.length)
        .prefault([...MISMATCH_FIELDS]),
    }),
  ).optional(),
  lifecycle_conflict: plainRule,
  early_account: ruleWith(z.strictObject({ preHireDays: days.prefault(DEFAULT_OPTIONS.preHireDays) })).optional(),
  reused_account: plainRule,
  service_account_unowned: plainRule,
  service_account_owner_left: plainRule,
  manager_left: plainRule,
  credential_owner_at_risk: plainRule,
  dormant_account: ruleWith(z.strictObject({ days: integer(1, DAYS_MAX).prefault(DORMANT_DAYS) })).optional(),
});

const ServiceAccountFile = z.strictObject({
  source: text,
  account: text,
  owner: text,
  purpose: text.optional(),
  review: plainDate.optional(),
});

/** The shape of `rollcall.yaml` (contract §1). What one value says about another is checked in checks.ts. */
export const ConfigFile = z.strictObject({
  timezone: timezone.prefault('UTC'),
  database: z
    .strictObject({
      url: postgresUrl.optional(),
      migrate: z.enum(['auto', 'never']).prefault('auto'),
    })
    .prefault({}),
  sources: z.array(SourceFile).min(1, 'names no source; name at least one').max(SOURCES_MAX),
  rules: RulesFile.prefault({}),
  privilegedRoles: z.array(text).max(LIST_MAX).prefault(['admin', 'owner', 'account admin']),
  serviceAccounts: z.array(ServiceAccountFile).max(LIST_MAX).prefault([]),
  breaker: z.strictObject({ ratio: number(0.001, 1).prefault(0.2) }).prefault({}),
  retry: z.strictObject({ budget: duration(1000, 21_600_000).prefault('600s') }).prefault({}),
  slack: z
    .strictObject({
      webhookUrl: text.optional(),
      digest: z
        .string()
        .regex(
          /^(immediate|daily "?([01]\d|2[0-3]):[0-5]\d"?)$/,
          'must be immediate, or daily and a time of the day in `timezone`, such as daily "09:00"',
        )
        .prefault('immediate'),
    })
    .prefault({}),
  network: z.strictObject({ allow: z.array(text).max(LIST_MAX).prefault([]) }).prefault({}),
  http: z
    .strictObject({
      bind: text.prefault('127.0.0.1'),
      port: integer(0, 65_535).prefault(8080),
      token: secret.optional(),
      webhookSecrets: z.array(secret).max(10).prefault([]),
      webhook: z
        .strictObject({
          signatureHeader: headerName.prefault(SIGNATURE_HEADER),
          algorithm: z.enum(['sha256', 'sha512', 'sha1']).prefault('sha256'),
          encoding: z.enum(['hex', 'base64']).prefault('hex'),
          timestampHeader: headerName.prefault(TIMESTAMP_HEADER),
        })
        .prefault({}),
    })
    .prefault({}),
  retention: z
    .strictObject({
      versionsDays: integer(1, DAYS_MAX).prefault(RETENTION_DAYS),
      runsDays: integer(1, DAYS_MAX).prefault(RETENTION_DAYS),
    })
    .prefault({}),
  shutdownGrace: duration(1000, 600_000).prefault('20s'),
});
export type ConfigFile = z.infer<typeof ConfigFile>;

/** The same for whoever reads the database alone: it may have no source. */
export const ReadingFile = ConfigFile.extend({ sources: z.array(SourceFile).max(SOURCES_MAX) });
