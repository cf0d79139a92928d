/** Longer is taken for nonsense, not for a wish: a wrong unit must not silence a source for years. */
const ASKED_WAIT_MAX_MS = 30 * 24 * 3_600_000;
/** Numbers above these are moments, not spans; vendors send all three under one header name. */
const EPOCH_SECONDS_MIN = 1_000_000_000;
const EPOCH_MS_MIN = 1_000_000_000_000;

const RESET_HEADERS = ['ratelimit-reset', 'x-ratelimit-reset', 'x-rate-limit-reset'] as const;

/**
 * How long the vendor asks to wait, or nothing when no header says so readably. `throttled`: the reset headers describe
 * the rate limit, so they count only where the answer was about it; some vendors send them with every answer.
 */
export function parseAskedWait(headers: Headers, throttled: boolean, nowMs: number): number | undefined {
  // A moment is meant on the vendor's clock. Its Date header makes our own clock's error cancel out.
  const serverNow = Date.parse(headers.get('date') ?? '');
  const now = Number.isNaN(serverNow) ? nowMs : serverNow;
  const retryAfter = parseWait(headers.get('retry-after'), now);
  if (retryAfter !== undefined || !throttled) return retryAfter;
  for (const name of RESET_HEADERS) {
    const wait = parseWait(headers.get(name), now);
    if (wait !== undefined) return wait;
  }
  return undefined;
}

function parseWait(value: string | null, nowMs: number): number | undefined {
  const text = value?.trim() ?? '';
  const wait = /^\d+(?:\.\d+)?$/u.test(text) ? numberToWait(Number(text), nowMs) : dateToWait(text, nowMs);
  return wait !== undefined && wait > 0 && wait <= ASKED_WAIT_MAX_MS ? Math.ceil(wait) : undefined;
}

function numberToWait(value: number, nowMs: number): number {
  if (value >= EPOCH_MS_MIN) return value - nowMs;
  if (value >= EPOCH_SECONDS_MIN) return value * 1000 - nowMs;
  return value * 1000;
}

/** Only texts with a letter: `Date.parse` would read `-5` as a month. */
function dateToWait(text: string, nowMs: number): number | undefined {
  const at = /^[A-Za-z]{3}|T\d/u.test(text) ? Date.parse(text) : Number.NaN;
  return Number.isNaN(at) ? undefined : at - nowMs;
}
