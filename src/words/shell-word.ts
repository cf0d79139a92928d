const PLAIN = /^[\w@%+=:,./-]+$/;

/** A word of a command that a person copies: whatever a vendor's id holds, a POSIX shell reads it as one word and does nothing else. */
export function toShellWord(text: string): string {
  return PLAIN.test(text) && !text.startsWith('-') ? text : `'${text.replaceAll("'", String.raw`'\''`)}'`;
}
