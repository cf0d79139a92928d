import { drizzle } from 'drizzle-orm/node-postgres';
import { boolean, pgTable, text } from 'drizzle-orm/pg-core';
import type { Bench } from './bench.ts';
import { newPlainTable } from './plain-table.ts';
import { Stopwatch } from './repeat.ts';

/** Parameters of a statement: 24 a row, 65,535 at most. */
const ROWS_A_STATEMENT = 1_000;
const plain = pgTable('plain', {
  source: text('source').notNull(),
  externalId: text('external_id').notNull(),
  email: text('email'),
  aliases: text('aliases').array(),
  employeeId: text('employee_id'),
  givenName: text('given_name'),
  familyName: text('family_name'),
  displayName: text('display_name'),
  status: text('status'),
  kind: text('kind'),
  role: text('role'),
  privileged: boolean('privileged'),
  title: text('title'),
  department: text('department'),
  managerId: text('manager_id'),
  startDate: text('start_date'),
  endDate: text('end_date'),
  flags: text('flags').array(),
  lastActiveAt: text('last_active_at'),
  sourceCreatedAt: text('source_created_at'),
  sourceUpdatedAt: text('source_updated_at'),
});

/** Both rosters into a new plain table by drizzle's multi-row insert. Returns the time of the inserts alone. */
export async function loadByDrizzle(bench: Bench): Promise<number> {
  await newPlainTable(bench);
  const database = drizzle({ client: bench.database.pool });
  const stopwatch = new Stopwatch();
  const rosters = { directory: bench.company.identities(), application: bench.company.accounts(0) };
  for (const [source, batches] of Object.entries(rosters)) {
    for (const batch of batches) {
      for (let at = 0; at < batch.length; at += ROWS_A_STATEMENT) {
        bench.signal.throwIfAborted();
        const values = batch
          .slice(at, at + ROWS_A_STATEMENT)
          .map((row) => ({ ...row, source, aliases: [...row.aliases], flags: [...row.flags] }));
        await stopwatch.time(async () => await database.insert(plain).values(values));
      }
    }
  }
  await bench.database.pool.query('analyze public.plain');
  return stopwatch.ms;
}
