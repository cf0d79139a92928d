import type { Config } from './config/config.ts';
import { OperationalError } from './errors.ts';
import { checkWritable } from './store/check-writable.ts';
import type { Database } from './store/database.ts';
import { checkMigrated, migrate, planMigrations } from './store/migrate.ts';

/**
 * `work` migrates an empty or older database (unless `migrate: never`), `read` only checks that it is migrated, and so does `rehearse`,
 * for a dry run. `later`: the caller does what `work` does, by `prepare`. `views` checks nothing: a reader of views may not see the migrations.
 */
export type Prepare = 'work' | 'read' | 'views' | 'rehearse' | 'later';

export async function prepareDatabase(config: Config, database: Database, prepare: Prepare): Promise<void> {
  if (prepare === 'work') await prepareWork(config, database);
  if (prepare === 'rehearse') await checkRehearsable(database.pool);
  if (prepare === 'read') await checkMigrated(database.pool);
}

async function prepareWork(config: Config, database: Database): Promise<void> {
  await checkWritable(database.pool);
  if (config.database.migrate === 'auto') await migrate(database.pool);
  else await checkMigrated(database.pool);
}

/** A dry run makes no tables either, and without them there is nothing to compare with. */
async function checkRehearsable(pool: Database['pool']): Promise<void> {
  const { pending, jobs } = await planMigrations(pool);
  if (pending.length === 0 && jobs === 'current') return;
  throw new OperationalError(
    'database-behind',
    'the database lacks tables of this version, and a dry run makes none: run `rollcall migrate` first, which reads and judges nothing',
  );
}
