import type pg from 'pg';
import { from as copyFrom } from 'pg-copy-streams';

/** COPY's text format: a field is text, null (absent) or an array of text. */
export type CopyField = string | number | boolean | null | undefined | readonly string[];

/** Chunks large enough for the socket, small enough that memory stays flat. */
const CHUNK_CHARS = 256 * 1024;
const SPECIAL = /[\\\t\n\r]/;
const ESCAPES: Readonly<Record<string, string>> = { '\\': '\\\\', '\t': '\\t', '\n': '\\n', '\r': '\\r' };

/** Sends lines made by `copyLine`; the table and columns come from our code only. */
export async function copyLines(client: pg.ClientBase, into: string, lines: Iterable<string>): Promise<void> {
  const stream = client.query(copyFrom(`copy ${into} from stdin`));
  const finished = new Promise<void>((resolve, reject) => {
    stream.once('finish', resolve);
    stream.once('error', reject);
  });
  try {
    let chunk = '';
    for (const line of lines) {
      chunk += line;
      if (chunk.length < CHUNK_CHARS) continue;
      if (!stream.write(chunk)) await Promise.race([finished, drained(stream)]);
      chunk = '';
    }
    stream.end(chunk);
  } catch (error) {
    // Tells the server that the rest will not come; else the connection would wait for it for ever.
    stream.destroy(error instanceof Error ? error : new Error('copy interrupted'));
    await finished.catch(() => undefined);
    throw error;
  }
  await finished;
}

/** One row, ended by a newline. */
export function copyLine(fields: readonly CopyField[]): string {
  return `${fields.map(copyField).join('\t')}\n`;
}

function copyField(field: CopyField): string {
  if (field === null || field === undefined) return '\\N';
  if (typeof field === 'string') return escapeCopy(field);
  if (typeof field === 'object') return escapeCopy(arrayLiteral(field));
  return String(field);
}

// A backslash is always doubled, so text that reads `\N` or `\.` stays text.
function escapeCopy(text: string): string {
  return SPECIAL.test(text) ? text.replaceAll(/[\\\t\n\r]/g, (char) => ESCAPES[char] ?? char) : text;
}

function arrayLiteral(items: readonly string[]): string {
  return `{${items.map((item) => `"${item.replaceAll(/["\\]/g, String.raw`\$&`)}"`).join(',')}}`;
}

function drained(stream: NodeJS.EventEmitter): Promise<void> {
  return new Promise((resolve) => {
    stream.once('drain', resolve);
  });
}
