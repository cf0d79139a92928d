import type pg from 'pg';
import type { RowRef } from '../../core/case.ts';
import { accountLabel } from '../../core/person.ts';
import { JOIN_VERSION, ROW_COLUMNS, type RowRecord, toArrays, toRosterRow } from '../reconcile/roster-row.ts';

/** A row of `link`: what a rule found (`rule`), or what a person said (`pinned`, `denied`). */
export type LinkRow = {
  readonly source_id: number;
  readonly external_id: string;
  readonly identity_source_id: number;
  readonly identity_external_id: string;
  readonly rule: string;
};

const COLUMNS = 'source_id, external_id, identity_source_id, identity_external_id, rule';

/** Locks the row: two people who decide about one account go one after the other, and a listing waits. Undefined: it was forgotten meanwhile. */
export async function lockRow(
  client: pg.PoolClient,
  ref: RowRef,
): Promise<{ readonly reused: boolean; readonly moved: boolean } | undefined> {
  const { rows } = await client.query<{ reused: boolean; moved: boolean }>(
    `select reuse_before_run is not null as reused, moved_from is not null as moved
       from rollcall.account where source_id = $1 and external_id = $2 for update`,
    [ref.sourceId, ref.externalId],
  );
  return rows[0];
}

/** Nobody forgets the row before this transaction ends. False: somebody has. */
export async function keepRow(client: pg.PoolClient, ref: RowRef): Promise<boolean> {
  const { rowCount } = await client.query(
    'select from rollcall.account where source_id = $1 and external_id = $2 for key share',
    [ref.sourceId, ref.externalId],
  );
  return rowCount === 1;
}

export async function loadLinksOf(client: pg.PoolClient, ref: RowRef): Promise<readonly LinkRow[]> {
  const { rows } = await client.query<LinkRow>(
    `select ${COLUMNS} from rollcall.link where source_id = $1 and external_id = $2`,
    [ref.sourceId, ref.externalId],
  );
  return rows;
}

export async function removeLinks(client: pg.PoolClient, links: readonly LinkRow[]): Promise<void> {
  if (links.length === 0) return;
  await client.query(
    `delete from rollcall.link l
      using unnest($1::int[], $2::text[], $3::int[], $4::text[])
            as r (source_id, external_id, identity_source_id, identity_external_id)
      where (l.source_id, l.external_id, l.identity_source_id, l.identity_external_id)
          = (r.source_id, r.external_id, r.identity_source_id, r.identity_external_id)`,
    [...toArrays(links.map(accountOf)), ...toArrays(links.map(identityOf))],
  );
}

export async function insertWord(
  client: pg.PoolClient,
  word: {
    readonly rule: 'pinned' | 'denied';
    readonly account: RowRef;
    readonly identity: RowRef;
    readonly author: string;
    readonly reason: string;
    readonly now: Date;
  },
): Promise<void> {
  await client.query(
    `insert into rollcall.link (${COLUMNS}, evidence, author, reason, created_at)
     values ($1, $2, $3, $4, $5, '{}', $6, $7, $8)`,
    [
      word.account.sourceId,
      word.account.externalId,
      word.identity.sourceId,
      word.identity.externalId,
      word.rule,
      word.author,
      word.reason,
      word.now,
    ],
  );
}

// What rules found goes whenever it was found: whoever the row is now has the addresses to be found by again. What a person said goes
// only where it was said before the id came back as somebody else.
const REMOVE_LINKS_TO = `
  delete from rollcall.link l
   where l.identity_source_id = $1 and l.identity_external_id = $2
     and (l.rule not in ('pinned', 'denied')
          or ($3 and l.created_at < (select min(v.valid_from) from rollcall.account_version v
                                       join rollcall.account a on a.source_id = v.source_id and a.external_id = v.external_id
                                      where v.source_id = $1 and v.external_id = $2 and v.from_run > a.reuse_before_run)))
  returning ${COLUMNS}`;

/** Takes away what leads to an identity whose id came to somebody else. `words`: also what people said of who had it before. */
export async function removeLinksTo(
  client: pg.PoolClient,
  identity: RowRef,
  words: boolean,
): Promise<readonly LinkRow[]> {
  const { rows } = await client.query<LinkRow>(REMOVE_LINKS_TO, [identity.sourceId, identity.externalId, words]);
  return rows;
}

export async function clearMarks(client: pg.PoolClient, ref: RowRef): Promise<void> {
  await client.query(
    `update rollcall.account set reuse_before_run = null, moved_from = null
      where source_id = $1 and external_id = $2 and (reuse_before_run is not null or moved_from is not null)`,
    [ref.sourceId, ref.externalId],
  );
}

const MAKE_DIRTY = `
  insert into rollcall.dirty (source_id, external_id)
  select distinct * from unnest($1::int[], $2::text[]) as r (source_id, external_id)`;

/** The next reconciliation looks at these rows and at all that depends on them. */
export async function makeDirty(client: pg.PoolClient, refs: readonly RowRef[]): Promise<void> {
  await client.query(MAKE_DIRTY, [...toArrays(refs)]);
}

/** Who a row is, for a person who has just decided about it. */
export async function loadLabel(client: pg.PoolClient, ref: RowRef): Promise<string> {
  const { rows } = await client.query<RowRecord>(
    `select ${ROW_COLUMNS} from rollcall.account a ${JOIN_VERSION} where a.source_id = $1 and a.external_id = $2`,
    [ref.sourceId, ref.externalId],
  );
  const [row] = rows;
  return row === undefined ? ref.externalId : accountLabel(toRosterRow(row));
}

export function accountOf(link: LinkRow): RowRef {
  return { sourceId: link.source_id, externalId: link.external_id };
}

export function identityOf(link: LinkRow): RowRef {
  return { sourceId: link.identity_source_id, externalId: link.identity_external_id };
}
