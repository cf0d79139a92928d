/** The end of a sentence that says which names of sources there are. */
export function describeKnown(known: readonly string[]): string {
  return known.length > 0 ? `known are ${known.join(', ')}` : 'none has been read yet, `rollcall run` reads them';
}
