import { counted, type AlertPlan } from './alert-plan.ts';
import { changesHeadline, changesSections, remarksOn, type Changes } from './digest.ts';
import { momentText } from './moment-text.ts';
import type { Instant } from './row.ts';

export type DailyInput = Changes & {
  /** The first and the last report that had something to tell. */
  readonly reports: { readonly from: number; readonly to: number };
  /** When the first one was made. */
  readonly since?: Instant | undefined;
  /** Findings that opened and were resolved meanwhile. */
  readonly passedCount: number;
};

/** `slack.digest: daily`: what all reports since the last digest have changed, as it is now. Nothing where nothing has. */
export function planDaily(input: DailyInput): AlertPlan | undefined {
  const { reports, passedCount, since } = input;
  const told = [input.opened.length, input.resolvedCount, input.waivers?.length ?? 0, input.backCount ?? 0];
  const hasNews = told.some((count) => count > 0);
  if (!hasNews && passedCount === 0) return undefined;
  const passed = counted(passedCount, 'finding', 'findings');
  const passedNote = `${passed} opened and resolved in between, not shown`;
  return {
    headline: hasNews ? changesHeadline(input) : `${passed} opened and resolved since the last digest, nothing is left`,
    sections: changesSections(input),
    footer: [
      ...(hasNews && passedCount > 0 ? [passedNote] : []),
      ...remarksOn(input),
      `${markOf(reports)}${since === undefined ? '' : `, since ${momentText(since)}`}`,
    ],
  };
}

/** Reports that a message stands for. */
export function markOf({ from, to }: DailyInput['reports']): string {
  return from === to ? `Report ${to}` : `Reports ${from} to ${to}`;
}
