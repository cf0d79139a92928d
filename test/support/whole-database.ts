import type pg from 'pg';

/**
 * Every row of every table of ours and of the job queue, with the transaction that wrote it and its place: a row written anew with the same
 * content shows. What sequences have given out is not in a table.
 */
export async function wholeDatabase(pool: pg.Pool): Promise<Readonly<Record<string, readonly string[]>>> {
  const { rows: tables } = await pool.query<{ name: string }>(
    `select format('%I.%I', schemaname, tablename) as name from pg_catalog.pg_tables
      where schemaname in ('rollcall', 'rollcall_jobs', 'rollcall_migrations') order by 1`,
  );
  if (tables.length < 20) throw new Error('this is not a whole database');
  const dump: Record<string, readonly string[]> = {};
  for (const { name } of tables) {
    const { rows } = await pool.query<{ row: string }>(
      `select concat_ws(' ', t.xmin, t.ctid, t::text) as row from ${name} t order by t.ctid::text, t::text`,
    );
    dump[name] = rows.map(({ row }) => row);
  }
  return dump;
}
