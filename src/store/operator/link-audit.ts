import type pg from 'pg';
import type { RowRef } from '../../core/case.ts';
import type { LinkChange, LinkRequest } from '../../ports/reading.ts';
import type { Matter } from './link-matter.ts';
import { accountOf, identityOf, type LinkRow, loadLabel } from './link-statements.ts';

/** Of an identity that was linked to very many accounts, so many are named in the audit row; all are counted. */
const REMOVED_NAMED_MAX = 200;

/** Who decided what, when and why, and which links it took away. */
export async function audit(
  client: pg.PoolClient,
  { asked, source, account, identity, reused, moved }: Matter,
  { request, removed }: { readonly request: LinkRequest; readonly removed: readonly LinkRow[] },
): Promise<void> {
  const nameOf = (ref: RowRef): string =>
    `${asked.sources.find(({ id }) => id === ref.sourceId)?.name ?? ref.sourceId}/${ref.externalId}`;
  const detail = {
    identity: identity === undefined ? null : nameOf(identity),
    reuse_decided: reused || moved,
    removed: removed.length,
    links: removed.slice(0, REMOVED_NAMED_MAX).map((link) => ({
      account: nameOf(accountOf(link)),
      identity: nameOf(identityOf(link)),
      rule: link.rule,
    })),
  };
  await client.query(
    `insert into rollcall.audit (at, author, action, subject, reason, detail) values ($1, $2, $3, $4, $5, $6)`,
    [
      request.now,
      request.author,
      `link ${request.action}`,
      `${source.name}/${account.externalId}`,
      request.reason,
      JSON.stringify(detail),
    ],
  );
}

/** What the person is told; without `removed` nothing has changed. */
export async function describe(
  { asked, source, account, identity, reused, moved }: Matter,
  { action }: LinkRequest,
  removed: readonly LinkRow[] | undefined,
): Promise<LinkChange> {
  const { client, sources } = asked;
  return {
    action,
    changed: removed !== undefined,
    source: source.name,
    account_id: account.externalId,
    account_label: await loadLabel(client, account),
    identity_source: sources.find(({ id }) => id === identity?.sourceId)?.name ?? null,
    identity_id: identity?.externalId ?? null,
    identity_label: identity === undefined ? null : await loadLabel(client, identity),
    removed: removed?.length ?? 0,
    reuse_decided: reused || moved,
  };
}
