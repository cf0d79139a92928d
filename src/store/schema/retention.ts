import { bigint, integer } from 'drizzle-orm/pg-core';
import { instant, plainDate } from './columns.ts';
import { rollcall } from './rosters.ts';

/** From where on the history of a source is whole. A table of its own: a source's row is locked while a listing is recorded. */
export const keptHistory = rollcall.table('kept_history', {
  sourceId: integer('source_id').primaryKey(),
  /** Of no moment from here on is a version missing. */
  versionsSince: instant('versions_since'),
  /** No run with a higher id is missing: from the next one on each digest follows from the one before. */
  runsAfter: bigint('runs_after', { mode: 'number' }),
});

/** One row a day on which old versions and runs were removed; its first process that day has the work. */
export const retention = rollcall.table('retention', {
  day: plainDate('day').primaryKey(),
  startedAt: instant('started_at').notNull(),
  finishedAt: instant('finished_at'),
  versionsBefore: instant('versions_before').notNull(),
  runsBefore: instant('runs_before').notNull(),
  versions: integer('versions').notNull().default(0),
  runs: integer('runs').notNull().default(0),
});
