import type pg from 'pg';
import type { SeatCost } from '../../../core/seats.ts';
import type { BreakerRow, SyncRunRow } from '../../../core/views.ts';
import type { SourceStateRow, SourceView } from '../../../ports/page.ts';
import { BREAKER_COLUMNS, RUN_COLUMNS } from '../columns.ts';

/** A source with more has another problem than that the older ones are not shown. */
const BREAKERS_MAX = 20;

// Not `accounts` and `open_findings` of the view: each counts rows, and is left out by Postgres where nobody asks for it.
const STATES = `
  select h.source, h.type, h.authoritative, h.stale, h.breaker, h.last_complete_at, h.forgotten_usable,
         c.distinct_ids as complete_ids, c.declared_total as complete_total,
         l.verdict as latest_verdict, l.mode as latest_mode, l.finished_at as latest_at, l.reason as latest_reason,
         l.distinct_ids as latest_ids, l.declared_total as latest_total
    from rollcall.source_health h
    join rollcall.source s on s.name = h.source
    left join lateral (
         select r.distinct_ids, r.declared_total from rollcall.sync_run r
          where r.source_id = s.id and r.mode = 'full' and r.verdict = 'complete' order by r.id desc limit 1) c on true
    left join lateral (
         select r.* from rollcall.sync_run r
          where r.source_id = s.id and (r.mode <> 'hint' or r.verdict = 'suspicious') order by r.id desc limit 1) l on true
   where $1::text is null or h.source = $1
   order by h.authoritative desc, s.rank, h.source`;

export async function loadSourceStates(pool: pg.Pool, name: string | null = null): Promise<readonly SourceStateRow[]> {
  const { rows } = await pool.query<SourceStateRow>(STATES, [name]);
  return rows;
}

/** Not with the states: it reads the findings of the sources that have a price. */
export async function loadSeats(pool: pg.Pool): Promise<readonly SeatCost[]> {
  const { rows } = await pool.query<SeatCost>(
    `select source, seats_at_risk, seat_cost_at_risk, seat_currency from rollcall.source_health
      where seat_currency is not null order by source`,
  );
  return rows;
}

type Named = Pick<SourceView, 'name' | 'type' | 'authoritative' | 'retired_at'> & { readonly id: number };

export async function loadSourceView(
  pool: pg.Pool,
  name: string,
  { limit, before }: { readonly limit: number; readonly before?: number | undefined },
): Promise<SourceView | undefined> {
  const found = await pool.query<Named>(
    'select id, name, type, authoritative, retired_at from rollcall.source where name = $1',
    [name],
  );
  const [source] = found.rows;
  if (source === undefined) return undefined;
  const { id, ...facts } = source;
  const [states, breakers, runs] = await Promise.all([
    loadSourceStates(pool, name),
    loadBreakers(pool, id),
    loadRuns(pool, name, { limit: limit + 1, before }),
  ]);
  const shown = runs.slice(0, limit);
  const older = runs.length > limit ? (shown.at(-1)?.id ?? null) : null;
  return { ...facts, state: states[0] ?? null, breakers, runs: shown, older };
}

async function loadBreakers(pool: pg.Pool, sourceId: number): Promise<readonly BreakerRow[]> {
  const { rows } = await pool.query<BreakerRow>(
    `select ${BREAKER_COLUMNS} from rollcall.breaker b join rollcall.source s on s.id = b.source_id
      where b.source_id = $1 order by b.id desc limit ${BREAKERS_MAX}`,
    [sourceId],
  );
  return rows;
}

async function loadRuns(
  pool: pg.Pool,
  name: string,
  { limit, before }: { readonly limit: number; readonly before?: number | undefined },
): Promise<readonly SyncRunRow[]> {
  const { rows } = await pool.query<SyncRunRow>(
    `select ${RUN_COLUMNS} from rollcall.sync_runs
      where source = $1 and ($2::bigint is null or id < $2) order by id desc limit $3`,
    [name, before ?? null, limit],
  );
  return rows;
}
