import { sql } from 'drizzle-orm';
import { bigint, check, integer, primaryKey, text } from 'drizzle-orm/pg-core';
import { instant } from './columns.ts';
import { rollcall, source } from './rosters.ts';

/** One row a schedule of a source: what has fired, so that each fire is taken once, by whoever comes first, and none is forgotten. */
export const tick = rollcall.table(
  'tick',
  {
    sourceId: integer('source_id')
      .notNull()
      .references(() => source.id),
    /** The key of the configuration. */
    schedule: text('schedule').notNull(),
    lastFire: instant('last_fire').notNull(),
    /** Fires that came too late or not at all, since the first. */
    missed: bigint('missed', { mode: 'number' }).notNull().default(0),
    /** Fires for which no job was made, because the source was being read or waited to be. */
    coalesced: bigint('coalesced', { mode: 'number' }).notNull().default(0),
  },
  (t) => [
    primaryKey({ name: 'tick_pk', columns: [t.sourceId, t.schedule] }),
    check('tick_schedule', sql`${t.schedule} in ('schedule', 'fullSchedule')`),
  ],
);
