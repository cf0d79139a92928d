import type { RowPolicy } from '../core/row.ts';
import type { Rule } from '../core/rule.ts';
import type { RuleOptions } from '../core/rule-options.ts';
import type { ServiceEntry } from '../core/service-accounts.ts';
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
  /** 32 bytes each, for stored OAuth tokens: the first encrypts, each of them decrypts. */
  readonly keys: readonly Uint8Array[];
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
  readonly serviceAccounts: readonly ServiceEntry[];
  readonly rules: { readonly leaver_account: { readonly graceDays: number; readonly slaHours: number } };
  /** What the other rules are told to look for. */
  readonly ruleOptions: RuleOptions;
  /** Rules set to `false`, and those that are off by default and not set. */
  readonly disabledRules: ReadonlySet<Rule>;
  readonly breakerRatio: number;
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
  /** All are accepted, the newest first; none: there is no webhook. */
  readonly webhookSecrets: readonly string[];
  readonly webhook: {
    readonly signatureHeader: string;
    readonly algorithm: 'sha256' | 'sha512' | 'sha1';
    readonly encoding: 'hex' | 'base64';
    /** Absent: calls carry no time. */
    readonly timestampHeader?: string | undefined;
  };
};

type SourceCommon = SourceSpec & {
  /** What its rows are judged by when they are read. */
  readonly rowPolicy: RowPolicy;
};

/** Limits of an HTTP source. */
type Pace = { readonly concurrency: number; readonly requestsPerMinute: number };

/** What a person has registered at the vendor, all addresses written out. */
export type OAuthConfig = {
  readonly clientId: string;
  readonly clientSecret: string;
  readonly authorizeUrl: string;
  readonly tokenUrl: string;
  readonly redirectUri: string;
  readonly scope?: string | undefined;
};

/** A token that was copied, or what `rollcall login` gets one with. */
export type CredentialConfig =
  | { readonly kind: 'token'; readonly token: string }
  | { readonly kind: 'oauth'; readonly oauth: OAuthConfig };

type NimbleSourceConfig = SourceCommon &
  Pace & {
    readonly type: 'nimble';
    readonly access: CredentialConfig;
    /** Without a trailing slash. */
    readonly baseUrl: string;
    readonly rosterPath: string;
  };

type NamelySourceConfig = SourceCommon &
  Pace & {
    readonly type: 'namely';
    readonly access: CredentialConfig;
    /** When a personal token was made, if that was said. */
    readonly tokenIssued?: string | undefined;
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

type NimbusSourceConfig = SourceCommon & {
  readonly type: 'nimbus';
  /** Absolute. */
  readonly path: string;
  /** Login codes that every export must hold. */
  readonly sentinels: readonly string[];
};

type SqlSourceConfig = SourceCommon & {
  readonly type: 'sql';
  readonly url: string;
  readonly query: string;
  /** Our field → their column. */
  readonly columns: Readonly<Record<string, string>>;
};

export type SourceConfig =
  | NimbleSourceConfig
  | NamelySourceConfig
  | ScimSourceConfig
  | FileSourceConfig
  | NimbusSourceConfig
  | SqlSourceConfig;
