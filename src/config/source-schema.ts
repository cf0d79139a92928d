import { z } from 'zod';
import { cron, duration, flag, integer, number, plainDate, postgresUrl, secret, text } from './scalars.ts';

const DAY_MS = 86_400_000;
const AGE_MAX_MS = 3650 * DAY_MS;
const SENTINELS_MAX = 100;

/** Also the label of metrics and the name people type: short, and safe everywhere. */
export const sourceName = z.string().regex(/^[a-z0-9-]{1,60}$/, 'must be 1 to 60 of a-z, 0-9 and -');

const maxAge = duration(60_000, AGE_MAX_MS);
const schedule = cron.prefault('*/15 * * * *');

const common = {
  name: sourceName,
  formerly: sourceName.optional(),
  authoritative: flag.prefault(false),
  audited: flag.prefault(false),
  correlate: z.array(z.enum(['employee_id', 'email'])).prefault(['email']),
  minRows: integer(0, 10_000_000).optional(),
  seatPrice: z
    .strictObject({
      amount: number(0, 1_000_000),
      currency: z.string().regex(/^[A-Z]{3}$/, 'must be a currency code such as USD'),
      per: z.enum(['month', 'year']),
    })
    .optional(),
};

const listed = { ...common, maxAge: maxAge.prefault('26h') };

const paced = {
  concurrency: integer(1, 16).prefault(4),
  requestsPerMinute: integer(1, 6000).prefault(90),
};

const credential = {
  token: secret.optional(),
  oauth: z
    .strictObject({
      clientId: text,
      clientSecret: secret,
      authorizeUrl: text.optional(),
      tokenUrl: text.optional(),
      redirectUri: text.prefault('http://127.0.0.1:8976/callback'),
      scope: text.optional(),
    })
    .optional(),
};

/** Our fields that a file's or a query's columns may be mapped to (contract §3). */
const columns = z
  .strictObject({
    id: text.optional(),
    external_id: text.optional(),
    name: text.optional(),
    email: text.optional(),
    aliases: text.optional(),
    employee_id: text.optional(),
    given_name: text.optional(),
    family_name: text.optional(),
    display_name: text.optional(),
    status: text.optional(),
    kind: text.optional(),
    role: text.optional(),
    title: text.optional(),
    department: text.optional(),
    manager_id: text.optional(),
    start_date: text.optional(),
    end_date: text.optional(),
    last_active_at: text.optional(),
    source_created_at: text.optional(),
    source_updated_at: text.optional(),
  })
  .prefault({});

const NimbleFile = z.strictObject({
  type: z.literal('nimble'),
  ...listed,
  ...paced,
  ...credential,
  schedule,
  baseUrl: text.prefault('https://api.nimble.com'),
  rosterPath: text.prefault('/api/v1/team/members'),
});

const NamelyFile = z.strictObject({
  type: z.literal('namely'),
  ...listed,
  ...paced,
  ...credential,
  company: z.string().optional(),
  baseUrl: text.optional(),
  tokenIssued: plainDate.optional(),
  schedule: cron.prefault('*/5 * * * *'),
  fullSchedule: cron.prefault('15 3 * * *'),
  events: flag.prefault(false),
});

const FileFile = z.strictObject({
  type: z.literal('file'),
  ...common,
  schedule,
  path: text.optional(),
  url: text.optional(),
  format: z.enum(['csv', 'json']).optional(),
  columns,
  /** No default here: 26 h for an authoritative file, none for an application's. */
  maxAge: maxAge.optional(),
});

const NimbusFile = z.strictObject({
  type: z.literal('nimbus'),
  ...common,
  schedule,
  path: text,
  /** Login codes that every export must hold: one that lacks any was filtered. */
  sentinels: z.array(text).max(SENTINELS_MAX).prefault([]),
  maxAge: maxAge.optional(),
});

const ScimFile = z.strictObject({
  type: z.literal('scim'),
  ...listed,
  ...paced,
  ...credential,
  schedule,
  fullSchedule: cron.prefault('15 3 * * *'),
  company: z.string().optional(),
  baseUrl: text.optional(),
});

const SqlFile = z.strictObject({
  type: z.literal('sql'),
  ...listed,
  schedule,
  url: postgresUrl,
  query: z.string().regex(/[^\s;]/, 'must be a query'),
  columns,
});

export const SourceFile = z.discriminatedUnion('type', [
  NimbleFile,
  NamelyFile,
  FileFile,
  NimbusFile,
  ScimFile,
  SqlFile,
]);
export type SourceFile = z.infer<typeof SourceFile>;

export const SOURCE_TYPES = [
  'nimble',
  'namely',
  'nimbus',
  'scim',
  'file',
  'sql',
] as const satisfies readonly SourceFile['type'][];
