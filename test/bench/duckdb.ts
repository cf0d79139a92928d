import { type DuckDBConnection, DuckDBInstance } from '@duckdb/node-api';
import type { PlainDate } from '../../src/core/row.ts';
import type { Bench } from './bench.ts';
import { FILE_COLUMNS, fileOf, type Name } from './plain-table.ts';
import { Stopwatch } from './repeat.ts';

/** DuckDB over the two rosters as Parquet files: the floor of a reconciliation from scratch. */
export type Duck = {
  readonly version: string;
  /** Joins and classifies anew with so many threads; returns the milliseconds. */
  classify(threads: number, today: PlainDate): Promise<number>;
  /** What the last `classify` found, as `rule subject`, the subject being an external id; sorted. */
  findings(): Promise<readonly string[]>;
  close(): void;
};

// Contract §4 and §6 for one authority, nobody absent and no history, said in one query. Two identities with one address are never one
// person's old and new row in the data that is made here, so `disputed` needs no look at names.
const CLASSIFY = `
  create or replace temp table finding as
  with identity as (
    select external_id, email, aliases, status, start_date, end_date,
           status = 'inactive' or coalesce(end_date < $today::date, false) as has_left
      from read_parquet($directory)),
  account as (
    select external_id, email, aliases, status, end_date, status in ('active', 'unknown') as usable,
           kind = 'service' as is_service
      from read_parquet($application)),
  by_email as (
    select a.external_id, i.external_id as identity_id, 1 as strength
      from account a join identity i on i.email = a.email),
  identity_alias as (
    select external_id, unnest(aliases) as key from identity where aliases <> []),
  account_alias as (
    select external_id, unnest(aliases) as key from account where aliases <> []),
  hit as (
    select * from by_email
    union all
    select a.external_id, i.external_id, 2 from account a join identity_alias i on i.key = a.email
    union all
    select a.external_id, i.external_id, 2 from account_alias a join identity i on i.email = a.key
    union all
    select a.external_id, i.external_id, 2 from account_alias a join identity_alias i using (key)),
  best as (
    select external_id, count(distinct identity_id) filter (where strength = 1) as by_email,
           count(distinct identity_id) as people, arg_min(identity_id, strength) as identity_id
      from hit group by external_id),
  decided as (
    select external_id, identity_id, case when by_email > 0 then by_email else people end as people from best),
  linked as (
    select a.*, coalesce(d.people, 0) as people, case when d.people = 1 then d.identity_id end as identity_id
      from account a left join decided d using (external_id)),
  judged as (
    select l.external_id, l.usable, l.is_service, l.status, l.end_date, l.people, i.external_id as identity_id,
           i.has_left, i.status as identity_status, i.start_date
      from linked l left join identity i on i.external_id = l.identity_id)
  select 'orphaned_account' as rule, external_id as subject from judged where usable and not is_service and people = 0
  union all
  select 'disputed_account', external_id from judged where usable and not is_service and people > 1
  union all
  select 'leaver_account', external_id from judged where usable and not is_service and has_left
  union all
  select 'inactive_account', external_id from judged
   where status = 'inactive' and not has_left and identity_status in ('active', 'on_leave')
     and (start_date is null or start_date <= $today::date)
  union all
  select 'duplicate_account', identity_id from judged
   where usable and identity_id is not null group by identity_id having count(*) > 1
  union all
  select 'service_account_unowned', external_id from account where is_service and status <> 'inactive'
  union all
  select 'lifecycle_conflict', external_id from account where usable and end_date < $today::date
  union all
  select 'lifecycle_conflict', external_id from identity where status in ('active', 'unknown') and end_date < $today::date`;

export async function openDuck(bench: Bench): Promise<Duck> {
  const instance = await DuckDBInstance.create(':memory:');
  const connection = await instance.connect();
  for (const name of ['directory', 'application'] as const) await writeParquet(bench, connection, name);
  const files = { directory: parquetOf(bench, 'directory'), application: parquetOf(bench, 'application') };
  return {
    version: await textOf(connection, 'select version()'),
    classify: async (threads, today) => {
      await connection.run(`set threads = ${threads}`);
      const stopwatch = new Stopwatch();
      await stopwatch.time(() => connection.run(CLASSIFY, { ...files, today }));
      return stopwatch.ms;
    },
    findings: async () => {
      const reader = await connection.runAndReadAll("select rule || ' ' || subject from finding");
      return reader.getRows().map(String).toSorted();
    },
    close: () => {
      connection.closeSync();
      instance.closeSync();
    },
  };
}

function parquetOf(bench: Bench, name: Name): string {
  return fileOf(bench, name).replace(/\.tsv$/, '.parquet');
}

/** From the file that COPY reads, so that both have the same rows. Not part of the measured work. */
async function writeParquet(bench: Bench, connection: DuckDBConnection, name: Name): Promise<void> {
  const columns = FILE_COLUMNS.map((column) => `'${column}': 'VARCHAR'`).join(', ');
  await connection.run(`
    copy (
      select * replace (
               case when aliases = '{}' then [] else string_split(aliases[3:-3], '","') end as aliases,
               start_date::date as start_date, end_date::date as end_date)
        from read_csv('${fileOf(bench, name)}', delim = '\t', quote = '', escape = '', header = false, nullstr = '\\N',
                      columns = {${columns}})
    ) to '${parquetOf(bench, name)}' (format parquet)`);
}

async function textOf(connection: DuckDBConnection, query: string): Promise<string> {
  const reader = await connection.runAndReadAll(query);
  return String(reader.getRows()[0]?.[0]);
}
