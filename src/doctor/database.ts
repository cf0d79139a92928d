import type { CheckResult } from '../cli/doctor.ts';
import type { Config } from '../config/config.ts';
import { serviceDoubts } from '../core/service-doubts.ts';
import { OperationalError } from '../errors.ts';
import type { Clock } from '../ports/surroundings.ts';
import { checkWritable } from '../store/check-writable.ts';
import type { Database } from '../store/database.ts';
import { planMigrations } from '../store/migrate.ts';
import { findPooling, type Pooling } from '../store/pooler.ts';
import { loadListed } from '../store/reconcile/load-listed.ts';
import { loadServerFacts, type ServerFacts } from '../store/server-facts.ts';
import { isPrivateDatabase } from './database-address.ts';
import { describeRoles, doubtConnection, doubtVersion } from './database-doubts.ts';
import type { SharedStore } from './shared-store.ts';
import { doubtClock } from './roster-doubts.ts';
import { toFailure } from './to-failure.ts';

const NAME = 'database';
const AHEAD_MAX_MS = 60_000;
const MIB = 1_048_576;

/** Whether it answers, is new enough, can be written to and has the tables of this version. */
export async function checkDatabase(
  config: Config,
  shared: SharedStore,
  clock: Clock,
): Promise<readonly CheckResult[]> {
  try {
    return await shared.use(async ({ database }) => await describe(config, database, clock));
  } catch (error) {
    return [toFailure(NAME, error, adviseFailure(config, error))];
  }
}

/** Only where nobody answers is the address in doubt; a server that answers has said what it wants. */
function adviseFailure({ database }: Config, error: unknown): string {
  if (database.url === undefined) return 'mend what the message names, or set DATABASE_URL to a PostgreSQL of your own';
  const isSilent = error instanceof OperationalError && error.code === 'database-unavailable';
  return isSilent ? 'check DATABASE_URL, and that the server answers from here' : 'do what the message says';
}

async function describe(config: Config, { pool }: Database, clock: Clock): Promise<readonly CheckResult[]> {
  const server = await loadServerFacts(pool);
  const askedMs = clock().getTime();
  const pooling = await findPooling(pool);
  const whose = config.database.url === undefined ? ' (embedded)' : '';
  const detail = `PostgreSQL ${server.version}${whose}${POOLINGS[pooling]}`;
  const tooOld = doubtVersion(detail, server.versionNumber);
  if (tooOld !== undefined) return [tooOld];
  await checkWritable(pool);
  const { pending, jobs } = await planMigrations(pool);
  const around = [...(await doubtAddress(config, server)), ...doubtServerClock(server.atMs - askedMs)];
  if (pending.length > 0 || jobs !== 'current') {
    const never = config.database.migrate === 'never';
    if (!never && jobs === 'absent') {
      return [{ name: NAME, status: 'ok', detail: `${detail}, empty: the first run makes its tables` }, ...around];
    }
    const fix = never
      ? 'run `rollcall migrate`: database.migrate is never, so `run` and `start` refuse to'
      : 'nothing: `run` and `start` do it by themselves; `rollcall migrate --plan` shows what';
    const what = pending.length === 0 ? 'the job queue' : `${pending.length} migrations`;
    return [{ name: NAME, status: never ? 'fail' : 'warn', detail: `${detail}, ${what} pending`, fix }, ...around];
  }
  const doubts = serviceDoubts(await loadListed(pool, config.policy.serviceAccounts));
  const told = doubts.map((doubt) => ({ name: 'configuration', status: 'warn', detail: doubt }) as const);
  const size = `${Math.ceil(server.bytes / MIB)} MiB`;
  return [
    {
      name: NAME,
      status: 'ok',
      detail: `${detail}, up to date, ${size}${describeRoles(config.database.url, server.roles)}`,
    },
    ...told,
    ...around,
  ];
}

async function doubtAddress(
  { database: { url } }: Config,
  { encrypted }: ServerFacts,
): Promise<readonly CheckResult[]> {
  const isPrivate = url === undefined || encrypted || (await isPrivateDatabase(url).catch(() => false));
  return doubtConnection({ url, encrypted, isPrivate });
}

function doubtServerClock(aheadMs: number): readonly CheckResult[] {
  return Math.abs(aheadMs) > AHEAD_MAX_MS ? [doubtClock(NAME, 'the database', aheadMs)] : [];
}

const POOLINGS = {
  none: '',
  session: ', behind a pooler in session mode',
  transaction: ', behind a pooler in transaction mode: each transaction sets its own time limits',
} as const satisfies Record<Pooling, string>;
