import type pg from 'pg';
import { named } from './errors.ts';
import { isPooled } from './session.ts';

export type Pooling = 'none' | 'session' | 'transaction';

/** One meeting shows transaction mode; session mode is what none of these has refuted. */
const LOOKS = 20;

/**
 * What is between us and the server. In transaction mode a client that is at rest has no server connection of its own: while another
 * client holds the one that it had, its next statement comes from another backend. Asked more than once, and after the second has let
 * go as well: a pooler gives what was given back last, or has rested longest, and somebody else may come between.
 */
export async function findPooling(pool: pg.Pool): Promise<Pooling> {
  return await named('look for a pooler', async () => {
    const [first, second] = [await pool.connect(), await pool.connect()];
    try {
      if (!isPooled(first)) return 'none';
      const own = await backendOf(first);
      for (let look = 0; look < LOOKS; look += 1) {
        await second.query('begin');
        // Not asked any further while the transaction holds it: a pooler with one connection would have none for the first.
        if ((await backendOf(second)) === own || (await backendOf(first)) !== own) return 'transaction';
        await second.query('rollback');
        if ((await backendOf(first)) !== own) return 'transaction';
      }
      return 'session';
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
