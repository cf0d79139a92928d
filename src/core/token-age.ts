import { addDays, daysBetween } from './dates.ts';
import type { PlainDate } from './row.ts';

/** A personal access token of Namely ends after two years (the vendor's documentation, 2026-08; its guide says never). */
const LIFE_DAYS = 730;
/** Somebody has to find the person who may make another. */
const WARN_DAYS = 60;

/** What to say of a token of this age; nothing while it is young. */
export function tokenAgeWarning(issued: PlainDate, today: PlainDate): string | undefined {
  const endsOn = addDays(issued, LIFE_DAYS);
  const left = daysBetween(today, endsOn);
  if (left > WARN_DAYS) return undefined;
  const when = left < 0 ? `should have ended on ${endsOn}` : `ends about ${endsOn}, in ${left} days`;
  return `the token was issued on ${issued} and ${when}: make another and set tokenIssued`;
}
