import type pg from 'pg';
import type { DeadLetter, QueueDepth } from '../ports/alerts.ts';
import { JOBS_SCHEMA } from './jobs-schema.ts';

/**
 * What was given up and is still to be done: a source that was read since, a hint whose source was, an alert that was put back by a later
 * start are none. The same thing that failed again and again counts once. Codes are ours; what pg-boss itself has given up is `lost`.
 */
const DEAD = `
  select j.name as queue,
         case when j.output ? 'code' then j.output ->> 'code' else 'lost' end as code,
         count(distinct (coalesce(j.singleton_key, ''), case when j.name = 'alert' then j.data end))::integer as count
    from ${JOBS_SCHEMA}.job j
   where j.name = any ($1::text[]) and j.state = 'failed'
     and not exists (
         select from ${JOBS_SCHEMA}.job l
          where case j.name
                when 'alert' then l.name = 'alert' and l.data = j.data and l.state <> 'failed' and l.created_on > j.created_on
                when 'hint' then l.name = 'sync' and l.state = 'completed' and l.completed_on > j.completed_on
                else l.name = j.name and coalesce(l.singleton_key, '') = coalesce(j.singleton_key, '')
                     and l.state = 'completed' and l.completed_on > j.completed_on end)
   group by 1, 2 order by 3 desc, 1, 2`;

const DEPTHS = `
  select q.name as queue, count(j.id)::integer as waiting,
         coalesce(extract(epoch from now() - min(greatest(j.start_after, j.created_on)) filter (where j.start_after <= now())), 0)::double precision
           as "oldestSeconds"
    from unnest($1::text[]) with ordinality as q (name, place)
    left join ${JOBS_SCHEMA}.job j on j.name = q.name and j.state in ('created', 'retry')
   group by q.name, q.place order by q.place`;

/** From pg-boss's table: its own figures are cached for up to an hour. */
export async function loadDeadLetters(pool: pg.Pool, queues: readonly string[]): Promise<readonly DeadLetter[]> {
  return (await pool.query<DeadLetter>(DEAD, [queues])).rows;
}

export async function loadDepths(pool: pg.Pool, queues: readonly string[]): Promise<readonly QueueDepth[]> {
  return (await pool.query<QueueDepth>(DEPTHS, [queues])).rows;
}
