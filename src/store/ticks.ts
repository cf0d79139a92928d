import type pg from 'pg';
import type { Instant } from '../core/row.ts';
import type { Fire, LastFire, ScheduleKey, Taken, TickCount, TickKey, TickStore } from '../ports/ticks.ts';
import { askSync, SYNC_QUEUE } from './ask-sync.ts';
import { bossOn } from './boss-on.ts';
import { type Database, inTransaction } from './database.ts';
import { named } from './errors.ts';
import { JOBS_SCHEMA } from './jobs-schema.ts';

type Row = { readonly source_id: number; readonly schedule: ScheduleKey; readonly last_fire: Instant };

const LOAD = `
  select source_id, schedule, last_fire from rollcall.tick
   where (source_id, schedule) in (select * from unnest($1::int[], $2::text[]))`;

// What was missed while a source was not configured at all was nobody's to take.
const DROP_RETIRED = `
  delete from rollcall.tick t using rollcall.source s where s.id = t.source_id and s.retired_at is not null`;

const ADD_NEW = `
  insert into rollcall.tick (source_id, schedule, last_fire)
  select source_id, schedule, now() from unnest($1::int[], $2::text[]) as n (source_id, schedule)
  on conflict (source_id, schedule) do nothing`;

// Whoever has read the same last fire and comes first has it. The second waits for the row, and then finds another fire in it.
const TAKE = `
  update rollcall.tick set last_fire = $4, missed = missed + $5
   where source_id = $1 and schedule = $2 and last_fire = $3`;

const COUNT_COALESCED = `
  update rollcall.tick set coalesced = coalesced + 1 where source_id = $1 and schedule = $2`;

const FORGET = `
  update rollcall.tick set last_fire = now() where source_id = $1 and schedule = $2 and last_fire = $3`;

const COUNTS = `
  select s.name as source, t.schedule, t.last_fire as "lastFire", t.missed, t.coalesced
    from rollcall.tick t join rollcall.source s on s.id = t.source_id
   where s.retired_at is null order by s.rank, t.schedule desc`;

// A reading of changes is made up for by the one that runs or is about to be tried again; a full one by a full one.
const IS_AT_IT = `
  select from ${JOBS_SCHEMA}.job
   where name = $1 and singleton_key = $2 and state in ('active', 'retry') and ($3 = 'delta' or data ->> 'mode' = 'full')
   limit 1`;

/** The fires that were taken: the database is the one place that all workers share, and it forgets nothing when they end. */
export function createTickStore({ pool }: Pick<Database, 'pool'>): TickStore {
  return {
    load: (keys) => named('read the schedules', () => load(pool, keys)),
    take: (fire) => inTransaction(pool, 'take a tick', (client) => take(client, fire)),
    counts: () => named('read the schedules', async () => (await pool.query<TickCount>(COUNTS)).rows),
    forget: ({ sourceId, key, lastFire }) =>
      named('forget a tick', async () => {
        await pool.query(FORGET, [sourceId, key, lastFire]);
      }),
  };
}

async function load(pool: pg.Pool, keys: readonly TickKey[]) {
  const wanted = [keys.map(({ sourceId }) => sourceId), keys.map(({ key }) => key)];
  const known = await pool.query<Row>(LOAD, wanted);
  if (known.rows.length < keys.length) {
    await pool.query(DROP_RETIRED);
    await pool.query(ADD_NEW, wanted);
  }
  // After the rows: what was taken meanwhile is not due again.
  const { rows } = known.rows.length < keys.length ? await pool.query<Row>(LOAD, wanted) : known;
  const [time] = (await pool.query<{ now: Instant }>('select now() as now')).rows;
  if (time === undefined) throw new Error('a database without a time');
  return { now: time.now, fires: rows.map(toLastFire) };
}

function toLastFire({ source_id: sourceId, schedule: key, last_fire: lastFire }: Row): LastFire {
  return { sourceId, key, lastFire };
}

/** The fire and its job are one: a process that ends between the two would have lost a tick that nobody makes up for. */
async function take(client: pg.PoolClient, fire: Fire): Promise<Taken> {
  const { sourceId, key, source } = fire;
  const { rowCount } = await client.query(TAKE, [sourceId, key, fire.lastFire, fire.at.toISOString(), fire.missed]);
  if (rowCount === 0) return 'not_elected';
  const mode = key === 'fullSchedule' ? 'full' : 'delta';
  const { rowCount: atIt } = await client.query(IS_AT_IT, [SYNC_QUEUE, source, mode]);
  const asked = atIt === 0 ? await askSync(bossOn(client), { source, mode }) : 'coalesced';
  if (asked === 'coalesced') await client.query(COUNT_COALESCED, [sourceId, key]);
  return asked;
}
