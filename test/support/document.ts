import { readFile, writeFile } from 'node:fs/promises';

/** The document with another text between two of its lines; throws where it has no place for one. */
export function replaceBetween(document: string, [begin, end]: readonly [string, string], text: string): string {
  const from = document.indexOf(begin);
  const to = document.indexOf(end);
  if (from < 0 || to < from) throw new Error(`the document has no place for it: ${begin} … ${end}`);
  return `${document.slice(0, from + begin.length)}\n\n${text}\n\n${document.slice(to)}`;
}

/**
 * What the document shows in that place, and what it should show; with `UPDATE_DOCS=1` in the environment it is written first. The
 * other places stay as they are.
 */
export async function showIn(
  document: URL,
  place: readonly [string, string],
  text: string,
): Promise<{ readonly published: string; readonly current: string }> {
  const current = replaceBetween(await readFile(document, 'utf8'), place, text);
  if (process.env['UPDATE_DOCS'] === '1') await writeFile(document, current);
  return { published: await readFile(document, 'utf8'), current };
}

/** A table as the formatter leaves it. */
export function renderTable(header: readonly string[], rows: readonly (readonly string[])[]): string {
  const widths = header.map((title, at) => Math.max(title.length, ...rows.map((row) => row[at]?.length ?? 0)));
  const line = (row: readonly string[]): string =>
    `| ${row.map((cell, at) => cell.padEnd(widths[at] ?? 0)).join(' | ')} |`;
  const rule = `| ${widths.map((width) => '-'.repeat(width)).join(' | ')} |`;
  return [line(header), rule, ...rows.map((row) => line(row))].join('\n');
}
