import { parseJsonText } from '../body.ts';
import type { Columns, Field } from '../columns.ts';
import type { ReadRow } from '../row-tally.ts';
import { toAccount } from '../to-account.ts';
import type { ResultColumn } from './statements.ts';

export type Selection = {
  /** The columns to ask for. */
  readonly columns: readonly ResultColumn[];
  /** Where each field is among them. */
  readonly places: Columns;
};

/** Of all columns of the result those that are mapped, each once. */
export function selectColumns(result: readonly ResultColumn[], columns: Columns): Selection {
  const wanted = [...new Set(columns.values())].toSorted((a, b) => a - b);
  const places = new Map<Field, number>();
  for (const [field, place] of columns) places.set(field, wanted.indexOf(place));
  return { columns: wanted.flatMap((place) => result[place] ?? []), places };
}

/** A name that the result has twice, in which case nobody could say which of them is meant. */
export function findRepeated(result: readonly ResultColumn[]): string | undefined {
  const names = result.map(({ name }) => name);
  return names.find((name, place) => names.indexOf(name) !== place);
}

/** One line of the cursor: a JSON list of the selected columns, or nothing where the row was too large. */
export function readRow(line: string | null, places: Columns): ReadRow | undefined {
  if (line === null) return undefined;
  const parsed = parseJsonText(line);
  if (parsed.kind === 'fault' || !Array.isArray(parsed.json)) return undefined;
  const cells: readonly unknown[] = parsed.json;
  return toAccount(places, (place) => cells[place]);
}
