import type { Check, CheckResult } from './cli/doctor.ts';
import type { Config, SourceConfig } from './config/config.ts';
import type { LoadedConfig } from './config/load.ts';
import { oauthOf } from './config/oauth-of.ts';
import { serviceDoubts } from './core/service-doubts.ts';
import { tokenAgeWarning } from './core/token-age.ts';
import { checkJobs } from './doctor-jobs.ts';
import { describeSchedules } from './doctor-schedules.ts';
import { OperationalError } from './errors.ts';
import type { Capacity, Source, TokenOwner } from './ports/sources.ts';
import type { Standing } from './ports/alerts.ts';
import { createChannelStore } from './store/alert-channel.ts';
import { checkWritable } from './store/check-writable.ts';
import { planMigrations } from './store/migrate.ts';
import { findPooling, type Pooling } from './store/pooler.ts';
import { loadListed } from './store/reconcile/load-listed.ts';
import { settlesWithin } from './store/within.ts';
import { openCredentials, openSource, openStore, RENEWAL_MS, type Surroundings } from './wire.ts';

/** Long enough for a slow vendor, short enough for a person who waits. */
const ASK_TIMEOUT_MS = 25_000;
/** So full that somebody should know. */
const NEARLY_FULL = 0.95;

/** What `doctor` looks at. The configuration comes first: without it nothing else can be known. */
export function doctorChecks(
  load: () => LoadedConfig,
  surroundingsOf: (loaded: LoadedConfig) => Surroundings,
): readonly Check[] {
  let loaded: LoadedConfig;
  try {
    loaded = load();
  } catch (error) {
    const fix = 'mend the faults; `rollcall config check` shows them again';
    return [{ name: 'configuration', run: async () => toFailure('configuration', error, fix) }];
  }
  const { config } = loaded;
  const surroundings = surroundingsOf(loaded);
  return [
    { name: 'configuration', run: async () => describeConfig(loaded) },
    { name: 'schedules', run: async () => describeSchedules(config, surroundings.clock()) },
    { name: 'database', run: async () => checkDatabase(config, surroundings) },
    { name: 'jobs', run: async () => checkJobs(config, surroundings) },
    ...config.sources.map((source) => ({
      name: nameOf(source),
      run: async () => checkSource(source, config, surroundings),
    })),
    { name: 'Slack', run: async () => checkSlack(config, surroundings) },
  ];
}

function describeConfig({ config, warnings }: LoadedConfig): readonly CheckResult[] {
  const where = config.file ?? 'environment variables';
  const detail = `${config.sources.length} sources from ${where}, days end in ${config.timezone}`;
  const doubts = warnings.map((warning) => ({ name: 'configuration', status: 'warn', detail: warning }) as const);
  return [{ name: 'configuration', status: 'ok', detail }, ...doubts];
}

async function checkDatabase(
  config: Config,
  surroundings: Surroundings,
): Promise<CheckResult | readonly CheckResult[]> {
  const name = 'database';
  try {
    const store = await openStore(config, surroundings);
    try {
      const { pool } = store.database;
      const { rows } = await pool.query<{ version: string }>(`select current_setting('server_version') as version`);
      const pooling = await findPooling(pool);
      const { pending, jobs } = await planMigrations(pool);
      const detail = `PostgreSQL ${rows[0]?.version ?? '?'}${POOLINGS[pooling]}`;
      await checkWritable(pool);
      if (pending.length === 0 && jobs === 'current') {
        const doubts = serviceDoubts(await loadListed(pool, config.policy.serviceAccounts));
        const told = doubts.map((doubt) => ({ name: 'configuration', status: 'warn', detail: doubt }) as const);
        return [{ name, status: 'ok', detail: `${detail}, up to date` }, ...told];
      }
      const fix = 'run `rollcall migrate`; `run` and `start` do it by themselves unless database.migrate is never';
      return { name, status: 'warn', detail: `${detail}, ${pending.length} migrations pending`, fix };
    } finally {
      await store.close();
    }
  } catch (error) {
    return toFailure(name, error, 'check DATABASE_URL, and that the server answers from here');
  }
}

const POOLINGS = {
  none: '',
  session: ', behind a pooler in session mode',
  transaction: ', behind a pooler in transaction mode: each transaction sets its own time limits',
} as const satisfies Record<Pooling, string>;

function nameOf(source: SourceConfig): string {
  return `source ${source.name}`;
}

async function checkSource(
  source: SourceConfig,
  config: Config,
  surroundings: Surroundings,
): Promise<CheckResult | readonly CheckResult[]> {
  const name = nameOf(source);
  // Only tokens that rotate are in the database.
  const signsIn = oauthOf(source) !== undefined;
  const store = signsIn ? await openStore(config, surroundings) : undefined;
  const credentials = store === undefined ? undefined : openCredentials(config, store, surroundings.clock);
  try {
    const adapter = openSource(source, config, credentials);
    if (adapter.whoami === undefined) return await countRows(name, source, config);
    return [...(await askVendor(name, adapter)), ...describeAge(name, source, surroundings)];
  } catch (error) {
    const login = `run \`rollcall login ${source.name}\`, after a first \`rollcall migrate\``;
    return toFailure(name, error, signsIn ? login : FIXES[source.type]);
  } finally {
    if (credentials !== undefined) await settlesWithin(credentials.settled(), RENEWAL_MS);
    await store?.close();
  }
}

