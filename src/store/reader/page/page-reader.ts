import type pg from 'pg';
import type { BreakerRow } from '../../../core/views.ts';
import type { PageReader } from '../../../ports/page.ts';
import type { Database } from '../../database.ts';
import { named } from '../../errors.ts';
import { BREAKER_COLUMNS } from '../columns.ts';
import { loadClock } from './clock.ts';
import { countLive, countPassed, countPeople, loadFirstLeavers, loadList } from './list.ts';
import { loadPerson } from './person.ts';
import { loadSeats, loadSourceStates, loadSourceView } from './sources.ts';
import { loadTrend } from './trend.ts';

/** One a source and kind at most. */
const OPEN_BREAKERS_MAX = 500;

/** What the report page asks (decision 33): each statement reads as many rows as it shows, whatever the size of the company. */
export function createPageReader({ pool }: Pick<Database, 'pool'>): PageReader {
  return {
    live: (until) => named('count the living findings', countLive(pool, until)),
    leaverPeople: () => named('count the people who left', countPeople(pool)),
    passed: (place, until) => named('find a place in the list', countPassed(pool, place, until)),
    list: (groups, until) => named('read a page of findings', loadList(pool, groups, until)),
    firstLeavers: (limit) => named('look who left first', loadFirstLeavers(pool, limit)),
    sourceStates: () => named('read how the sources stand', loadSourceStates(pool)),
    seats: () => named('read what seats cost', loadSeats(pool)),
    openBreakers: () => named('read the open breakers', loadOpenBreakers(pool)),
    trend: (days, untilReport) => named('read the trend', loadTrend(pool, days, untilReport)),
    clock: (ids) => named('read the leaver clock', loadClock(pool, ids)),
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
