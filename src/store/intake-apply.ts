import type pg from 'pg';
import { checkCount } from './check-staged.ts';
import { coveredSince } from './intake-count.ts';
import { markReuse } from './intake-reuse.ts';
import type { IntakeKey } from './intake-stage.ts';

/** The run that writes: its id and the moment at which its versions begin. */
export type Run = { readonly id: number; readonly at: string };

// Parameters: $1 source, $2 epoch, $3 moment, $4 run (UPDATE_ACCOUNTS: $3 run). Each statement joins by the staged rows first, so that what did
// not change is neither locked nor written: `on conflict … where` would write WAL for every row.
const STAGED = 'r.source_id = $1 and r.epoch = $2';

const END_VERSIONS = `
  update rollcall.account_version v set valid_to = $3, to_run = $4
    from rollcall.stage_row r
    join rollcall.account a on a.source_id = r.source_id and a.external_id = r.external_id and a.gone_at is null
   where ${STAGED} and v.source_id = $1 and v.external_id = r.external_id and v.from_run = a.version_run`;

const INSERT_VERSIONS = `
  insert into rollcall.account_version (source_id, external_id, from_run, valid_from,
         email, aliases, employee_id, given_name, family_name, display_name, status, kind, role, privileged,
         title, department, manager_id, start_date, end_date, flags, content_hash)
  select source_id, external_id, $4::bigint, $3::timestamptz,
         email, aliases, employee_id, given_name, family_name, display_name, status, kind, role, privileged,
         title, department, manager_id, start_date, end_date, flags, content_hash
    from rollcall.stage_row r where ${STAGED}`;

const UPDATE_ACCOUNTS = `
  update rollcall.account a
     set content_hash = r.content_hash, version_run = $3, status = r.status, kind = r.kind,
         privileged = r.privileged, start_date = r.start_date, end_date = r.end_date, manager_id = r.manager_id,
         last_active_at = r.last_active_at, source_created_at = r.source_created_at,
         source_updated_at = r.source_updated_at, gone_at = null
    from rollcall.stage_row r
   where ${STAGED} and a.source_id = $1 and a.external_id = r.external_id`;

const ACCOUNTS = `
  insert into rollcall.account (source_id, external_id, content_hash, version_run, status, kind, privileged,
         start_date, end_date, manager_id, last_active_at, source_created_at, source_updated_at, first_seen_at)
  select r.source_id, r.external_id, r.content_hash, $4::bigint, r.status, r.kind, r.privileged,
         r.start_date, r.end_date, r.manager_id, r.last_active_at, r.source_created_at, r.source_updated_at,
         $3::timestamptz
    from rollcall.stage_row r
   where ${STAGED}`;
const INSERT_ACCOUNTS = `${ACCOUNTS}
     and not exists (select from rollcall.account a where a.source_id = $1 and a.external_id = r.external_id)`;

/** What a row was found by once is remembered: whose address it was, and who must be looked at again when it is gone. */
const remembered = (deletion: string): string => `
  with lost as (${deletion} returning k.source_id, k.external_id, k.kind, k.key)
  insert into rollcall.former_key (source_id, external_id, kind, key)
  select distinct source_id, external_id, kind, key from lost
  on conflict do nothing`;

const DELETE_KEYS = remembered(`
  delete from rollcall.account_key k using rollcall.stage_row r
   where ${STAGED} and k.source_id = $1 and k.external_id = r.external_id
     and not exists (select from unnest(r.key_kinds, r.keys) as n (kind, key) where n.kind = k.kind and n.key = k.key)`);

// What a reconciliation has to look at again is said where it is written, in the same transaction: a change without its mark would
// be found on the next day at the earliest. A first reading needs none: nothing was judged by it before, so everything will be.
const MARK_DIRTY = `
  insert into rollcall.dirty (source_id, external_id)
  select r.source_id, r.external_id from rollcall.stage_row r where ${STAGED}`;

const KEYS = `
  insert into rollcall.account_key (source_id, external_id, kind, key)
  select r.source_id, r.external_id, n.kind, n.key
    from rollcall.stage_row r, unnest(r.key_kinds, r.keys) as n (kind, key)
   where ${STAGED}`;
const INSERT_KEYS = `${KEYS}
     and not exists (select from rollcall.account_key k
                      where k.source_id = $1 and k.external_id = r.external_id and k.kind = n.kind and k.key = n.key)`;

const REFRESH_INSTANTS = `
  update rollcall.account a
     set last_active_at = s.last_active_at, source_created_at = s.source_created_at,
         source_updated_at = s.source_updated_at
    from rollcall.stage s
   where s.source_id = $1 and s.epoch = $2 and s.difference = 'volatile'
     and a.source_id = $1 and a.external_id = s.external_id`;

