import { compareRecords, type ComparedField } from '../core/compare-records.ts';
import { addDays, parsePlainDate } from '../core/dates.ts';
import { RULE_POLICY, type Rule } from '../core/rule.ts';
import type { Explanation, RosterViewRow, SyncRunRow } from '../core/views.ts';
import { renderCompleteness } from './completeness.ts';
import { RULE_MEANINGS } from './rule-meanings.ts';

/** Rules whose identity is not whose the account is, but who answers for it: to compare the two says nothing. */
export const ABOUT_OWNERS: readonly Rule[] = ['service_account_unowned', 'service_account_owner_left'];

/** Two records of a finding side by side, under what they are. */
type Comparison = {
  readonly left: string | null;
  readonly right: string | null;
  readonly fields: readonly ComparedField[];
};

/** An explanation with what follows from it: the terminal and the JSON show the same. */
export type Explained = Omit<Explanation, 'runs'> & {
  readonly rule: { readonly meaning: string; readonly clears: string };
  readonly comparison: Comparison;
  readonly runs: readonly (SyncRunRow & { readonly completeness: string; readonly age_seconds: number })[];
};

export function toExplained(explanation: Explanation, now: Date): Explained {
  const { finding, runs } = explanation;
  return {
    ...explanation,
    rule: RULE_MEANINGS[finding.rule],
    comparison: compare(explanation),
    runs: runs.map((run) => ({
      ...run,
      completeness: renderCompleteness(run),
      age_seconds: Math.max(0, Math.round((now.getTime() - Date.parse(run.finished_at)) / 1000)),
    })),
    recheck_on: explanation.recheck_on ?? dayAfterLast(explanation),
  };
}

type Side = { readonly label: string; readonly row: RosterViewRow };

function compare(explanation: Explanation): Comparison {
  const [left, right] = sidesOf(explanation).filter((each) => each !== undefined);
  return {
    left: left?.label ?? null,
    right: right?.label ?? null,
    fields: compareRecords(left?.row ?? null, right?.row ?? null).map((each) =>
      ABOUT_OWNERS.includes(explanation.finding.rule) ? { ...each, says: null } : each,
    ),
  };
}

/** The account and whose it is. Of a dispute the first who could own it, of several accounts two of them, of a reuse what there was before. */
function sidesOf({ account, identity, others, before, finding }: Explanation): readonly (Side | undefined)[] {
  const [first, second] = others;
  const isOfIdentity = RULE_POLICY[finding.rule].subject === 'identity';
  if (isOfIdentity && second !== undefined) return [side('account', first), side('account', second)];
  if (before !== null) return [side('before', before), side('account', account)];
  const isDispute = finding.evidence['candidates'] !== undefined;
  const whose = ABOUT_OWNERS.includes(finding.rule) ? 'owner' : 'identity';
  return [side('account', account), side(whose, isDispute ? first : identity)];
}

function side(what: string, row: RosterViewRow | null | undefined): Side | undefined {
  if (row === null || row === undefined) return undefined;
  const source = row['source'];
  // An authoritative source holds no accounts, also where its own rows are judged.
  const word = what === 'account' && row['situation'] === 'identity' ? 'record' : what;
  return { label: typeof source === 'string' ? `${word} in ${source}` : word, row };
}

/** Whose owner leaves soon has left on the day after. */
function dayAfterLast({ finding }: Explanation): string | null {
  const last = parsePlainDate(finding.evidence['last_day']);
  return finding.status === 'resolved' || last === undefined ? null : addDays(last, 1);
}
