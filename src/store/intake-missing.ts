import type pg from 'pg';
import { breakerLimit } from '../core/breaker.ts';
import { before, countKnown, coveredSince, loadBaseline } from './intake-count.ts';
import type { IntakeKey } from './intake-stage.ts';

const MISSING = `
  select o.external_id as id,
         o.before <> 'inactive'
           and exists (select from (select o.external_id) c, lateral (${before('$5::bigint')}) b) as usable
    from (select a.external_id, a.status as before, false as had_address
            from rollcall.stage s
            join rollcall.account a on a.source_id = s.source_id and a.external_id = s.external_id and a.gone_at is null
           where s.source_id = $1 and s.epoch = $2 and s.difference = 'absent') o
   where not ${coveredSince('$4')}
   order by usable desc, md5(o.external_id || $2::bigint::text)
   limit $3`;

/**
 * After `findAbsent`: present rows that the listing has not shown and no release covers, as many as the breaker allows to be lost. Where usable rows above that
 * are missing, nobody is asked for: the listing is not believed anyway. Of the inactive ones, and of those that were never believed, as many as
 * fit, others each time; the rest stays.
 */
export async function findMissing(
  client: pg.PoolClient,
  key: IntakeKey,
  { ratio, now }: { readonly ratio: number; readonly now?: Date | undefined },
): Promise<readonly string[]> {
  const baseline = await loadBaseline(client, key.sourceId, now);
  const limit = breakerLimit(baseline?.present ?? (await countKnown(client, key.sourceId)), ratio);
  const asked = [key.sourceId, key.epoch, limit + 1, baseline?.finishedAt, baseline?.runId];
  const { rows } = await client.query<{ id: string; usable: boolean }>(MISSING, asked);
  if (rows.filter(({ usable }) => usable).length > limit) return [];
  return rows.slice(0, limit).map(({ id }) => id);
}
