import { PRINTABLE_ASCII } from '../../words/inert-text.ts';

const WIDE =
  /[\u1100-\u115f\u2e80-\u303e\u3041-\ua4cf\ua960-\ua97c\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff01-\uff60\uffe0-\uffe6\u{1f000}-\u{1faff}\u{20000}-\u{3fffd}]|\p{Emoji_Presentation}|\ufe0f/u;
const ONLY_MARKS = /^[\p{M}\u200c\u200d]*$/u;

const graphemes = new Intl.Segmenter('en', { granularity: 'grapheme' });

/** Cells that a terminal gives to a text: two for East Asian wide characters and emoji, none for marks. */
export function cellWidth(text: string): number {
  if (PRINTABLE_ASCII.test(text)) return text.length;
  let width = 0;
  for (const { segment } of graphemes.segment(text)) width += graphemeWidth(segment);
  return width;
}

/** Cut to `width` cells, with `…` where something is missing. */
export function cutToWidth(text: string, width: number): string {
  if (PRINTABLE_ASCII.test(text)) {
    return text.length <= width ? text : `${text.slice(0, Math.max(0, width - 1))}…`;
  }
  if (cellWidth(text) <= width) return text;
  let cut = '';
  let used = 0;
  for (const { segment } of graphemes.segment(text)) {
    used += graphemeWidth(segment);
    if (used > width - 1) break;
    cut += segment;
  }
  return `${cut}…`;
}

export function padToWidth(text: string, width: number, align: 'left' | 'right' = 'left'): string {
  const space = ' '.repeat(Math.max(0, width - cellWidth(text)));
  return align === 'left' ? text + space : space + text;
}

/** Longer lines of prose are hard to follow, however wide the screen. */
const PROSE_WIDTH_MAX = 120;

/** Breaks at spaces so that no line is wider than `width`; a longer word keeps a line of its own. */
export function wrapToWidth(text: string, wanted: number): readonly string[] {
  const width = Math.min(wanted, PROSE_WIDTH_MAX);
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(' ')) {
    const longer = line === '' ? word : `${line} ${word}`;
    if (line !== '' && cellWidth(longer) > width) {
      lines.push(line);
      line = word;
    } else line = longer;
  }
  return [...lines, line];
}

/** The same where nothing may stand out: a word that is too long, as an id or an address, is broken. */
export function breakToWidth(text: string, width: number): readonly string[] {
  return wrapToWidth(text, width).flatMap((line) => (cellWidth(line) <= width ? [line] : cutUp(line, width)));
}

function cutUp(word: string, width: number): readonly string[] {
  const lines: string[] = [];
  let line = '';
  let used = 0;
  for (const { segment } of graphemes.segment(word)) {
    const cells = graphemeWidth(segment);
    if (used + cells > width && line !== '') {
      lines.push(line);
      [line, used] = ['', 0];
    }
    line += segment;
    used += cells;
  }
  return [...lines, line];
}

function graphemeWidth(segment: string): number {
  if (ONLY_MARKS.test(segment)) return 0;
  return WIDE.test(segment) ? 2 : 1;
}
