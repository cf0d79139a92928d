import type { Status } from '../core/row.ts';

/** The words that vendors and HR exports use, in the normal form of `parseStatusWord`. */
const WORDS: ReadonlyMap<string, Status> = new Map([
  ...(['active', 'active employee', 'enabled', 'current', 'employed', 'yes', 'true', 'y', '1'] as const).map(
    (word) => [word, 'active'] as const,
  ),
  ...(
    [
      'inactive',
      'inactive employee',
      'disabled',
      'deactivated',
      'suspended',
      'terminated',
      'left',
      'former',
      'departed',
      'resigned',
      'no',
      'false',
      'n',
      '0',
    ] as const
  ).map((word) => [word, 'inactive'] as const),
  ...(['pending', 'pending invite', 'invited', 'not started', 'pre hire', 'prehire', 'onboarding'] as const).map(
    (word) => [word, 'pending'] as const,
  ),
  ...(['on leave', 'leave', 'leave of absence', 'loa', 'parental leave', 'furloughed'] as const).map(
    (word) => [word, 'on_leave'] as const,
  ),
]);

/** A word for a status in any case, with `-`, `_` or blanks between its parts; nothing when it is not one we know. */
export function parseStatusWord(text: string): Status | undefined {
  return WORDS.get(
    text
      .trim()
      .toLowerCase()
      .replaceAll(/[\s_-]+/gu, ' '),
  );
}
