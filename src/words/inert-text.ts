/** More marks than any script needs on one letter; the rest is somebody drawing over the neighbouring lines. */
const CODE_POINTS_IN_A_CELL_MAX = 12;

export const PRINTABLE_ASCII = /^[\x20-\x7e]*$/;
/** Line breaks and tabs of every kind: a name with one must not look like another row. */
const BREAKS = /[\t\n\v\f\r\u0085\u2028\u2029]+/gu;
/**
 * Control characters start terminal commands (`\x1b[2J`, and `\x9b` alone in some terminals); format characters reverse
 * or hide text. The two joiners stay: Persian, Indic scripts and emoji need them, and they can do no harm.
 */
const INVISIBLE = /(?![\u200c\u200d])[\p{Cc}\p{Cf}\p{Cs}\u{e0000}-\u{e0fff}]/gu;

const graphemes = new Intl.Segmenter('en', { granularity: 'grapheme' });

/** Text of people and vendors as a terminal may show it: one line, nothing that acts, nothing that hides. */
export function toTerminalText(text: string): string {
  if (PRINTABLE_ASCII.test(text)) return text;
  return thinMarks(text.toWellFormed().replaceAll(BREAKS, ' ').replaceAll(INVISIBLE, ''));
}

function thinMarks(text: string): string {
  let thin = '';
  for (const { segment } of graphemes.segment(text)) {
    thin += Array.from(segment).slice(0, CODE_POINTS_IN_A_CELL_MAX).join('');
  }
  return thin;
}
