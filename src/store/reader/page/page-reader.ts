import type pg from 'pg';
import type { BreakerRow } from '../../../core/views.ts';
import type { PageReader } from '../../../ports/page.ts';
import type { Database } from '../../database.ts';
import { named } from '../../errors.ts';
import { BREAKER_COLUMNS } from '../columns.ts';
import { loadClock } from './clock.ts';
import { loadFindings, loadLive, loadStamp } from './live.ts';
import { loadPerson } from './person.ts';
import { loadSeats, loadSourceStates, loadSourceView } from './sources.ts';
import { loadTrend } from './trend.ts';

/** One a source and kind at most. */
const OPEN_BREAKERS_MAX = 500;

/** What the report page asks (decision 33): each statement reads as many rows as it shows, whatever the size of the company. */
export function createPageReader({ pool }: Pick<Database, 'pool'>): PageReader {
  return {
    stamp: () => named('look whether the ledger has changed', loadStamp(pool)),
    live: (limit) => named('read the living findings', loadLive(pool, limit)),
    findings: (ids) => named('read some findings', loadFindings(pool, ids)),
    sourceStates: () => named('read how the sources stand', loadSourceStates(pool)),
    seats: () => named('read what seats cost', loadSeats(pool)),
    openBreakers: () => named('read the open breakers', loadOpenBreakers(pool)),
    trend: (days, untilReport) => named('read the trend', loadTrend(pool, days, untilReport)),
    clock: (accounts) => named('read the leaver clock', loadClock(pool, accounts)),
    source: (name, runs) => named('read a source', loadSourceView(pool, name, runs)),
    person: (source, externalId) => loadPerson(pool, source, externalId),
  };
}

async function loadOpenBreakers(pool: pg.Pool): Promise<readonly BreakerRow[]> {
  const { rows } = await pool.query<BreakerRow>(
    `select ${BREAKER_COLUMNS} from rollcall.breaker b join rollcall.source s on s.id = b.source_id
      where b.closed_at is null order by b.id desc limit ${OPEN_BREAKERS_MAX}`,
  );
  return rows;
}
