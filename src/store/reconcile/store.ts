import { randomUUID } from 'node:crypto';
import pg from 'pg';
import { OperationalError } from '../../errors.ts';
import type { FinishReport, ReconcileSettings, ReconcileStore, Reconciliation } from '../../ports/store.ts';
import { awaitLong, type Database, inTransaction, LONG_STATEMENT_TIMEOUT_MS } from '../database.ts';
import type { Underway } from '../ahead.ts';
import { cancelledBy } from '../cancel.ts';
import { casesOf } from './cases.ts';
import { clearMarks } from './clear-marks.ts';
import type { ReconcileContext } from './context.ts';
import { expireWaivers, openUnwaived, warnOfWaivers } from './expire-waivers.ts';
import { finish } from './finish.ts';
import { hold } from './hold.ts';
import { linkPlain } from './link-plain.ts';
import { countAccounts, loadActiveSources, loadSourceStates, loadWithheldBefore } from './load-sources.ts';
import { loadListed } from './load-listed.ts';
import { loadOwners } from './load-owners.ts';
import { managerCases, withReports } from './manager-cases.ts';
import { markLeft } from './mark-left.ts';
import { retireFindings } from './retire-findings.ts';
import { saveJudgements } from './save-judgements.ts';
import { saveTransitions } from './save-transitions.ts';
import { loadScope } from './scope.ts';

/** How long a reconciliation waits for the one that runs already. */
const WAIT_MS = 30_000;
/** Classification happens between two statements; this long without one, and the process is taken for dead. */
const IDLE_MS = 120_000;
/** A record or a release that changed the same row meanwhile wins, and the reconciliation begins again with what it wrote. */
const ATTEMPTS_MAX = 3;

// The order of the first two matters. REPEATABLE READ, because a report that takes seconds must not see half of a listing that
// commits meanwhile, and because a lock on the source rows would stop claims and records for as long. Its snapshot is that of
// the first query, so what serialises reconciliations must not be a query: `select pg_advisory_xact_lock()` would take the
// snapshot first and then wait, and see the findings as they were before the reconciliation that it waited for (tried: it
// does). LOCK TABLE takes none, ends with the transaction also behind PgBouncer, and nobody else writes this table; readers
// are not kept out.
const BEGIN = `
  set transaction isolation level repeatable read;
  set local lock_timeout = ${WAIT_MS};
  set local statement_timeout = ${LONG_STATEMENT_TIMEOUT_MS};
  set local idle_in_transaction_session_timeout = ${IDLE_MS};
  -- Cursors and writes have no parallel plan anyway; a parallel hash join over a nullable key has taken a backend to 6.8 GB.
  set local max_parallel_workers_per_gather = 0;
  -- Every row of a cursor is fetched, so the plan for the first tenth is the wrong one.
  set local cursor_tuple_fraction = 1`;
const LOCK = 'lock table rollcall.drift_report in share row exclusive mode';

const LOCK_NOT_AVAILABLE = '55P03';
/** Somebody else was first with a row: 40001 is what REPEATABLE READ says of it, 40P01 is a deadlock. */
const BEGIN_AGAIN = new Set(['40001', '40P01']);
/** A person has linked or denied meanwhile what this was about to link, which the snapshot does not show. */
const UNIQUE_VIOLATION = '23505';
const LINK_KEYS = new Set(['link_pk', 'link_one_an_account']);

/**
 * Reconciliations are one at a time in a database: the next waits 30 s, then `busy`. `work` must do nothing but use its step:
 * when another transaction changed the same rows, everything is rolled back and `work` is called again, three times in all,
 * then `busy`.
 */
export function createReconcileStore({ pool }: Pick<Database, 'pool'>): ReconcileStore {
  return {
    reconcile: async (options, work) => {
      for (let attempt = 1; attempt <= ATTEMPTS_MAX; attempt += 1) {
        const end = await attemptOnce(pool, options, work);
        if (end.kind === 'done') return end.result;
      }
      throw new OperationalError('busy', 'other writers changed the same rows again and again; try again in a minute');
    },
  };
}

type Work<T> = (step: Reconciliation) => Promise<T>;
type End<T> = { readonly kind: 'done'; readonly result: T } | { readonly kind: 'again' };

/** Thrown to roll a transaction back without a failure. */
const ROLL_BACK = new Error('rolled back on purpose');

