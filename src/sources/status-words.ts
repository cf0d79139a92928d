import type { Status } from '../core/row.ts';

/**
 * The contract's words and spellings that can mean nothing else. A word that may also mean "has given notice" or "is suspended, but
 * employed" (`resigned`, `left`, `suspended`, `furloughed`) is left out on purpose: unknown is safe, a false leaver is not.
 */
const WORDS: ReadonlyMap<string, Status> = new Map<string, Status>([
  ...spell('active', ['active', 'active employee', 'enabled', 'employed', 'yes', 'true', '1']),
  ...spell('inactive', ['inactive', 'inactive employee', 'disabled', 'deactivated', 'terminated', 'no', 'false', '0']),
  ...spell('pending', ['pending', 'pending invite', 'invited', 'pre hire']),
  ...spell('on_leave', ['on leave', 'leave of absence', 'parental leave']),
]);

function spell(status: Status, words: readonly string[]): readonly (readonly [string, Status])[] {
  return words.map((word) => [word, status] as const);
}

/** A word for a status in any case, with `-`, `_` or blanks between its parts; nothing when it is not one we know. */
export function parseStatusWord(text: string): Status | undefined {
  return WORDS.get(
    text
      .trim()
      .toLowerCase()
      .replaceAll(/[\s_-]+/gu, ' '),
  );
}
