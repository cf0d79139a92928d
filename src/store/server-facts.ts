import type pg from 'pg';
import { named } from './errors.ts';
import { ROLES } from './roles.ts';

/** What a server says of itself, for `doctor`. */
export type ServerFacts = {
  readonly version: string;
  /** 150004 for 15.4. */
  readonly versionNumber: number;
  /** Its clock, in milliseconds since 1970. */
  readonly atMs: number;
  readonly encrypted: boolean;
  /** Which of our roles the server has. */
  readonly roles: readonly string[];
  readonly bytes: number;
};

type Row = {
  readonly version: string;
  readonly number: number;
  readonly at_ms: number;
  readonly encrypted: boolean;
  readonly roles: readonly string[];
  readonly bytes: string;
};

const ASK = `
  select current_setting('server_version') as version, current_setting('server_version_num')::int as number,
         (extract(epoch from clock_timestamp()) * 1000)::float8 as at_ms,
         coalesce((select s.ssl from pg_stat_ssl s where s.pid = pg_backend_pid()), false) as encrypted,
         array(select rolname::text from pg_roles where rolname = any ($1) order by 1) as roles,
         pg_database_size(current_database())::text as bytes`;

/** Throws OperationalError. */
export async function loadServerFacts(pool: pg.Pool): Promise<ServerFacts> {
  return await named('ask the database about itself', async () => {
    const { rows } = await pool.query<Row>(ASK, [ROLES]);
    const [row] = rows;
    if (row === undefined) throw new Error('one row was asked for');
    const { version, number: versionNumber, at_ms: atMs, encrypted, roles, bytes } = row;
    return { version, versionNumber, atMs, encrypted, roles, bytes: Number(bytes) };
  });
}