// Under other key settings the same people come with other ids. The first complete listing after the release says so: who is missing
// from it has not left, only the id is no more, and neither links nor keys may lead there. What a person pinned or denied stays.
const IS_FIRST_UNDER_NEW_KEYS = `
  exists (select from rollcall.breaker b
           where b.source_id = $1 and b.kind = 'baseline' and b.released
             and b.closed_at > (select max(r.finished_at) from rollcall.sync_run r
                                 where r.source_id = $1 and r.mode = 'full' and r.verdict = 'complete'))`;

// Where a source can be asked for single rows ($5 is not null) only those are gone that it said so of, and those a person has released.
const MARK_GONE = `
  with gone as (
    update rollcall.account a set gone_at = $3
      from rollcall.stage s
     where a.source_id = $1 and a.gone_at is null
       and a.external_id = s.external_id and s.source_id = $1 and s.epoch = $2 and s.difference = 'absent'
       and ($5::text[] is null or a.external_id = any ($5) or ${IS_FIRST_UNDER_NEW_KEYS}
            or exists (select from (select a.external_id, a.status as before, false as had_address) o where ${coveredSince('$6')}))
    returning a.external_id, a.version_run),
  marked as (insert into rollcall.dirty (source_id, external_id) select $1, external_id from gone)
  update rollcall.account_version v set valid_to = $3, to_run = $4 from gone g
   where v.source_id = $1 and v.external_id = g.external_id and v.from_run = g.version_run`;

const GONE_NOW = 'a.source_id = $1 and a.gone_at = $2';
const FORGET_LINKS = `
  delete from rollcall.link l using rollcall.account a
   where ${GONE_NOW} and l.identity_source_id = $1 and l.identity_external_id = a.external_id
     and l.rule not in ('pinned', 'denied') and ${IS_FIRST_UNDER_NEW_KEYS}`;
const FORGET_KEYS = remembered(`
  delete from rollcall.account_key k using rollcall.account a
   where ${GONE_NOW} and k.source_id = $1 and k.external_id = a.external_id and ${IS_FIRST_UNDER_NEW_KEYS}`);

// In the order of the primary keys, so that a first load fills the pages of their indexes once, and from an index, so that nothing is sorted.
const IN_ORDER = ' order by r.external_id';
const FIRST_READ = [INSERT_VERSIONS, ACCOUNTS, KEYS].map((statement) => statement + IN_ORDER);

/** Of a source that was never read: nothing is there to be compared with, ended or refreshed. Returns how many rows, which must be all that it has `shown`. */
export async function applyFirstRead(client: pg.PoolClient, key: IntakeKey, run: Run, shown: number): Promise<number> {
  const [versions = '', accounts = '', keys = ''] = FIRST_READ;
  const withRun = [key.sourceId, key.epoch, run.at, run.id];
  const written = (await client.query(versions, withRun)).rowCount ?? 0;
  await checkCount(client, key, { is: written, shouldBe: shown });
  await client.query(accounts, withRun);
  await client.query(keys, [key.sourceId, key.epoch]);
  return written;
}

/** Writes a version of every staged row that differs; returns how many. A row that was gone is present again. */
export async function applyRows(client: pg.PoolClient, key: IntakeKey, run: Run): Promise<number> {
  const intake = [key.sourceId, key.epoch];
  const withRun = [...intake, run.at, run.id];
  await client.query(END_VERSIONS, withRun);
  const inserted = await client.query(INSERT_VERSIONS, withRun);
  const changed = inserted.rowCount ?? 0;
  if (changed === 0) return 0;
  await client.query(UPDATE_ACCOUNTS, [...intake, run.id]);
  await client.query(INSERT_ACCOUNTS, withRun);
  await client.query(DELETE_KEYS, intake);
  await client.query(INSERT_KEYS, intake);
  await client.query(MARK_DIRTY, intake);
  await markReuse(client, key, run);
  return changed;
}

/** Rows of which nothing but the instants differs. */
export async function refreshInstants(client: pg.PoolClient, key: IntakeKey): Promise<void> {
  await client.query(REFRESH_INSTANTS, [key.sourceId, key.epoch]);
}

/** What makes an absence one: of a source that reads single rows, those that it has confirmed. */
export type AbsenceProof = {
  readonly confirmedGone: readonly string[] | undefined;
  readonly baselineFinishedAt: string | undefined;
};

/** Present rows that a complete full listing does not show are gone; returns how many. */
export async function applyAbsences(
  client: pg.PoolClient,
  key: IntakeKey,
  run: Run,
  { confirmedGone, baselineFinishedAt }: AbsenceProof,
): Promise<number> {
  const proof = [confirmedGone, baselineFinishedAt];
  const { rowCount } = await client.query(MARK_GONE, [key.sourceId, key.epoch, run.at, run.id, ...proof]);
  if (rowCount === null || rowCount === 0) return 0;
  for (const statement of [FORGET_LINKS, FORGET_KEYS]) await client.query(statement, [key.sourceId, run.at]);
  return rowCount;
}
