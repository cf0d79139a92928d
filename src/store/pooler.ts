import type pg from 'pg';
import { named } from './errors.ts';
import { isPooled } from './session.ts';

export type Pooling = 'none' | 'session' | 'transaction';

/**
 * What is between us and the server. In transaction mode a client that is at rest has no server connection of its own: while another
 * client holds the one that it had, its next statement comes from another backend.
 */
export async function findPooling(pool: pg.Pool): Promise<Pooling> {
  return await named('look for a pooler', async () => {
    const [first, second] = [await pool.connect(), await pool.connect()];
    try {
      if (!isPooled(first)) return 'none';
      const before = await backendOf(first);
      await second.query('begin');
      const held = await backendOf(second);
      const after = await backendOf(first);
      await second.query('rollback');
      return before === held || before !== after ? 'transaction' : 'session';
    } finally {
      first.release();
      second.release(true);
    }
  });
}

async function backendOf(client: pg.PoolClient): Promise<number | undefined> {
  const { rows } = await client.query<{ pid: number }>('select pg_backend_pid() as pid');
  return rows[0]?.pid;
}
