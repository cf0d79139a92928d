import type { FindingStatus } from './case.ts';
import type { FindingEvent, FindingRow, ReportRow } from './views.ts';

/** A finding that two reports show differently, in the words of the later one, with everything that happened to it between them. */
export type FindingDiff = FindingRow & {
  /** Null: nobody had found it yet. */
  readonly status_before: FindingStatus | null;
  readonly events: readonly FindingEvent[];
};

export const DIFFERENCES = ['new', 'back', 'held', 'waived', 'resolved', 'changed', 'passed'] as const;
/** `passed`: it came and went between the two, and neither shows it. */
export type Difference = (typeof DIFFERENCES)[number];

export function differenceOf({ status, status_before: before }: FindingDiff): Difference {
  if (before === status) return status === 'resolved' ? 'passed' : 'changed';
  if (status === 'resolved') return before === null ? 'passed' : 'resolved';
  if (status !== 'open') return status;
  return before === null ? 'new' : 'back';
}

export type WithheldDiff = {
  readonly source: string;
  readonly rule: string;
  readonly change: 'withheld' | 'judged again';
  readonly reason: string;
};

type Withheld = ReportRow['withheld'];

/** What could be judged in one of them alone: a finding that is missing there may only have been passed by. */
export function diffWithheld(before: Withheld, after: Withheld): readonly WithheldDiff[] {
  return [...only(after, before, 'withheld'), ...only(before, after, 'judged again')];
}

function only(these: Withheld, those: Withheld, change: WithheldDiff['change']): readonly WithheldDiff[] {
  const known = new Set(those.flatMap(({ source, rules }) => rules.map((rule) => `${source} ${rule}`)));
  return these.flatMap(({ source, rules, reason }) =>
    rules.filter((rule) => !known.has(`${source} ${rule}`)).map((rule) => ({ source, rule, change, reason })),
  );
}
