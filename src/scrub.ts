const MASK = '***';

// Shorter ones are no secrets, and would cut every line to pieces.
const SECRET_LENGTH_MIN = 4;
const DEPTH_MAX = 20;

/**
 * The last resort against secrets in output: replaces every known value, also percent-encoded, form-encoded or escaped in JSON.
 * A line of JSON stays JSON.
 */
export function createScrub(secrets: readonly string[]): (line: string) => string {
  const forms = secrets.filter(({ length }) => length >= SECRET_LENGTH_MIN).flatMap(formsOf);
  // The longest first: a token may be part of another secret, and the rest of that one must not stay.
  const needles = [...new Set(forms)].toSorted((a, b) => b.length - a.length);
  const escaped = needles.map((needle) => JSON.stringify(needle).slice(1, -1));
  const alarms = [...new Set([...needles, ...escaped])];
  const mask = (text: string): string => needles.reduce((masked, needle) => masked.replaceAll(needle, MASK), text);
  return (line) => {
    if (!alarms.some((alarm) => line.includes(alarm))) return line;
    const parsed = parseJson(line);
    return parsed === undefined ? mask(line) : `${JSON.stringify(maskValue(parsed.value, mask, 0))}\n`;
  };
}

function formsOf(secret: string): readonly string[] {
  const encoded = percentEncoded(secret);
  const lower = encoded.replaceAll(/%[0-9A-F]{2}/g, (code) => code.toLowerCase());
  return [secret, encoded, lower, new URLSearchParams({ '': secret }).toString().slice(1)];
}

function percentEncoded(text: string): string {
  return encodeURIComponent(text.toWellFormed());
}

function parseJson(line: string): { readonly value: unknown } | undefined {
  try {
    const value: unknown = JSON.parse(line);
    return { value };
  } catch {
    return undefined;
  }
}

function maskValue(value: unknown, mask: (text: string) => string, depth: number): unknown {
  if (depth > DEPTH_MAX) return MASK;
  if (typeof value === 'string') return mask(value);
  // A number cannot hold a mask: it becomes text, and only then.
  if (typeof value === 'number') return mask(String(value)) === String(value) ? value : mask(String(value));
  if (Array.isArray(value)) return value.map((item: unknown) => maskValue(item, mask, depth + 1));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [mask(key), maskValue(item, mask, depth + 1)]));
}
