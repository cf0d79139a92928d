import type pg from 'pg';
import { breakerLimit } from '../core/breaker.ts';
import { before, countKnown, coveredSince, loadBaseline } from './intake-count.ts';
import type { IntakeKey } from './intake-stage.ts';

const MISSING = `
  select o.external_id as id,
         o.before <> 'inactive'
           and exists (select from (select o.external_id) c, lateral (${before('$5::bigint')}) b) as usable
    from (select a.external_id, a.status as before, false as had_address from rollcall.account a
           where a.source_id = $1 and a.gone_at is null
             and not exists (select from rollcall.stage s
                              where s.source_id = $1 and s.epoch = $2 and s.external_id = a.external_id)) o
   where not ${coveredSince('$4')}
   order by usable desc, md5(o.external_id || $2::bigint::text)
   limit $3`;

/**
 * Present rows that nothing staged has shown and no release covers, as many as the breaker allows to be lost. Where usable rows above that
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
