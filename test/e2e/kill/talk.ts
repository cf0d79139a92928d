import { withoutToday } from './conclusions.ts';
import type { Told } from './slack-log.ts';

/** Numbers that databases give out anew after each rollback. */
const NUMBERS = /\b(Report|explain|show|release|Breaker) \d+/g;

function toComparable(text: string): string {
  return withoutToday(text).replaceAll(NUMBERS, '$1 N');
}

export type Talk = { readonly repeated: number; readonly faults: readonly string[] };

/** Whether messages must be the same as a whole, or each finding and row that they name, in however many messages. */
export type Unit = 'message' | 'row';

function unitsOf(texts: readonly string[], unit: Unit): readonly string[] {
  const comparable = texts.map(toComparable);
  if (unit === 'message') return comparable;
  return comparable.flatMap((text) => text.split('\n').filter((line) => line.startsWith('• ')));
}

/** Everything was told, nothing else was, and nothing before it was committed; how much of it came more than once. */
export function compareTalk(expected: readonly string[], told: readonly Told[], unit: Unit): Talk {
  const wanted = unitsOf(expected, unit);
  const came = unitsOf(
    told.map(({ text }) => text),
    unit,
  );
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