async function askVendor(name: string, source: Source): Promise<readonly CheckResult[]> {
  const whose = describeOwner(await source.whoami?.(AbortSignal.timeout(ASK_TIMEOUT_MS)));
  // Whose token it is says nothing of what it may read.
  const refusal = await refusalOfRoster(source);
  if (refusal !== undefined) {
    const fix = "give the token's owner the right to read the roster";
    return [{ name, status: 'fail', detail: `${whose}, but ${refusal}`, fix }];
  }
  const room = await source.capacity?.(AbortSignal.timeout(ASK_TIMEOUT_MS));
  const detail = `${whose}; the roster answers`;
  return [{ name, status: 'ok', detail }, ...(room === undefined ? [] : [describeCapacity(name, room)])];
}

function describeAge(name: string, source: SourceConfig, { clock }: Surroundings): readonly CheckResult[] {
  const issued = source.type === 'namely' ? source.tokenIssued : undefined;
  const detail =
    issued === undefined ? undefined : tokenAgeWarning(issued, clock().toISOString().slice(0, issued.length));
  return detail === undefined
    ? []
    : [{ name, status: 'warn', detail, fix: 'the vendor ends a personal token after two years' }];
}

function describeOwner(owner: TokenOwner | undefined): string {
  if (owner === undefined) return 'the token is accepted; the vendor does not say whose it is';
  return `the token belongs to ${owner.email ?? owner.externalId ?? 'an unnamed user'} (${owner.shape})`;
}

/** Why the roster cannot be read. Its first rows are enough; the rest is not asked for, and nothing is stored. */
async function refusalOfRoster(source: Source): Promise<string | undefined> {
  const signal = AbortSignal.timeout(ASK_TIMEOUT_MS);
  const listing = source.list({ mode: 'full', budgetMs: 0, signal, progress: () => undefined });
  const first = await listing.next();
  if (first.done !== true) return undefined;
  const { outcome } = first.value;
  if (outcome.kind === 'ended') return undefined;
  return signal.aborted ? `no answer within ${ASK_TIMEOUT_MS / 1000} s` : outcome.detail;
}

function describeCapacity(name: string, { what, used, limit }: Capacity): CheckResult {
  const detail = `${used} of ${limit} ${what}`;
  if (used < limit * NEARLY_FULL) return { name, status: 'ok', detail };
  return { name, status: 'warn', detail, fix: `make room: the vendor takes no more ${what} than that` };
}

const FIXES = {
  nimble: 'make a token in Nimble under Settings > API Tokens and put it into NIMBLE_TOKEN',
  namely: 'make a personal access token in Namely under your profile > API and put it into NAMELY_TOKEN',
  scim: 'ask for a token of the SCIM API, and check that baseUrl ends before /Users',
  file: 'check path or url, and that the file is whole',
  sql: 'check url and query; docs/sources/sql.md has the role to make',
  nimbus: 'in Nimbus open Admin > Manage Employees, clear the filter, export the grid as CSV again, and check path',
} as const satisfies Record<SourceConfig['type'], string>;

/** Nobody is behind a file or a query to be asked for: it is read once, and nothing is stored. */
async function countRows(name: string, source: SourceConfig, config: Config): Promise<CheckResult> {
  const request = {
    mode: 'full',
    budgetMs: 0,
    signal: AbortSignal.timeout(ASK_TIMEOUT_MS),
    progress: () => undefined,
  } as const;
  const listing = openSource(source, config).list(request);
  let rows = 0;
  for (;;) {
    const step = await listing.next();
    if (step.done !== true) {
      rows += step.value.length;
      continue;
    }
    const { outcome, rowsWithoutId } = step.value;
    if (outcome.kind !== 'ended') return { name, status: 'fail', detail: outcome.detail, fix: FIXES[source.type] };
    if (rowsWithoutId === 0) return { name, status: 'ok', detail: `${rows} rows` };
    const detail = `${rows} rows, and ${rowsWithoutId} without an id that can be read: such a listing is not complete`;
    return { name, status: 'warn', detail, fix: 'give each row its id' };
  }
}

/** Sends nothing: what the workers have seen is in the database. */
async function checkSlack(config: Config, surroundings: Surroundings): Promise<CheckResult> {
  const name = 'Slack';
  const { webhookUrl } = config.slack;
  if (webhookUrl === undefined) {
    const fix = 'set SLACK_WEBHOOK_URL to an incoming webhook';
    return { name, status: 'warn', detail: 'no webhook: findings are only in the database', fix };
  }
  const standing = await standingOf(webhookUrl, config, surroundings);
  const { deadSince, failingSince, reason = 'no reason is known' } = standing ?? {};
  if (deadSince !== undefined) {
    const fix = 'then start the worker anew, or call `rollcall run`: what waits is sent as one message';
    return { name, status: 'fail', detail: `dead since ${deadSince}: ${reason}`, fix };
  }
  if (failingSince !== undefined) {
    const fix = 'nothing, if Slack is down: what waits is kept';
    return { name, status: 'warn', detail: `not reached since ${failingSince}: ${reason}`, fix };
  }
  return { name, status: 'ok', detail: 'a webhook is configured; nothing was sent to it' };
}

async function standingOf(url: string, config: Config, surroundings: Surroundings): Promise<Standing | undefined> {
  try {
    const store = await openStore(config, surroundings);
    try {
      return await createChannelStore(store.database, url).standing();
    } finally {
      await store.close();
    }
  } catch (error) {
    // That the database is away, or not migrated yet, is said by its own check.
    if (error instanceof OperationalError) return undefined;
    throw error;
  }
}

function toFailure(name: string, error: unknown, fix: string): CheckResult {
  if (!(error instanceof OperationalError)) throw error;
  const exit = error.code === 'config-invalid' ? 78 : undefined;
  return { name, status: 'fail', detail: `${error.message} [${error.code}]`, fix, exit };
}
