/** What a lenient schema puts where a vendor's value has a type that it never had before. */
export const UNREADABLE: unique symbol = Symbol('unreadable');
export type Unreadable = typeof UNREADABLE;

/** An id as text, or nothing where it is missing, blank or no id at all. */
export function readId(value: unknown): string | undefined {
  if (typeof value === 'number' && Number.isSafeInteger(value)) return String(value);
  return typeof value === 'string' && value.trim() !== '' ? value : undefined;
}

/** More rows than any roster has, and as many as the evidence can hold. */
const TOTAL_MAX = 2_147_483_647;

/** A total that can be believed: a whole number. As text, below zero or beyond all rosters it is some other thing under that name. */
export function readTotal(value: unknown): number | undefined {
  return typeof value === 'number' && Number.isInteger(value) && value >= 0 && value <= TOTAL_MAX ? value : undefined;
}

/** `true` and `false`, also as text or 0 and 1; missing, null and blank are the same: absent. */
export function readBoolean(value: unknown): boolean | undefined | Unreadable {
  if (value === undefined || value === null) return undefined;
  if (typeof value !== 'boolean' && typeof value !== 'number' && typeof value !== 'string') return UNREADABLE;
  const word = String(value).trim().toLowerCase();
  if (word === '') return undefined;
  return BOOLEANS.get(word) ?? UNREADABLE;
}

const BOOLEANS: ReadonlyMap<string, boolean> = new Map([
  ['true', true],
  ['yes', true],
  ['1', true],
  ['false', false],
  ['no', false],
  ['0', false],
]);
