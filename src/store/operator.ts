import type pg from 'pg';
import { RULE_POLICY, RULES } from '../core/rule.ts';
import type { BreakerRow } from '../core/views.ts';
import { OperationalError } from '../errors.ts';
import type { Operator } from '../ports/reading.ts';
import { type Database, inTransaction } from './database.ts';
import { enqueueAlerts } from './enqueue-alerts.ts';
import { changeLink } from './operator/links.ts';
import { BREAKER_COLUMNS } from './reader/columns.ts';
import { unwaive, waive } from './waive.ts';

const CONCLUDING = RULES.filter((rule) => RULE_POLICY[rule].concludes);

/** A reconciliation that writes the same rows is not their fault. */
const AGAIN = { again: true } as const;

/** What a person decides. Each decision is one transaction with its audit row. */
export function createOperator({ pool }: Pick<Database, 'pool'>): Operator {
  return {
    releaseBreaker: (id, author, reason, now) =>
      inTransaction(pool, 'release a breaker', (client) => release(client, { id, author, reason, now }), AGAIN),
    changeLink: (request) => changeLink(pool, request),
    waive: (request, now) => inTransaction(pool, 'waive a finding', (client) => waive(client, request, now), AGAIN),
    unwaive: (request, now) => inTransaction(pool, 'end a waiver', (client) => unwaive(client, request, now), AGAIN),
  };
}

type Release = { readonly id: number; readonly author: string; readonly reason: string; readonly now: Date };

async function release(client: pg.PoolClient, of: Release): Promise<BreakerRow> {
  const { rowCount } = await client.query(
    // After every run so far, whatever this machine's clock says: what a release covers is what was lost before it.
    `update rollcall.breaker b set closed_by = $3, released = true, reason = $4,
            closed_at = greatest($2::timestamptz, (select max(r.finished_at) + interval '1 millisecond'
                                                     from rollcall.sync_run r where r.source_id = b.source_id))
      where id = $1 and closed_at is null`,
    [of.id, of.now, of.author, of.reason],
  );
  if (rowCount !== 1) {
    throw new OperationalError(
      'not-found',
      `there is no open breaker ${of.id}: \`rollcall breaker list\` shows the open ones`,
    );
  }
  const breaker = await loadReleased(client, of.id);
  // `source`: the ids that it showed are in `breaker_loss`, and the next listings are measured against them.
  if (breaker.kind === 'conclusion') await openHeld(client, of);
  if (breaker.kind === 'baseline') await forgetBaselines(client, of.id);
  await client.query(
    `insert into rollcall.audit (at, author, action, subject, reason, detail)
     values ($1, $2, 'breaker release', $3, $4, $5)`,
    [of.now, of.author, `breaker ${of.id}`, of.reason, JSON.stringify({ source: breaker.source, kind: breaker.kind })],
  );
  return breaker;
}

async function loadReleased(client: pg.PoolClient, id: number): Promise<BreakerRow> {
  const { rows } = await client.query<BreakerRow>(
    `select ${BREAKER_COLUMNS} from rollcall.breaker b join rollcall.source s on s.id = b.source_id where b.id = $1`,
    [id],
  );
  const [breaker] = rows;
  if (breaker === undefined) throw new Error('a breaker that was just closed is not there');
  return breaker;
}

/** Only a conclusion breaker holds findings, and a source has one at most: whatever is held there is its. */
async function openHeld(client: pg.PoolClient, of: Release): Promise<void> {
  const { rowCount } = await client.query(
    `with changed as (
       update rollcall.finding f set status = 'open'
         from rollcall.breaker b
        where b.id = $1 and f.source_id = b.source_id and f.status = 'held' and f.rule = any ($2::text[])
       returning f.id)
     insert into rollcall.finding_event (finding_id, at, event, report_id, detail)
     select id, $3::timestamptz, 'released', null, jsonb_build_object('breaker', $1::bigint) from changed`,
    [of.id, CONCLUDING, of.now],
  );
  if (rowCount !== null && rowCount > 0) await enqueueAlerts(client, [{ kind: 'released', breakerId: of.id }]);
}

/**
 * Without a trace of having run, every rule's next report for this source is its first again; for an authoritative one, that of
 * every source, because all are compared with it.
 */
async function forgetBaselines(client: pg.PoolClient, id: number): Promise<void> {
  await client.query(
    `delete from rollcall.rule_state r using rollcall.breaker b join rollcall.source s on s.id = b.source_id
      where b.id = $1 and (r.source_id = s.id or s.authoritative)`,
    [id],
  );
}
