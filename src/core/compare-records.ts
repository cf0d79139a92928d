import type { Json } from './case.ts';
import { CONTENT_FIELDS, INSTANT_FIELDS } from './record-fields.ts';
import { foldName } from './text.ts';
import type { RosterViewRow } from './views.ts';

/** What a row says of itself, in the order of contract §3, then what Rollcall knows of it. */
const FIELDS = [...CONTENT_FIELDS, ...INSTANT_FIELDS, 'first_seen_at', 'last_seen_at', 'gone_at'] as const;

/**
 * Two sources have their own ids, roles and moments: that those differ says nothing of the person. Of words people write case, accents
 * and spaces make no difference; of what is kept in normal form every letter does.
 */
const COMPARED: ReadonlyMap<string, 'folded' | 'exact'> = new Map([
  ['email', 'exact'],
  ['employee_id', 'exact'],
  ['given_name', 'folded'],
  ['family_name', 'folded'],
  ['display_name', 'folded'],
  ['status', 'exact'],
  ['kind', 'exact'],
  ['title', 'folded'],
  ['department', 'folded'],
  ['start_date', 'exact'],
  ['end_date', 'exact'],
]);

export type ComparedField = {
  readonly field: string;
  readonly left: Json;
  readonly right: Json;
  /** `one side`: the other says nothing. Null where a comparison says nothing. */
  readonly says: 'same' | 'differs' | 'one side' | null;
};

/** Two records field by field, those that neither has left out. */
export function compareRecords(left: RosterViewRow | null, right: RosterViewRow | null): readonly ComparedField[] {
  const rows: ComparedField[] = [];
  for (const field of FIELDS) {
    const [a, b] = [left?.[field] ?? null, right?.[field] ?? null];
    if (isAbsent(a) && isAbsent(b)) continue;
    rows.push({ field, left: a, right: b, says: left === null || right === null ? null : verdictOf(field, a, b) });
  }
  return rows;
}

function verdictOf(field: string, a: Json, b: Json): ComparedField['says'] {
  const how = COMPARED.get(field);
  if (how === undefined) return null;
  if (isAbsent(a) || isAbsent(b)) return 'one side';
  const isSame = how === 'exact' ? a === b : folded(a) === folded(b);
  return isSame ? 'same' : 'differs';
}

function folded(value: Json): string {
  return typeof value === 'string' ? foldName(value) : JSON.stringify(value);
}

function isAbsent(value: Json): boolean {
  return value === null || value === '' || (Array.isArray(value) && value.length === 0);
}
