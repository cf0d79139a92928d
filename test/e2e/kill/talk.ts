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
 * all that they name, each as often as that; how much of it came again.
 */
export function compareTalk(
  expected: readonly string[],
  told: readonly Told[],
  { unit, mayRepeat }: { readonly unit: Unit; readonly mayRepeat: number },
): Talk {
  const inEach = expected.map((text) => unitsOf([text], unit));
  const wanted = inEach.flat();
  const came = told.map(({ text }) => unitsOf([text], unit));
  const all = came.flat();
  const repeated = all.length - new Set(all).size;
  const largest = inEach.map(({ length }) => length).toSorted((a, b) => b - a);
  const allowed = largest.slice(0, mayRepeat).reduce((sum, length) => sum + length, 0);
  const inHowMany = (text: string): number => came.filter((units) => units.includes(text)).length;
  return {
    repeated,
    faults: [
      ...(repeated > allowed ? [`${repeated} ${unit}s came again, and ${allowed} might`] : []),
      ...[...new Set(all)]
        .filter((text) => inHowMany(text) > 1 + mayRepeat)
        .map((text) => `told again and again: ${text}`),
      ...came.filter((units) => new Set(units).size < units.length).map(([text]) => `twice in one message: ${text}`),
      ...wanted.filter((text) => !all.includes(text)).map((text) => `never told: ${text}`),
      ...all.filter((text) => !wanted.includes(text)).map((text) => `told, and not so: ${text}`),
      ...told.filter(({ isCommitted }) => !isCommitted).map(({ text }) => `told before it was committed: ${text}`),
    ],
  };
}
