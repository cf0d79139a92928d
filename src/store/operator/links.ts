import type pg from 'pg';
import { OperationalError } from '../../errors.ts';
import type { LinkChange, LinkRequest } from '../../ports/reading.ts';
import { inTransaction } from '../database.ts';
import { sqlStateOf } from '../errors.ts';
import { audit, describe } from './link-audit.ts';
import { isAlready, isReplaced, loadMatter, type Matter } from './link-matter.ts';
import {
  accountOf,
  clearMarks,
  identityOf,
  insertWord,
  type LinkRow,
  makeDirty,
  removeLinks,
  removeLinksTo,
} from './link-statements.ts';

/** A reconciliation may link the same account in the same moment: then this waits for it, and begins again with what it wrote. */
const ATTEMPTS_MAX = 3;
const BEGIN_AGAIN = new Set(['23505', '40001', '40P01']);

/** Contract §4: `pinned` by a person, `denied`, or left to the rules again; each settles `reused_account` (§6). */
export async function changeLink(pool: pg.Pool, request: LinkRequest): Promise<LinkChange> {
  for (let attempt = 1; attempt <= ATTEMPTS_MAX; attempt += 1) {
    try {
      return await inTransaction(pool, 'change a link', (client) => changeIn(client, request));
    } catch (error) {
      if (!BEGIN_AGAIN.has(sqlStateOf(error) ?? '')) throw error;
    }
  }
  throw new OperationalError('busy', 'a reconciliation writes the same links again and again; try again in a minute');
}

async function changeIn(client: pg.PoolClient, request: LinkRequest): Promise<LinkChange> {
  const matter = await loadMatter(client, request);
  const isDecided = matter.reused || matter.moved;
  if (!isDecided && isAlready(matter, request)) return await describe(matter, request, undefined);
  const own = matter.links.filter((link) => isReplaced(matter, request, link));
  await removeLinks(client, own);
  const others = await settleIdentity(client, matter, request);
  const { account, identity } = matter;
  if (identity !== undefined && !matter.isSelf && request.action !== 'clear') {
    const rule = request.action === 'add' ? ('pinned' as const) : ('denied' as const);
    const { author, reason, now } = request;
    await insertWord(client, { rule, account, identity, author, reason, now });
  }
  await clearMarks(client, account);
  const removed = [...own, ...others];
  await makeDirty(client, [
    account,
    ...matter.person,
    ...removed.flatMap((link) => [accountOf(link), identityOf(link)]),
  ]);
  await audit(client, matter, { request, removed });
  return await describe(matter, request, removed);
}

/** Where a row in doubt is an identity itself, its accounts are decided about too: they stay only when it is the same person. */
async function settleIdentity(
  client: pg.PoolClient,
  { source, account, isSelf, reused }: Matter,
  { action }: LinkRequest,
): Promise<readonly LinkRow[]> {
  if (!source.authoritative || !reused || (isSelf && action === 'add')) return [];
  return await removeLinksTo(client, account, isSelf && action === 'deny');
}
