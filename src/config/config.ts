import type { RowPolicy } from '../core/row.ts';
import type { Rule } from '../core/rule.ts';
import type { Proxies } from '../net/guarded-fetch.ts';
import type { SourceSpec } from '../ports/sources.ts';

/**
 * The effective configuration: flags, environment, file and defaults joined, checked and converted. Durations are
 * milliseconds, paths are absolute, an absent value is an absent key.
 */
export type Config = {
  /** The file it came from; absent in the environment-only set-up. */
  readonly file?: string | undefined;
  /** Where relative paths start: beside the file, else the working directory. */
  readonly directory: string;
  readonly logLevel: LogLevel;
  /** IANA name of the zone in which plain dates end. */
  readonly timezone: string;
  readonly database: DatabaseConfig;
  /** In the order of the file: the first authoritative one names identities (contract §4). At least one. */
  readonly sources: readonly SourceConfig[];
  readonly policy: PolicyConfig;
  /** How long all waits of one source together may be; `run` has a person waiting. */
  readonly retryBudget: { readonly startMs: number; readonly runMs: number };
  readonly slack: SlackConfig;
  readonly network: {
    /** Hosts or addresses, each with or without a port, that may be anything (contract §1). */
    readonly allow: readonly string[];
    readonly proxies: Proxies;
  };
  readonly http: HttpConfig;
  readonly retention: { readonly versionsDays: number; readonly runsDays: number };
  readonly shutdownGraceMs: number;
  /** 32 bytes that encrypt stored OAuth tokens. */
  readonly key?: Uint8Array | undefined;
};

export const LOG_LEVELS = ['debug', 'info', 'warn', 'error', 'silent'] as const;
export type LogLevel = (typeof LOG_LEVELS)[number];

type DatabaseConfig = {
  /** Absent: the embedded Postgres. */
  readonly url?: string | undefined;
  readonly migrate: 'auto' | 'never';
};

export type PolicyConfig = {
  /** Lower-cased role names. */
  readonly privilegedRoles: ReadonlySet<string>;
  readonly serviceAccounts: readonly ServiceAccount[];
  readonly rules: { readonly leaver_account: { readonly graceDays: number; readonly slaHours: number } };
  /** Rules set to `false`. */
  readonly disabledRules: ReadonlySet<Rule>;
  readonly breakerRatio: number;
};

type ServiceAccount = {
  readonly source: string;
  /** External id or e-mail, as written; `rowPolicy` holds the normal form too. */
  readonly account: string;
  /** E-mail or id of the identity that answers for it. */
  readonly owner: string;
  readonly purpose?: string | undefined;
  /** Plain date after which the entry must be looked at again. */
  readonly review?: string | undefined;
};

export type SlackConfig = {
  /** Absent: nobody is told. A secret as a whole. */
  readonly webhookUrl?: string | undefined;
  readonly digest: { readonly kind: 'immediate' } | { readonly kind: 'daily'; readonly at: string };
};

type HttpConfig = {
  readonly bind: string;
  readonly port: number;
  readonly token?: string | undefined;
  readonly webhookSecrets: readonly string[];
};

type SeatPrice = { readonly amount: number; readonly currency: string; readonly per: 'month' | 'year' };

type SourceCommon = SourceSpec & {
  /** What its rows are judged by when they are read. */
  readonly rowPolicy: RowPolicy;
  readonly seatPrice?: SeatPrice | undefined;
};

/** Limits of an HTTP source. */
type Pace = { readonly concurrency: number; readonly requestsPerMinute: number };

type NimbleSourceConfig = SourceCommon &
  Pace & {
    readonly type: 'nimble';
    readonly token: string;
    /** Without a trailing slash. */
    readonly baseUrl: string;
    readonly rosterPath: string;
  };

type NamelySourceConfig = SourceCommon &
  Pace & {
    readonly type: 'namely';
    readonly token: string;
    /** Without a trailing slash; from `company` when that was given. */
    readonly baseUrl: string;
    readonly fullSchedule: string;
    readonly events: boolean;
  };

type ScimSourceConfig = SourceCommon &
  Pace & {
    readonly type: 'scim';
    readonly token: string;
    /** Ends before `/Users`, without a trailing slash; Namely's from `company` when that was given. */
    readonly baseUrl: string;
    readonly fullSchedule: string;
  };

type FileSourceConfig = SourceCommon & {
  readonly type: 'file';
  /** An absolute path or an https URL. */
  readonly location: { readonly kind: 'path'; readonly path: string } | { readonly kind: 'url'; readonly url: string };
  readonly format: 'csv' | 'json';
  /** Our field → their header. */
  readonly columns: Readonly<Record<string, string>>;
};

export type SourceConfig = NimbleSourceConfig | NamelySourceConfig | ScimSourceConfig | FileSourceConfig;
