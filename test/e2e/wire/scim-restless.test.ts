import { expect, test } from 'vitest';
import { judgeListing } from '../../../src/core/verdict.ts';
import { someCounts } from '../../support/builders.ts';
import { serveScript } from '../../support/http-server.ts';
import { collect } from '../../support/listing.ts';
import { answerScim, aScimTenant, scimAt, scimUsers } from '../../support/scim-tenant.ts';

test('without a total, rows that move in every pass are never all of them, although each known one was asked for', async () => {
  const tenant = aScimTenant({ users: scimUsers(6), cap: 2, total: () => undefined });
  tenant.before = ({ query }) => {
    // Whoever is last comes to the front behind the reader's back: one row comes twice, and that one on no page.
    if (query.get('startIndex') === '3') tenant.users = [...tenant.users.slice(-1), ...tenant.users.slice(0, -1)];
    return undefined;
  };
  await using server = await serveScript((request) => answerScim(tenant, request));
  const { end, ids } = await collect(scimAt(server.origin, { concurrency: 1 }), { missing: async () => [] });
  expect(end).toMatchObject({ outcome: { kind: 'ended' }, neverStill: true, confirmedGone: [] });
  const counts = someCounts({ distinctIds: new Set(ids).size });
  expect(judgeListing(end, counts, { mode: 'full', minRows: 0, ratio: 0.2 })).toMatchObject({ kind: 'incomplete' });
});
