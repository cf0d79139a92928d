import { figure } from './figure.ts';
import type { Severity } from './rule.ts';

/**
 * What a message says, before it is rendered. Every text is plain and may hold a person's name: whoever renders it escapes it, so that no
 * mention, link or formatting can come from data.
 */
export type AlertPlan = {
  readonly headline: string;
  readonly sections: readonly AlertSection[];
  readonly footer: readonly string[];
};

export type AlertSection = {
  readonly title: string;
  readonly severity?: Severity | undefined;
  readonly rows: readonly AlertRow[];
  /** Rows that are not shown: "and N more". */
  readonly more: number;
  /** The command that shows them all. */
  readonly list?: string | undefined;
  /** What to do, for all rows of the section. */
  readonly action?: string | undefined;
};

/** `primary`: who or what; `detail`: since when and why; `look`: the command that says more. */
export type AlertRow = { readonly primary: string; readonly detail: string; readonly look?: string | undefined };

/** Contract §9. */
export const ROWS_SHOWN_MAX = 5;

/** Only with the word for one: no text has an "s" in brackets. */
export function counted(count: number, one: string, many: string): string {
  return `${figure(count)} ${count === 1 ? one : many}`;
}
