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

/**
 * Everything was told, nothing else was, nothing before it was committed, and nothing more than once but for `mayRepeat` messages with
 * all that they name; how much of it came again.
 */
export function compareTalk(
  expected: readonly string[],
  told: readonly Told[],
  { unit, mayRepeat }: { readonly unit: Unit; readonly mayRepeat: number },
): Talk {
  const wanted = unitsOf(expected, unit);
  const inEach = told.map(({ text }) => unitsOf([text], unit));
  const came = inEach.flat();
  const early = told.filter(({ isCommitted }) => !isCommitted);
  const repeated = came.length - new Set(came).size;
  const largest = inEach.map(({ length }) => length).toSorted((a, b) => b - a);
  const allowed = largest.slice(0, mayRepeat).reduce((sum, length) => sum + length, 0);
  return {
    repeated,
    faults: [
      ...(repeated > allowed ? [`${repeated} ${unit}s came again, and ${allowed} might`] : []),
      ...wanted.filter((text) => !came.includes(text)).map((text) => `never told: ${text}`),
      ...came.filter((text) => !wanted.includes(text)).map((text) => `told, and not so: ${text}`),
      ...early.map(({ text }) => `told before it was committed: ${text}`),
    ],
  };
}
