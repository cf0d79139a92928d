import type pg from 'pg';
import type { FindingStatus } from '../core/case.ts';
import { todayIn } from '../core/dates.ts';
import type { FindingRow, WaiverRow } from '../core/views.ts';
import { objectionToWaiver } from '../core/waiver.ts';
import { OperationalError } from '../errors.ts';
import type { Waived, WaiveRequest } from '../ports/reading.ts';
import { FINDING_COLUMNS } from './reader/columns.ts';
import { WAIVER_COLUMNS } from './reader/waivers.ts';

type Waivable = {
  readonly id: number;
  readonly fingerprint: string;
  readonly status: FindingStatus;
  readonly resolution: string | null;
  /** That of the last reconciliation: a shell without the worker's configuration must not move the end of the day. */
  readonly timezone: string;
};

/** Both commands lock the finding first, so that two people at once make one waiver after the other. */
const FIND = `
  select f.id, f.fingerprint, f.status, f.resolution, g.timezone
    from rollcall.finding f cross join rollcall.setting g where f.id = $1 for update of f`;

const END = `
  update rollcall.waiver set ended_at = $2, ended_because = $3
   where fingerprint = $1 and ended_at is null returning ${WAIVER_COLUMNS}`;

const MAKE = `
  insert into rollcall.waiver (fingerprint, reason, author, until, created_at)
  values ($1, $2, $3, $4, $5) returning ${WAIVER_COLUMNS}`;

const EVENT = `
  insert into rollcall.finding_event (finding_id, at, event, report_id, detail) values ($1, $2, $3, null, $4)`;

const AUDIT = `
  insert into rollcall.audit (at, author, action, subject, reason, detail) values ($1, $2, $3, $4, $5, $6)`;

/** In the transaction of the caller: waiver, status, event and audit row are there together or not at all. */
export async function waive(client: pg.PoolClient, request: WaiveRequest, now: Date): Promise<Waived> {
  const { findingId, until, author, reason } = request;
  const finding = await find(client, findingId);
  if (finding.status === 'resolved') {
    const why = finding.resolution === null ? '' : ` (${finding.resolution})`;
    throw new OperationalError('not-found', `finding ${findingId} is resolved${why}: there is nothing to waive`);
  }
  const objection = objectionToWaiver(until, todayIn(finding.timezone, now.toISOString()), finding.timezone);
  if (objection !== undefined) throw new OperationalError('usage', objection);
  const replaced = (await client.query<WaiverRow>(END, [finding.fingerprint, now, 'replaced'])).rows[0];
  const { rows } = await client.query<WaiverRow>(MAKE, [finding.fingerprint, reason, author, until, now]);
  const [waiver] = rows;
  if (waiver === undefined) throw new Error('a waiver was not made');
  await client.query(`update rollcall.finding set status = 'waived' where id = $1`, [findingId]);
  const detail = {
    from: finding.status,
    waiver: waiver.id,
    until,
    author,
    reason,
    ...(replaced === undefined ? {} : { replaces: replaced.id }),
  };
  await client.query(EVENT, [findingId, now, 'waived', JSON.stringify(detail)]);
  await audit(client, { findingId, author, reason }, { now, action: 'waive', finding, until, waiver: waiver.id });
  return { finding: await load(client, findingId), waiver, replaced };
}

/** A resolved finding stays resolved; what ends is the promise that it would come back waived. */
export async function unwaive(client: pg.PoolClient, request: Omit<WaiveRequest, 'until'>, now: Date): Promise<Waived> {
  const { findingId, author, reason } = request;
  const finding = await find(client, findingId);
  const { rows } = await client.query<WaiverRow>(END, [finding.fingerprint, now, `unwaived by ${author}`]);
  const [waiver] = rows;
  if (waiver === undefined) {
    throw new OperationalError(
      'not-found',
      `finding ${findingId} is not waived: \`rollcall findings --status waived\` lists those that are`,
    );
  }
  if (finding.status === 'waived') {
    await client.query(`update rollcall.finding set status = 'open' where id = $1`, [findingId]);
    const detail = { from: 'waived', because: 'unwaived', waiver: waiver.id, author, reason };
    await client.query(EVENT, [findingId, now, 'reopened', JSON.stringify(detail)]);
  }
  await audit(client, request, { now, action: 'unwaive', finding, waiver: waiver.id });
  return { finding: await load(client, findingId), waiver };
}

async function find(client: pg.PoolClient, id: number): Promise<Waivable> {
  const { rows } = await client.query<Waivable>(FIND, [id]);
  const [finding] = rows;
  if (finding !== undefined) return finding;
  throw new OperationalError('not-found', `there is no finding ${id}: \`rollcall findings\` lists them`);
}

async function load(client: pg.PoolClient, id: number): Promise<FindingRow> {
  const { rows } = await client.query<FindingRow>(
    `select ${FINDING_COLUMNS} from rollcall.drift_findings where id = $1`,
    [id],
  );
  const [finding] = rows;
  if (finding === undefined) throw new Error('a finding that was just written is not there');
  return finding;
}

type Act = {
  readonly now: Date;
  readonly action: 'waive' | 'unwaive';
  readonly finding: Waivable;
  readonly waiver: number;
  readonly until?: string;
};

async function audit(
  client: pg.PoolClient,
  { findingId, author, reason }: Omit<WaiveRequest, 'until'>,
  { now, action, finding, waiver, until }: Act,
): Promise<void> {
  const detail = { fingerprint: finding.fingerprint, status: finding.status, waiver, until };
  await client.query(AUDIT, [now, author, action, `finding ${findingId}`, reason, JSON.stringify(detail)]);
}
