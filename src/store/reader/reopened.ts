import { NOT_JUDGED } from '../../core/case.ts';
import { WAS_QUIET } from '../state-before.ts';

// What Slack says of a finding that opened again: of event `e` of `finding_event`, whose kind is `reopened`.

/** Told already, and resolved less than 24 h before: flapping (contract §5). */
export const IS_DAMPED = `
  (e.detail ->> 'from' is distinct from 'waived' and exists (
    select from rollcall.finding_event r
     where r.finding_id = e.finding_id and r.event = 'resolved' and r.id < e.id
       and r.at > e.at - interval '24 hours' and not ${WAS_QUIET}))`;

/** In the report that was the first in which the rule ran for the source. */
export const IS_OF_FIRST_LOOK = `
  exists (
    select from rollcall.finding f
      join rollcall.source s on s.id = f.source_id
      join rollcall.drift_report d on d.id = e.report_id
     where f.id = e.finding_id and s.name || '/' || f.rule = any (d.baseline))`;

const NOT_JUDGED_LIST = NOT_JUDGED.map((resolution) => `'${resolution}'`).join(', ');

/**
 * Known, and told of, before its source or rule was taken out of the configuration: back, but nothing new. In a baseline everything
 * belongs to the first look.
 */
export const IS_BACK = `
  (e.detail ->> 'resolution' in (${NOT_JUDGED_LIST})
   and exists (
    select from (select b.* from rollcall.finding_event b
                  where b.finding_id = e.finding_id and b.event = 'resolved' and b.id < e.id
                  order by b.id desc limit 1) r
     where not ${WAS_QUIET})
   and not ${IS_OF_FIRST_LOOK})`;

/** What opens because its waiver is over is told as that, and what is back is counted. */
export const IS_NEWS = `
  (e.detail ->> 'because' is distinct from 'waiver expired' and not coalesce(${IS_BACK}, false) and not coalesce(${IS_DAMPED}, false))`;
