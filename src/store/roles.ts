import type pg from 'pg';
import { inTransaction } from './database.ts';
import { JOBS_SCHEMA } from './jobs-schema.ts';
import { MIGRATIONS_SCHEMA, SCHEMA_LOCK } from './migrate.ts';

export const ROLES = ['rollcall_owner', 'rollcall_worker', 'rollcall_reader'] as const;

/** What `rollcall_reader` may read, besides `roster_at`: the interface of contract §7 and nothing else. */
const READABLE = [
  'drift_findings',
  'drift_reports',
  'roster',
  'sync_runs',
  'leaver_clock',
  'source_health',
  'account_version',
] as const;
const SCHEMAS = ['rollcall', JOBS_SCHEMA, MIGRATIONS_SCHEMA] as const;
const SCHEMA_LIST = SCHEMAS.map((schema) => `'${schema}'`).join(', ');

// Roles belong to the whole server: another database of it may make them at the same moment, under a lock that is not ours.
const CREATE_ROLES = ROLES.map(
  (role) => `
  do $$ begin
    if not exists (select from pg_catalog.pg_roles where rolname = '${role}') then create role ${role} nologin; end if;
  exception when duplicate_object or unique_violation then null;
  end $$`,
);

// Who migrates must be able to hand its objects over and to change them later.
const JOIN_OWNER = `
  do $$ begin
    if not pg_catalog.pg_has_role(current_user, 'rollcall_owner', 'usage') then
      execute pg_catalog.format('grant rollcall_owner to %I', current_user);
    end if;
    execute pg_catalog.format('grant create on database %I to rollcall_owner', pg_catalog.current_database());
  end $$`;

// Only what somebody else owns is touched, so a second time changes nothing. Identity sequences follow their table.
const GIVE_TO_OWNER = `
  do $$ declare o record; begin
    for o in
      select 1 as step, format('alter schema %I owner to rollcall_owner', n.nspname) as command
        from pg_catalog.pg_namespace n
       where n.nspname in (${SCHEMA_LIST}) and n.nspowner <> 'rollcall_owner'::regrole
      union all
      select 2, format('alter %s %I.%I owner to rollcall_owner',
               case c.relkind when 'v' then 'view' when 'S' then 'sequence' else 'table' end, n.nspname, c.relname)
        from pg_catalog.pg_class c join pg_catalog.pg_namespace n on n.oid = c.relnamespace
       where n.nspname in (${SCHEMA_LIST}) and c.relkind in ('r', 'p', 'v', 'S')
         and c.relowner <> 'rollcall_owner'::regrole
         and not exists (select from pg_catalog.pg_depend d
                          where d.classid = 'pg_class'::regclass and d.objid = c.oid and c.relkind = 'S'
                            and d.deptype in ('a', 'i'))
      union all
      select 3, format('alter routine %s owner to rollcall_owner', p.oid::regprocedure)
        from pg_catalog.pg_proc p join pg_catalog.pg_namespace n on n.oid = p.pronamespace
       where n.nspname in (${SCHEMA_LIST}) and p.proowner <> 'rollcall_owner'::regrole
      union all
      select 4, format('alter type %I.%I owner to rollcall_owner', n.nspname, t.typname)
        from pg_catalog.pg_type t join pg_catalog.pg_namespace n on n.oid = t.typnamespace
       where n.nspname in (${SCHEMA_LIST}) and t.typtype = 'e' and t.typowner <> 'rollcall_owner'::regrole
      order by 1
    loop execute o.command; end loop;
  end $$`;

const GRANT_WORKER = [
  `grant usage on schema ${SCHEMAS.join(', ')} to rollcall_worker`,
  `grant select, insert, update, delete on all tables in schema rollcall, ${JOBS_SCHEMA} to rollcall_worker`,
  `grant usage, select on all sequences in schema rollcall, ${JOBS_SCHEMA} to rollcall_worker`,
  `grant execute on all functions in schema rollcall, ${JOBS_SCHEMA} to rollcall_worker`,
  `grant select on all tables in schema ${MIGRATIONS_SCHEMA} to rollcall_worker`,
  // Append-only: a run, an event and above all an audit row can be added, not rewritten.
  'revoke update on rollcall.sync_run, rollcall.finding_event, rollcall.audit from rollcall_worker',
  'revoke delete on rollcall.audit from rollcall_worker',
];

const GRANT_READER = [
  'revoke all on all tables in schema rollcall from rollcall_reader',
  'revoke all on all functions in schema rollcall from rollcall_reader',
  'grant usage on schema rollcall to rollcall_reader',
  `grant select on ${READABLE.map((name) => `rollcall.${name}`).join(', ')} to rollcall_reader`,
  'grant execute on function rollcall.roster_at(text, timestamptz) to rollcall_reader',
];

/**
 * Creates the three roles (without login: give them to users of your own) and grants what each needs. Idempotent; to be repeated
 * after each migration. Needs a migrated database and a role that may create roles.
 */
export async function migrateRoles(pool: pg.Pool): Promise<void> {
  await inTransaction(pool, 'migrate roles', async (client) => {
    await client.query('select pg_advisory_xact_lock($1)', [SCHEMA_LOCK]);
    for (const statement of [...CREATE_ROLES, JOIN_OWNER, GIVE_TO_OWNER, ...GRANT_WORKER, ...GRANT_READER]) {
      await client.query(statement);
    }
  });
}
