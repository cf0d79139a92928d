import type pg from 'pg';
import { OperationalError } from '../errors.ts';
import type { Rehearsal, RehearsalStage } from '../ports/store.ts';
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

/** Before the first query, which takes the snapshot; the worker's own reconciliations wait for us, and we for them. */
const ALONE = 'lock table rollcall.drift_report in share row exclusive mode';

export function createRehearsal(options: Pick<DatabaseOptions, 'url' | 'log'>): Rehearsal {
  return {
    rehearse: async (work, { alone = false } = {}) => {
      const database = openDatabase({ ...options, poolMax: 1, applicationName: 'rollcall dry run', rehearsal: true });
      try {
        if (alone) await named('wait for the reconciliation', askAlone(database.pool));
        return await work(stageOf(database));
      } catch (error) {
        throw CONFLICTS.has(sqlStateOf(error) ?? '') ? busy(error) : error;
      } finally {
        // The connection ends within its transaction: the server rolls it back, also where this process is killed before.
        await database.close();
      }
    },
  };
}

async function askAlone(pool: pg.Pool): Promise<void> {
  await pool.query(ALONE);
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
