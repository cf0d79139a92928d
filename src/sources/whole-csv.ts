import { readCsv } from './csv.ts';
import { stopped } from './failures.ts';
import { fileFault } from './file-fault.ts';
import type { OpenedFile } from './opened-file.ts';

export type WholeCsvOptions<Header> = {
  readonly source: string;
  readonly signal: AbortSignal;
  /** What the first line means, or why this file is not to be read. */
  readonly readHeader: (headers: readonly string[]) => Header | { readonly fault: string };
};

export type WholeCsv<Header> = {
  readonly header: Header;
  /** The lines below the header that are not blank. */
  readonly records: () => AsyncGenerator<readonly string[], void, undefined>;
};

/**
 * Throws OperationalError before the first record where anything is wrong from the first line to the last: half a list must not be
 * half believed. That costs a second pass, and no memory.
 */
export async function openWholeCsv<Header extends object>(
  file: OpenedFile,
  { source, signal, readHeader }: WholeCsvOptions<Header>,
): Promise<WholeCsv<Header>> {
  let header: Header | undefined;
  let rows = 0;
  for await (const record of readCsv(source, file.chunks())) {
    if (signal.aborted) throw stopped(source);
    if (header === undefined) header = accept(source, readHeader(record));
    else if (!isEmpty(record)) rows += 1;
  }
  if (header === undefined) throw fileFault(source, 'is empty');
  if (rows === 0) throw fileFault(source, 'has a header but no rows; an export without people is not believed');
  await file.checkUnchanged();
  return { header, records: () => readRecords(file, source) };
}

async function* readRecords(file: OpenedFile, source: string): AsyncGenerator<readonly string[], void, undefined> {
  let isHeader = true;
  for await (const record of readCsv(source, file.chunks())) {
    if (!isHeader && !isEmpty(record)) yield record;
    isHeader = false;
  }
}

function accept<Header extends object>(source: string, header: Header | { readonly fault: string }): Header {
  if ('fault' in header) throw fileFault(source, header.fault);
  return header;
}

/** Spreadsheets append lines of separators alone. */
function isEmpty(record: readonly string[]): boolean {
  return record.every((cell) => cell.trim() === '');
}
