import { withoutToday } from './conclusions.ts';
import type { Told } from './slack-log.ts';

/** Numbers that databases give out anew after each rollback. */
const NUMBERS = /\b(Report|explain|show|release|Breaker) \d+/g;

export function toComparable(text: string): string {
  return withoutToday(text).replaceAll(NUMBERS, '$1 N');
}

export type Talk = { readonly repeated: number; readonly faults: readonly string[] };

/** Everything was told, nothing else was, and nothing before it was committed; how many messages came more than once. */
export function compareTalk(expected: readonly string[], told: readonly Told[]): Talk {
  const wanted = expected.map(toComparable);
  const came = told.map(({ text }) => toComparable(text));
  const early = told.filter(({ isCommitted }) => !isCommitted);
  return {
    repeated: came.length - new Set(came).size,
    faults: [
      ...wanted.filter((text) => !came.includes(text)).map((text) => `never told: ${text}`),
      ...came.filter((text) => !wanted.includes(text)).map((text) => `told, and not so: ${text}`),
      ...early.map(({ text }) => `told before it was committed: ${text}`),
    ],
  };
}
