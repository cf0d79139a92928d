import type { TokenSet } from '../../ports/credentials.ts';

/** Assumed where the vendor does not say: the shortest lifetime that one of them documents (Nimble, 599 s). */
const LIFETIME_SECONDS = 600;
/** A shorter one is taken for this, or the refreshing would never end. */
const LIFETIME_SECONDS_MIN = 60;
/** A longer one is taken for this: a wrong unit does no harm, and a right that was withdrawn is noticed within a day. */
const LIFETIME_SECONDS_MAX = 86_400;
/** A token is renewed so long before its end, for a long page and a clock that is off … */
const AHEAD_MS = 120_000;
/** … or, where it lives shortly, in the last quarter of its life. */
const AHEAD_SHARE = 0.25;

/** Seconds that a token is taken to live; `expiresIn` is what the token endpoint said, if anything. */
export function toLifetime(expiresIn: unknown): number {
  const seconds = typeof expiresIn === 'string' && expiresIn.trim() !== '' ? Number(expiresIn) : expiresIn;
  if (typeof seconds !== 'number' || !Number.isFinite(seconds) || seconds <= 0) return LIFETIME_SECONDS;
  return Math.min(LIFETIME_SECONDS_MAX, Math.max(LIFETIME_SECONDS_MIN, seconds));
}

/** Whether a token should be renewed before the next request. */
export function isDue(tokens: TokenSet, nowMs: number): boolean {
  // Without a refresh token there is nothing to do before its end.
  if (tokens.refresh === undefined) return isOver(tokens, nowMs);
  const { obtainedAt, expiresAt } = tokens;
  const endMs = Date.parse(expiresAt);
  const lifetimeMs = endMs - Date.parse(obtainedAt);
  return nowMs >= endMs - Math.min(AHEAD_MS, lifetimeMs * AHEAD_SHARE);
}

/** Whether its time is over: until then it can be used although a renewal has failed. */
export function isOver({ expiresAt }: Pick<TokenSet, 'expiresAt'>, nowMs: number): boolean {
  return nowMs >= Date.parse(expiresAt);
}
