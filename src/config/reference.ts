// In YAML, `{ url: ${NAME} }` would end the value at its brace. So references change their braces, one character for one, before
// the text is parsed; every line and column stays what it was. Private-use characters stand in no configuration.
const OPEN = '\uE000';
const CLOSE = '\uE001';

/** Makes every `${NAME}` of a YAML text safe to parse, in quotes or not, in blocks and in braces. */
export function markReferences(text: string): string {
  return text.replaceAll(/\$\{([A-Za-z_][A-Za-z0-9_]*)\}/g, (_whole, name: string) => `$${OPEN}${name}${CLOSE}`);
}

/** The text as it was written, for keys: those are not replaced. */
export function unmarkReferences(text: string): string {
  return text.replaceAll(OPEN, '{').replaceAll(CLOSE, '}');
}

/** Text with every reference replaced once; or the names that have no value; or `malformed`, for a `${` that is no reference. */
export function resolveReferences(
  template: string,
  read: (name: string) => string | undefined,
): { readonly text: string } | { readonly unset: readonly string[] } | { readonly malformed: true } {
  if (template.includes('${')) return { malformed: true };
  const unset: string[] = [];
  const text = template.replaceAll(/\$\uE000([A-Za-z0-9_]+)\uE001/g, (_whole, name: string) => {
    const value = read(name);
    if (value === undefined) unset.push(name);
    return value ?? '';
  });
  return unset.length > 0 ? { unset } : { text };
}
