/**
 * The named attributes of an object under exactly these names, however they are written there: names of attributes and URNs have
 * no case (RFC 7643 §2.1), and servers make use of it. The name as written here goes first. Everything else is left out, so no
 * key of the vendor's, `__proto__` least of all, ever becomes one of ours.
 */
export function foldKeys(value: unknown, names: readonly string[]): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value;
  const written = new Map<string, unknown>(Object.entries(value));
  const folded = new Map([...written].map(([key, content]) => [key.toLowerCase(), content]));
  return Object.fromEntries(
    names.map((name) => [name, written.has(name) ? written.get(name) : folded.get(name.toLowerCase())]),
  );
}
