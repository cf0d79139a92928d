/** What resolved event `r` ended was, by the last event that said so. */
const STATE_BEFORE = `(
  select b.event from rollcall.finding_event b
   where b.finding_id = r.finding_id and b.id < r.id and b.event in ('opened', 'reopened', 'held', 'released', 'waived')
   order by b.id desc limit 1)`;

/** A person has still to look at it. */
export const WAS_HELD = `coalesce(${STATE_BEFORE} = 'held', false)`;

/** Nobody had been told of it, or a person had asked for silence: it ends as silently, and is told when it comes back open. */
export const WAS_QUIET = `coalesce(${STATE_BEFORE} in ('held', 'waived'), false)`;
