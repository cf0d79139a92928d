import type pg from 'pg';
import type { FindingRow, WaiverNews, WaiverRow } from '../../core/views.ts';
import type { ReportRange } from '../../ports/reading.ts';
import { FINDING_COLUMNS } from './columns.ts';
import { IS_BACK } from './reopened.ts';

/** More than a person makes for one finding in years. */
const WAIVERS_MAX = 100;

export const WAIVER_COLUMNS = 'id, until, author, reason, created_at, ended_at, ended_because, warned_at';

/** Every waiver of a finding, the first one first. */
export async function loadWaivers(client: pg.Pool | pg.PoolClient, fingerprint: string): Promise<readonly WaiverRow[]> {
  const { rows } = await client.query<WaiverRow>(
    `select ${WAIVER_COLUMNS} from (
       select * from rollcall.waiver where fingerprint = $1 order by id desc limit ${WAIVERS_MAX}) w order by id`,
    [fingerprint],
  );
  return rows;
}

/** Waivers that have ended in these reports, and those that they are the first to show as ending; as far as it is still so. */
export async function loadWaiverNews(pool: pg.Pool, { from, to }: ReportRange): Promise<readonly WaiverNews[]> {
  const { rows } = await pool.query<FindingRow & { readonly news: WaiverNews['news']; readonly waiver: string }>(
    `select ${FINDING_COLUMNS}, n.news, n.waiver
       from (select distinct on (e.finding_id) e.finding_id,
                    case e.event when 'waiver_ending' then 'ending' else 'ended' end as news,
                    e.detail ->> 'waiver' as waiver
               from rollcall.finding_event e
              where e.report_id between $1 and $2
                and (e.event = 'waiver_ending' or e.detail ->> 'because' = 'waiver expired')
              order by e.finding_id, e.id desc) n
       join rollcall.drift_findings f on f.id = n.finding_id
      where f.status = case n.news when 'ending' then 'waived' else 'open' end
      order by n.news, f.id`,
    [from, to],
  );
  const waivers = await loadByIds(
    pool,
    rows.map(({ waiver }) => Number(waiver)),
  );
  return rows.flatMap(({ news, waiver: id, ...finding }) => {
    const waiver = waivers.get(Number(id));
    // Replaced or taken back meanwhile: there is nothing left to warn of.
    if (waiver === undefined || (news === 'ending' && waiver.ended_at !== null)) return [];
    return [{ news, finding, waiver }];
  });
}

async function loadByIds(pool: pg.Pool, ids: readonly number[]): Promise<ReadonlyMap<number, WaiverRow>> {
  const { rows } = await pool.query<WaiverRow>(
    `select ${WAIVER_COLUMNS} from rollcall.waiver where id = any ($1::bigint[])`,
    [ids],
  );
  return new Map(rows.map((row) => [row.id, row]));
}

/** Findings that these reports opened again because their source or rule is back. */
export async function countBack(pool: pg.Pool, { from, to }: ReportRange): Promise<number> {
  const { rows } = await pool.query<{ count: number }>(
    `select count(distinct e.finding_id) as count
       from rollcall.finding_event e join rollcall.finding f on f.id = e.finding_id
      where e.report_id between $1 and $2 and e.event = 'reopened' and f.status = 'open' and ${IS_BACK}`,
    [from, to],
  );
  return rows[0]?.count ?? 0;
}

/** By the last day of each: a day more or less at the date line is no matter of a week. */
export async function countWaiversEnding(
  pool: pg.Pool,
  days: number,
): Promise<readonly { readonly source: string; readonly count: number }[]> {
  const { rows } = await pool.query<{ source: string; count: number }>(
    `select source, count(*)::int as count from rollcall.drift_findings
      where status = 'waived' and waived_until <= (now() at time zone 'UTC')::date + $1::int
      group by source order by source`,
    [days],
  );
  return rows;
}
