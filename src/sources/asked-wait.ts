/** A longer wish is kept for so long: a wrong unit must not silence a source for weeks, and nobody could end that. */
const ASKED_WAIT_MAX_MS = 24 * 3_600_000;
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
  return parseRateLimit(headers.get('ratelimit'));
}

/** Two headers of one name arrive as one with a comma: the longer wait counts. A date has a comma of its own. */
function parseWait(value: string | null, nowMs: number): number | undefined {
  const text = value?.trim() ?? '';
  const waits = (/^\d/u.test(text) ? text.split(',') : [text]).flatMap((part) => parseOne(part.trim(), nowMs) ?? []);
  return waits.length === 0 ? undefined : Math.max(...waits);
}

function parseOne(text: string, nowMs: number): number | undefined {
  // `50;w=60` and `120s` are seen too.
  const number = /^(?<value>\d+(?:\.\d+)?)\s*s?\s*(?:;|$)/iu.exec(text)?.groups?.['value'];
  return toWait(number === undefined ? dateToWait(text, nowMs) : numberToWait(Number(number), nowMs));
}

/** The drafts' one header for all: `limit=100, remaining=0, reset=50`, later `"default";r=0;t=50`. */
function parseRateLimit(value: string | null): number | undefined {
  const seconds = /(?:^|[\s,;])(?:reset|t)=(?<seconds>\d+)/iu.exec(value ?? '')?.groups?.['seconds'];
  return seconds === undefined ? undefined : toWait(Number(seconds) * 1000);
}

function toWait(wait: number | undefined): number | undefined {
  return wait !== undefined && wait > 0 ? Math.ceil(Math.min(wait, ASKED_WAIT_MAX_MS)) : undefined;
}

function numberToWait(value: number, nowMs: number): number {
  if (value >= EPOCH_MS_MIN) return value - nowMs;
  if (value >= EPOCH_SECONDS_MIN) return value * 1000 - nowMs;
  return value * 1000;
}

/** Only texts with a letter: `Date.parse` would read `-5` as a month. The old form without a zone (asctime) means GMT. */
function dateToWait(text: string, nowMs: number): number | undefined {
  const isDate = /^[A-Za-z]{3}|T\d/u.test(text);
  const zoned = /^[A-Za-z]{3} [A-Za-z]{3}\s/u.test(text) ? `${text} GMT` : text;
  const at = isDate ? Date.parse(zoned) : Number.NaN;
  return Number.isNaN(at) ? undefined : at - nowMs;
}
