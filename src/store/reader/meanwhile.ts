import type pg from 'pg';
import type { Meanwhile, ReportRange } from '../../ports/reading.ts';
import { WAS_QUIET } from '../state-before.ts';
import { IS_DAMPED } from './reopened.ts';
import { countBack, loadWaiverNews } from './waivers.ts';

// Of what is resolved now and was resolved in the range: whether people could know of it before, by what the range did to it first. As in
// the digest of one report, what was held or waived, and what only flaps, is not counted.
const COUNT_RESOLVED = `
  select count(*) filter (where first_event = 'resolved') as resolved,
         count(*) filter (where first_event <> 'resolved') as passed
    from (
      select distinct on (n.finding_id) n.finding_id, (
               select b.event from rollcall.finding_event b
                where b.finding_id = n.finding_id and b.report_id between $1 and $2
                  and b.event in ('opened', 'reopened', 'resolved')
                order by b.id limit 1) as first_event
        from rollcall.finding_event n
        join rollcall.finding f on f.id = n.finding_id and f.status = 'resolved'
       where n.report_id between $1 and $2 and n.event = 'resolved'
         and not (select ${WAS_QUIET} from rollcall.finding_event r where r.id = n.id)
         and not exists (
             select from (select b.* from rollcall.finding_event b
                           where b.finding_id = n.finding_id and b.id < n.id and b.event in ('opened', 'reopened')
                           order by b.id desc limit 1) e
              where e.event = 'reopened' and ${IS_DAMPED} and e.report_id < $1)) d`;

const FIRST_LOOKS = `
  select distinct left(pair, length(pair) - strpos(reverse(pair), '/')) as source
    from rollcall.drift_report r cross join unnest(r.baseline) pair
   where r.id between $1 and $2 order by 1`;

export async function loadMeanwhile(pool: pg.Pool, reports: ReportRange): Promise<Meanwhile> {
  const range = [reports.from, reports.to];
  const counts = await pool.query<{ resolved: number; passed: number }>(COUNT_RESOLVED, range);
  const looks = await pool.query<{ source: string }>(FIRST_LOOKS, range);
  const { resolved, passed } = counts.rows[0] ?? { resolved: 0, passed: 0 };
  return {
    resolved,
    passed,
    back: await countBack(pool, reports),
    waivers: await loadWaiverNews(pool, reports),
    firstLooks: looks.rows.map(({ source }) => source),
  };
}
