import type pg from 'pg';
import { OperationalError } from '../errors.ts';
import { named, READ_ONLY_ADVICE } from './errors.ts';
import { writeTrouble } from './write-trouble.ts';

/**
 * `database-read-only` on a replica, or where the database or the role was made so: then no job can even be taken. `database-full` as
 * long as the last attempt to write said so: there is nothing that could be asked.
 */
export async function checkWritable(pool: pg.Pool): Promise<void> {
  const readOnly = await named('ask the database', async () => {
    const { rows } = await pool.query<{ setting: string }>(
      `select current_setting('transaction_read_only') as setting`,
    );
    return rows[0]?.setting === 'on';
  });
  if (readOnly) throw new OperationalError('database-read-only', `nothing can be written: ${READ_ONLY_ADVICE}`);
  const trouble = writeTrouble(pool);
  if (trouble !== undefined) throw trouble;
}
