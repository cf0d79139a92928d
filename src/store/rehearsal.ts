import { randomUUID } from 'node:crypto';
import type pg from 'pg';
import { OperationalError } from '../errors.ts';
import type { Rehearsal, RehearsalStage } from '../ports/store.ts';
import { cancelledBy } from './cancel.ts';
import { openDatabase, type Database, type DatabaseOptions } from './database.ts';
import { named, sqlStateOf } from './errors.ts';
import { rehearseIntake } from './intake.ts';
import { createReader } from './reader/reader.ts';
import { createReconcileStore } from './reconcile/store.ts';
import { createSourceStore } from './sources.ts';

// A dry run is the real statements on a connection of its own, whose one transaction is never committed: what the stores take for
// transactions are its savepoints. No second code path can then differ from a run, and no writer can forget that it is a dry run.

/** Somebody else was first with the same rows, or held them for too long. `23505`: the row that they made is not in our snapshot. */
const CONFLICTS = new Set(['40001', '40P01', '55P03', '23505']);

/** How long a dry run waits for a reconciliation, or for a row. */
const WAIT_MS = 30_000;

type Options = Pick<DatabaseOptions, 'url' | 'log'> & { readonly waitMs?: number | undefined };

export function createRehearsal({ waitMs = WAIT_MS, ...options }: Options): Rehearsal {
  return {
    rehearse: async (work, { alone = false, signal } = {}) => {
      const name = `rollcall dry run ${randomUUID()}`;
      const database = openDatabase({ ...options, poolMax: 1, applicationName: name, rehearsal: true });
      // Connects when there is something to cancel: the one connection of the rehearsal is in the middle of it then.
      const beside = openDatabase({ ...options, poolMax: 1, applicationName: 'rollcall dry run' });
      const perform = async () => {
        await named('begin a dry run', begin(database.pool, { waitMs, alone }));
        return await work(stageOf(database));
      };
      try {
        return await (signal === undefined ? perform() : cancelledBy(signal, { pool: beside.pool, name }, perform));
      } catch (error) {
        throw CONFLICTS.has(sqlStateOf(error) ?? '') ? busy(error) : error;
      } finally {
        // The connection ends within its transaction: the server rolls it back, also where this process is killed before.
        await Promise.all([database.close(), beside.close()]);
      }
    },
  };
}

type Begin = { readonly waitMs: number; readonly alone: boolean };

/** No query, which would take the snapshot before the wait. The worker's own reconciliations wait for us, and we for them. */
async function begin(pool: pg.Pool, { waitMs, alone }: Begin): Promise<void> {
  await pool.query(`set local lock_timeout = ${waitMs}`);
  if (alone) await pool.query('lock table rollcall.drift_report in share row exclusive mode');
}

function stageOf(database: Database): RehearsalStage {
  return {
    sourceStore: createSourceStore(database),
    reconcileStore: createReconcileStore(database),
    reader: createReader(database),
    openIntake: (sourceId, mode) => rehearseIntake(database.pool, sourceId, mode),
  };
}

function busy(cause: unknown): OperationalError {
  return new OperationalError('busy', 'a worker is writing the same rows; try the dry run again in a minute', {
    cause,
  });
}
