import { createHash } from 'node:crypto';
import { parseEmail } from '../core/email.ts';
import { isRule, type Rule } from '../core/rule.ts';
import { DEFAULT_OPTIONS, expectationOf, MISMATCH_FIELDS, type RuleOptions } from '../core/rule-options.ts';
import type { RowPolicy } from '../core/row.ts';
import type { SourceSpec } from '../ports/sources.ts';
import type { Config, CredentialConfig, PolicyConfig, SlackConfig, SourceConfig } from './config.ts';
import { canonicalTimezone } from './scalars.ts';
import type { ConfigFile } from './schema.ts';
import type { Settings } from './settings.ts';
import type { SourceFile } from './source-schema.ts';

type Place = Pick<Config, 'file' | 'directory'>;

/** A person waits for `run`: it gives up sooner than the worker. */
const RUN_BUDGET_MS = 90_000;

/** The checked and completed document, as the program uses it. */
export function resolveConfig(document: ConfigFile, place: Place, settings: Settings): Config {
  const policy = resolvePolicy(document);
  const startMs = document.retry.budget;
  return {
    ...place,
    logLevel: settings.logLevel,
    keys: settings.keys,
    timezone: canonicalTimezone(document.timezone),
    database: document.database,
    sources: document.sources.map((source) => resolveSource(source, policy)),
    policy,
    retryBudget: { startMs, runMs: Math.min(startMs, RUN_BUDGET_MS) },
    slack: { webhookUrl: document.slack.webhookUrl, digest: resolveDigest(document.slack.digest) },
    network: { ...document.network, proxies: settings.proxies },
    http: resolveHttp(document.http),
    retention: document.retention,
    shutdownGraceMs: document.shutdownGrace,
  };
}

function resolveHttp({ webhook, ...http }: ConfigFile['http']): Config['http'] {
  const { timestampHeader, ...scheme } = webhook;
  // No header of that name exists; the word says that there is none.
  return { ...http, webhook: { ...scheme, ...(timestampHeader === 'none' ? {} : { timestampHeader }) } };
}

function resolvePolicy(document: ConfigFile): PolicyConfig {
  const { leaver_account: leaver } = document.rules;
  const disabled = Object.entries(document.rules).flatMap(([rule, options]): Rule[] =>
    options === false && isRule(rule) ? [rule] : [],
  );
  return {
    privilegedRoles: new Set(document.privilegedRoles.map((role) => role.trim().toLowerCase())),
    serviceAccounts: document.serviceAccounts,
    rules: { leaver_account: typeof leaver === 'object' ? leaver : { graceDays: 0, slaHours: 24 } },
    ruleOptions: resolveRuleOptions(document.rules),
    disabledRules: new Set(disabled),
    breakerRatio: document.breaker.ratio,
  };
}

function resolveRuleOptions(rules: ConfigFile['rules']): RuleOptions {
  const {
    missing_account: missing,
    attribute_mismatch: mismatch,
    early_account: early,
    dormant_account: dormant,
  } = rules;
  const expected = typeof missing === 'object' ? Object.entries(missing) : [];
  const fields: readonly string[] = typeof mismatch === 'object' ? mismatch.fields : [];
  return {
    missingAccount: new Map(expected.map(([source, accepted]) => [source, expectationOf(accepted)])),
    mismatchFields: MISMATCH_FIELDS.filter((field) => fields.includes(field)),
    preHireDays: typeof early === 'object' ? early.preHireDays : DEFAULT_OPTIONS.preHireDays,
    dormantDays: typeof dormant === 'object' ? dormant.days : undefined,
  };
}

function resolveDigest(digest: string): SlackConfig['digest'] {
  const at = /\d\d:\d\d/.exec(digest)?.[0];
  return at === undefined ? { kind: 'immediate' } : { kind: 'daily', at };
}

