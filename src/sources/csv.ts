import { Readable } from 'node:stream';
import { CsvError, parse } from 'csv-parse';
import { fileFault } from './file-fault.ts';

/** A quote that is never closed makes the rest of the file one record: this is where it is noticed. */
const RECORD_BYTES_MAX = 1_048_576;

/** The records of a CSV, header first. Throws OperationalError at the first thing that a whole CSV does not have. */
export async function* readCsv(
  source: string,
  chunks: AsyncIterable<Uint8Array>,
): AsyncGenerator<readonly string[], void, undefined> {
  const text = decode(source, chunks);
  const first = await text.next();
  if (first.done === true) return;
  const parser = parse({
    bom: true,
    delimiter: sniffDelimiter(first.value),
    record_delimiter: ['\r\n', '\n', '\r'],
    // Strict, all of it: a line that is too short is what half a file looks like.
    relax_column_count: false,
    relax_quotes: false,
    skip_empty_lines: true,
    max_record_size: RECORD_BYTES_MAX,
  });
  try {
    for await (const record of Readable.from(prepend(first.value, text)).compose(parser)) {
      if (isRecord(record)) yield record;
    }
  } catch (error) {
    throw error instanceof CsvError ? fileFault(source, describeCsvError(error)) : error;
  }
}

async function* decode(source: string, chunks: AsyncIterable<Uint8Array>): AsyncGenerator<string, void, undefined> {
  const decoder = new TextDecoder('utf-8', { fatal: true });
  try {
    for await (const chunk of chunks) {
      const text = decoder.decode(chunk, { stream: true });
      if (text !== '') yield text;
    }
    const rest = decoder.decode();
    if (rest !== '') yield rest;
  } catch (error) {
    throw error instanceof TypeError ? fileFault(source, 'is not UTF-8; export it as "CSV UTF-8"') : error;
  }
}

async function* prepend(first: string, rest: AsyncIterable<string>): AsyncGenerator<string, void, undefined> {
  yield first;
  yield* rest;
}

/** Spreadsheets of half of Europe write `;`. Only a header without any comma makes us think of it. */
function sniffDelimiter(text: string): string {
  const header = /^[^\r\n]*/u.exec(text)?.[0] ?? '';
  if (header.includes(',')) return ',';
  if (header.includes(';')) return ';';
  return header.includes('\t') ? '\t' : ',';
}

function isRecord(value: unknown): value is readonly string[] {
  return Array.isArray(value);
}

/** Our words by the parser's code: its own quote the line. */
function describeCsvError(error: CsvError): string {
  const lines: unknown = error['lines'];
  const where = typeof lines === 'number' ? ` (near line ${lines})` : '';
  return `${CSV_FAULTS.get(error.code) ?? `is not a CSV that can be read (${error.code})`}${where}`;
}

const CUT_OFF = 'ends inside a quoted cell; it is cut off or has a stray quote';
const UNEVEN = 'has a line with more or fewer cells than its header; it is cut off or not a CSV';
const STRAY = 'has a stray quote; a cell with quotes is written in quotes, with each of its own doubled';

const CSV_FAULTS: ReadonlyMap<CsvError['code'], string> = new Map([
  ['CSV_QUOTE_NOT_CLOSED', CUT_OFF],
  ['CSV_MAX_RECORD_SIZE', CUT_OFF],
  ['CSV_RECORD_INCONSISTENT_FIELDS_LENGTH', UNEVEN],
  ['CSV_INVALID_CLOSING_QUOTE', STRAY],
  ['INVALID_OPENING_QUOTE', STRAY],
]);
