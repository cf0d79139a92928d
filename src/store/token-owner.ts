import type pg from 'pg';
import type { TokenOwner } from '../core/case.ts';

/** Whose the source's token is, where that is not what is known already. */
export async function saveTokenOwner(
  client: pg.PoolClient,
  sourceId: number,
  { externalId, email }: TokenOwner,
): Promise<void> {
  await client.query(
    `update rollcall.source set owner_external_id = $2, owner_email = $3
      where id = $1 and (owner_external_id, owner_email) is distinct from ($2::text, $3::text)`,
    [sourceId, externalId ?? null, email ?? null],
  );
}