async function attemptOnce<T>(pool: pg.Pool, options: ReconcileSettings, judge: Work<T>): Promise<End<T>> {
  const outcome: { end?: End<T>; written?: Written } = {};
  const { signal } = options;
  const name = `rollcall reconcile ${randomUUID()}`;
  const perform = async (client: pg.PoolClient): Promise<void> => {
    signal?.throwIfAborted();
    // A setting and no query, for the sake of the snapshot; it ends with the transaction.
    if (signal !== undefined) await client.query(`set local application_name = '${name}'`);
    outcome.end = await workIn(client, options, async (step) => {
      const finishing = async (report: FinishReport, now: Date): Promise<void> => {
        outcome.written = { reportId: step.reportId, finishedAt: now };
        await step.finish(report, now);
      };
      return judge({ ...step, finish: finishing });
    });
    if (outcome.end.kind === 'again') throw ROLL_BACK;
  };
  const isThere = async (): Promise<boolean> => outcome.written !== undefined && isReport(pool, outcome.written);
  const work = (): Promise<void> => inTransaction(pool, 'reconcile', perform, { isThere });
  try {
    await (signal === undefined ? work() : cancelledBy(signal, { pool, name }, work));
  } catch (error) {
    if (error !== ROLL_BACK) throw error;
  }
  if (outcome.end === undefined) throw new Error('a transaction ended without an outcome');
  return outcome.end;
}

/** By its moment too: after a crash another report may have got the number. */
type Written = { readonly reportId: number; readonly finishedAt: Date };

async function isReport(pool: pg.Pool, { reportId, finishedAt }: Written): Promise<boolean> {
  const { rowCount } = await pool.query('select from rollcall.drift_report where id = $1 and finished_at = $2', [
    reportId,
    finishedAt.toISOString(),
  ]);
  return rowCount === 1;
}

async function workIn<T>(client: pg.PoolClient, options: ReconcileSettings, work: Work<T>): Promise<End<T>> {
  try {
    const context = await begin(client, options);
    return { kind: 'done', result: await work(await openStep(context)) };
  } catch (error) {
    if (isBeginAgain(error)) return { kind: 'again' };
    throw error;
  }
}

async function begin(
  client: pg.PoolClient,
  { timezone, leaverSlaHours, ignoresReuse }: ReconcileSettings,
): Promise<ReconcileContext> {
  awaitLong(client);
  await client.query(BEGIN);
  try {
    await client.query(LOCK);
  } catch (error) {
    if (!(error instanceof pg.DatabaseError) || error.code !== LOCK_NOT_AVAILABLE) throw error;
    throw new OperationalError(
      'busy',
      'another reconciliation has been running for 30 s; try again when it has ended',
      {
        cause: error,
      },
    );
  }
  await client.query(
    `update rollcall.setting set timezone = $1, leaver_sla_hours = $2
      where (timezone, leaver_sla_hours) is distinct from ($1::text, $2::int)`,
    [timezone, leaverSlaHours],
  );
  const sources = await loadActiveSources(client);
  return { client, reportId: await insertReport(client), sources, ignoresReuse };
}

/** First, so that findings can refer to it; `finish` fills it. */
async function insertReport(client: pg.PoolClient): Promise<number> {
  const { rows } = await client.query<{ id: number }>(
    `insert into rollcall.drift_report
            (started_at, finished_at, verdicts, withheld, opened, reopened, resolved, undecided, open, held, waived, baseline)
     values (now(), now(), '{}', '[]', 0, 0, 0, 0, 0, 0, 0, '{}') returning id`,
  );
  const [row] = rows;
  if (row === undefined) throw new Error('the report got no id');
  return row.id;
}

async function openStep(context: ReconcileContext): Promise<Reconciliation> {
  const underway: Underway = { asked: Promise.resolve() };
  // What is written of one batch waits until the next one is loaded, and does not follow where that has failed.
  const loaded = async (write: () => Promise<void>): Promise<void> => {
    await underway.asked;
    await write();
  };
  return {
    reportId: context.reportId,
    sources: await loadSourceStates(context),
    withheldBefore: await loadWithheldBefore(context),
    scope: (request) => loadScope(context, request),
    markLeft: (today, scope) => markLeft(context, today, scope),
    linkPlain: (today, byCases) => linkPlain(context, today, byCases),
    owners: (owners, today) => loadOwners(context, owners, today),
    listed: (entries) => loadListed(context.client, entries),
    managers: (looking) => managerCases(context, looking),
    withReports: (scope, moved) => withReports(context, scope, moved),
    cases: (looking) => casesOf(context, looking, underway),
    clearMarks: (items) => loaded(() => clearMarks(context, items)),
    saveJudgements: (items) => loaded(() => saveJudgements(context, items)),
    saveTransitions: (items, now) => loaded(() => saveTransitions(context, items, now)),
    hold: (sourceId, rules, evidence, now) => hold(context, { sourceId, rules, evidence, now }),
    countAccounts: (sourceId) => countAccounts(context, sourceId),
    retireFindings: (disabled, now, options) => retireFindings(context, disabled, now, options),
    expireWaivers: (today, now) => expireWaivers(context, today, now),
    openUnwaived: (now) => openUnwaived(context, now),
    warnOfWaivers: (today, now) => warnOfWaivers(context, today, now),
    finish: (report, now) => finish(context, report, now),
  };
}

function isBeginAgain(error: unknown): boolean {
  if (!(error instanceof pg.DatabaseError) || error.code === undefined) return false;
  if (error.code === UNIQUE_VIOLATION) return error.constraint !== undefined && LINK_KEYS.has(error.constraint);
  return BEGIN_AGAIN.has(error.code);
}
