// What a terminal shows, drawn by a browser: the program's own output with its colours, on a screen of so many cells.

const STYLES: Readonly<Record<string, string>> = {
  '1': 'font-weight:bold',
  '31': 'color:#ff7b72',
  '32': 'color:#7ee787',
  '33': 'color:#e3b341',
};
const ENDS = new Set(['0', '22', '39']);
const COLOR = new RegExp(`(${String.fromCodePoint(27)}\\[\\d+m)`, 'u');

/** A page with the command and what it wrote, `columns` cells wide. */
export function terminalPage(command: string, output: string, columns: number): string {
  const screen = output
    .split(COLOR)
    .map((part, at) => (at % 2 === 0 ? escapeHtml(part) : toTag(part.slice(2, -1))))
    .join('');
  return `<!doctype html><html lang="en"><meta charset="utf-8"><title>Terminal</title><style>
    html { background: #0d1117; display: inline-block }
    pre { margin: 0; padding: 16px; width: ${columns}ch; font: 14px/1.4 'DejaVu Sans Mono', monospace; color: #c9d1d9 }
    b { color: #79c0ff; font-weight: normal }
  </style><pre><b>$ ${escapeHtml(command)}</b>\n${screen}</pre></html>`;
}

function toTag(code: string): string {
  if (ENDS.has(code)) return '</span>';
  const style = STYLES[code];
  if (style === undefined) throw new Error(`the picture knows no style ${code}`);
  return `<span style="${style}">`;
}

function escapeHtml(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;');
}