function resolveSource(source: SourceFile, policy: PolicyConfig): SourceConfig {
  const common = { ...resolveSpec(source), rowPolicy: rowPolicyOf(source.name, policy) };
  if (source.type === 'nimble') {
    const { type, rosterPath, concurrency, requestsPerMinute } = source;
    const baseUrl = withoutTrailingSlash(source.baseUrl);
    return { ...common, type, access: resolveAccess(source), baseUrl, rosterPath, concurrency, requestsPerMinute };
  }
  if (source.type === 'namely') {
    const { type, tokenIssued, fullSchedule, events, concurrency, requestsPerMinute } = source;
    const baseUrl = withoutTrailingSlash(given(source.baseUrl));
    return {
      ...common,
      type,
      access: resolveAccess(source),
      tokenIssued,
      baseUrl,
      fullSchedule,
      events,
      concurrency,
      requestsPerMinute,
    };
  }
  if (source.type === 'scim') {
    const { type, token, fullSchedule, concurrency, requestsPerMinute } = source;
    const baseUrl = withoutTrailingSlash(given(source.baseUrl));
    return { ...common, type, token: given(token), baseUrl, fullSchedule, concurrency, requestsPerMinute };
  }
  if (source.type === 'file') {
    const location: LocationConfig =
      source.path === undefined ? { kind: 'url', url: given(source.url) } : { kind: 'path', path: source.path };
    return { ...common, type: source.type, location, format: given(source.format), columns: columnsOf(source) };
  }
  if (source.type === 'nimbus') {
    return { ...common, type: source.type, path: source.path, sentinels: source.sentinels };
  }
  return { ...common, type: source.type, url: source.url, query: source.query, columns: columnsOf(source) };
}

function resolveAccess({ token, oauth }: Pick<SourceFile & { type: 'nimble' }, 'token' | 'oauth'>): CredentialConfig {
  if (oauth === undefined) return { kind: 'token', token: given(token) };
  const { authorizeUrl, tokenUrl } = oauth;
  return { kind: 'oauth', oauth: { ...oauth, authorizeUrl: given(authorizeUrl), tokenUrl: given(tokenUrl) } };
}

/** Types that are read with a token, copied or signed in for, or a login: the checks let none of them through without. */
const WITH_CREDENTIAL: ReadonlySet<SourceFile['type']> = new Set(['nimble', 'namely', 'scim', 'sql']);

type LocationConfig = Extract<SourceConfig, { type: 'file' }>['location'];

function resolveSpec(source: SourceFile): SourceSpec {
  return {
    name: source.name,
    formerly: source.formerly,
    type: source.type,
    authoritative: source.authoritative,
    audited: source.audited,
    minRows: source.minRows ?? 0,
    maxAgeMs: source.maxAge,
    schedule: source.schedule,
    fullSchedule: 'fullSchedule' in source ? source.fullSchedule : undefined,
    correlateEmployeeId: source.correlate.includes('employee_id'),
    keyDigest: keyDigestOf(source),
    credential: WITH_CREDENTIAL.has(source.type),
    seatPrice: source.seatPrice,
  };
}

// Another id or key column makes other accounts of the same rows; a renamed title column does not (contract §5, baseline).
const KEY_COLUMNS = ['id', 'external_id', 'email', 'aliases', 'employee_id'];

function keyDigestOf(source: SourceFile): string {
  const columns = 'columns' in source ? columnsOf(source) : {};
  const keys = KEY_COLUMNS.map((column) => columns[column] ?? '');
  return createHash('sha256')
    .update(JSON.stringify([source.type, rosterOf(source), ...keys]))
    .digest('hex');
}

/** Which roster is read, where the configuration says it: a changed query is as much another one as a changed path (decision 14). */
function rosterOf(source: SourceFile): string {
  if (source.type === 'nimble') return source.rosterPath;
  return source.type === 'sql' ? source.query.replaceAll(/[\s;]+/g, ' ').trim() : '';
}

function columnsOf(source: Extract<SourceFile, { type: 'file' | 'sql' }>): Readonly<Record<string, string>> {
  return Object.fromEntries(
    Object.entries(source.columns).flatMap(([ours, theirs]) => (theirs === undefined ? [] : [[ours, theirs]])),
  );
}

function rowPolicyOf(source: string, policy: PolicyConfig): RowPolicy {
  const accounts = policy.serviceAccounts.filter((entry) => entry.source === source).map(({ account }) => account);
  return {
    privilegedRoles: policy.privilegedRoles,
    // As written for ids, which are opaque, and in the e-mail's normal form for those that are addresses.
    serviceAccounts: new Set(accounts.flatMap((account) => [account, parseEmail(account) ?? account])),
  };
}

function withoutTrailingSlash(url: string): string {
  return url.replace(/\/+$/, '');
}

/** checks.ts has refused a document without it; another answer here is a bug. */
function given<Value>(value: Value | undefined): Value {
  if (value === undefined) throw new Error('a required key passed the checks although it is absent');
  return value;
}
