import { createHmac, timingSafeEqual } from 'node:crypto';

/** How calls are signed. No vendor document says it (docs/sources/namely.md), so a person does. */
export type SignatureScheme = {
  readonly algorithm: 'sha256' | 'sha512' | 'sha1';
  readonly encoding: 'hex' | 'base64';
};

/** How far a call's time may be from ours, either way. */
export const WINDOW_MS = 5 * 60_000;

/**
 * Whether one of the secrets has signed these bytes. `given` is the header as it came: the signature, or `sha256=` before it. All
 * secrets are tried, so that the answer takes as long whichever it was.
 */
export function isSigned(
  signed: Uint8Array,
  given: string | undefined,
  secrets: readonly string[],
  scheme: SignatureScheme,
): boolean {
  const signature = parseSignature(given ?? '', scheme);
  if (signature === undefined) return false;
  let matches = 0;
  for (const secret of secrets) {
    const expected = createHmac(scheme.algorithm, secret).update(signed).digest();
    // `timingSafeEqual` insists on one length, which is no secret.
    if (expected.length === signature.length && timingSafeEqual(expected, signature)) matches += 1;
  }
  return matches > 0;
}

/** What was signed: the body as it came, behind the time as it was written where that is part of it. */
export function toSigned(body: Uint8Array, timestamp: string | undefined): Uint8Array {
  return timestamp === undefined ? body : Buffer.concat([Buffer.from(`${timestamp}.`, 'utf8'), body]);
}

/** Seconds or milliseconds since 1970, or an ISO instant with its zone; whether it is near enough. */
export function isInWindow(timestamp: string, nowMs: number): boolean {
  const atMs = parseTimestamp(timestamp);
  return atMs !== undefined && Math.abs(nowMs - atMs) <= WINDOW_MS;
}

function parseTimestamp(text: string): number | undefined {
  if (/^\d{9,10}$/u.test(text)) return Number(text) * 1_000;
  if (/^\d{12,13}$/u.test(text)) return Number(text);
  if (!/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,9})?(?:Z|[+-]\d\d:\d\d)$/u.test(text)) return undefined;
  const atMs = Date.parse(text);
  return Number.isNaN(atMs) ? undefined : atMs;
}

// Buffer skips what is no hex or base64 without a word: the form is checked first, and nothing but one signature gets through.
function parseSignature(given: string, { algorithm, encoding }: SignatureScheme): Buffer | undefined {
  const prefix = `${algorithm}=`;
  const text = given.toLowerCase().startsWith(prefix) ? given.slice(prefix.length) : given;
  const form = encoding === 'hex' ? /^(?:[\da-f]{2})+$/iu : /^[A-Za-z\d+/]+={0,2}$/u;
  const plain = (spelt: string): string => (encoding === 'hex' ? spelt.toLowerCase() : spelt.replace(/=+$/u, ''));
  const decoded = Buffer.from(text, encoding);
  // The last character of base64 has bits that say nothing: one signature has one spelling.
  return form.test(text) && plain(decoded.toString(encoding)) === plain(text) ? decoded : undefined;
}
