const DISTANCE_MAX = 3;

/** The known word that `word` was probably meant to be; case, `_`, `-` and blanks do not count. */
export function nearest(word: string, known: readonly string[]): string | undefined {
  const folded = fold(word);
  let best: { readonly word: string; readonly distance: number } | undefined;
  for (const candidate of known) {
    const distance = editDistance(folded, fold(candidate));
    if (distance < (best?.distance ?? limitFor(candidate) + 1) && distance <= limitFor(candidate)) {
      best = { word: candidate, distance };
    }
  }
  return best?.word;
}

/** `; did you mean …?`, or nothing. */
export function suggestion(word: string, known: readonly string[]): string {
  const found = nearest(word, known);
  return found === undefined ? '' : `; did you mean ${found}?`;
}

// About a third of the letters may differ; two neighbours that were swapped count as two.
function limitFor(candidate: string): number {
  return Math.min(DISTANCE_MAX, Math.ceil(candidate.length / 3));
}

function fold(word: string): string {
  return word
    .toLowerCase()
    .replaceAll(/[_\s-]/g, '')
    .slice(0, 60);
}

/** Levenshtein. */
function editDistance(a: string, b: string): number {
  let last: readonly number[] = Array.from({ length: b.length + 1 }, (_, column) => column);
  for (const [row, letter] of a.split('').entries()) {
    const next: number[] = [row + 1];
    for (const [column, other] of b.split('').entries()) {
      const change = (last[column] ?? 0) + (letter === other ? 0 : 1);
      next.push(Math.min(change, (last[column + 1] ?? 0) + 1, (next[column] ?? 0) + 1));
    }
    last = next;
  }
  return last.at(-1) ?? 0;
}
