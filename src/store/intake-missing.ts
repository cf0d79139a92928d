import type pg from 'pg';
import { breakerLimit } from '../core/breaker.ts';
import { loadBaseline } from './intake-count.ts';
import type { IntakeKey } from './intake-stage.ts';

const MISSING = `
  select a.external_id as id, a.status <> 'inactive' as usable
    from rollcall.account a
   where a.source_id = $1 and a.gone_at is null
     and not exists (select from rollcall.stage s
                      where s.source_id = $1 and s.epoch = $2 and s.external_id = a.external_id)
   order by usable desc, a.external_id
   limit $3`;

/**
 * Present rows that nothing staged has shown, as many as the breaker allows to be lost. Where usable rows above that are missing, nobody is
 * asked for: the listing is not believed anyway. Of the inactive ones as many as fit; nothing is concluded from those.
 */
export async function findMissing(
  client: pg.PoolClient,
  key: IntakeKey,
  { ratio, now }: { readonly ratio: number; readonly now?: Date | undefined },
): Promise<readonly string[]> {
  const baseline = await loadBaseline(client, key.sourceId, now);
  const limit = breakerLimit(baseline?.present ?? 0, ratio);
  const { rows } = await client.query<{ id: string; usable: boolean }>(MISSING, [key.sourceId, key.epoch, limit + 1]);
  if (rows.filter(({ usable }) => usable).length > limit) return [];
  return rows.slice(0, limit).map(({ id }) => id);
}
