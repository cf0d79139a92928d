import { chargeAccount, CLEAR, present, UNDECIDED, type AccountFacts, type RuleVerdict } from '../charge.ts';
import type { Json } from '../case.ts';
import { accountLabel, displayNameOf } from '../person.ts';
import { isReused, movedFrom } from '../reuse.ts';
import type { RosterRow } from '../row.ts';

/**
 * The same id with other addresses and another given name; or an e-mail that another row of the source had, which is there still. Only a
 * person can tell whether it is the same person (`link add|deny|clear`).
 */
export function reusedAccount({ of }: AccountFacts): RuleVerdict {
  const { row, sourceName } = of;
  const from = movedFrom(of);
  const moved = { moved_from: from === undefined ? undefined : recordOf(from) };
  if (isReused(of)) {
    const before = of.reuse?.before;
    // The version before is not kept any more: what was found stays as it is.
    if (before === undefined) return UNDECIDED;
    return chargeAccount('reused_account', of, {
      summary: `${accountLabel(row)} has the id ${row.externalId} in ${sourceName}, which was of ${accountLabel(before)} before`,
      evidence: { before: recordOf(before), ...moved },
    });
  }
  if (from === undefined) return CLEAR;
  return chargeAccount('reused_account', of, {
    summary: `${accountLabel(row)} has the e-mail address in ${sourceName} that ${from.externalId} had before, and ${from.externalId} is still there`,
    evidence: moved,
  });
}

/** Who it was: nothing that goes on changing in a row that somebody uses. */
function recordOf(row: RosterRow): Json {
  return present({ external_id: row.externalId, name: displayNameOf(row), email: row.email });
}
