import { OperationalError } from '../../errors.ts';
import { readCapped, parseJson } from '../body.ts';
import { stopped } from '../failures.ts';
import type { ReadRow } from '../row-tally.ts';
import { resolveColumns, type Columns, type ColumnSettings, type FileField } from './columns.ts';
import { readCsv } from './csv.ts';
import { fileFault } from './fault.ts';
import type { OpenedFile } from './open.ts';
import { RowObject, RowsDocument } from './schema.ts';
import { toAccount } from './to-account.ts';

export type RowsOptions = {
  readonly source: string;
  readonly format: 'csv' | 'json';
  readonly columns: ColumnSettings;
  readonly signal: AbortSignal;
};

/** Rows a batch. */
const BATCH_ROWS = 1000;
/** JSON is parsed in one piece, of which every byte costs several. */
const JSON_BYTES_MAX = 64 * 1_048_576;

/**
 * The rows of a file that is whole, in batches; `undefined` for a row that is none. It throws OperationalError before the first
 * batch where anything is wrong: half a list must not be half believed. That costs a CSV a second pass, and no memory.
 */
export async function* readRows(
  file: OpenedFile,
  options: RowsOptions,
): AsyncGenerator<readonly (ReadRow | undefined)[], void, undefined> {
  const rows = options.format === 'json' ? readJsonRows(file, options) : readCsvRows(file, options);
  let batch: (ReadRow | undefined)[] = [];
  for await (const row of rows) {
    batch.push(row);
    if (batch.length < BATCH_ROWS) continue;
    if (options.signal.aborted) throw stopped(options.source);
    yield batch;
    batch = [];
  }
  if (batch.length > 0) yield batch;
}

async function* readCsvRows(
  file: OpenedFile,
  options: RowsOptions,
): AsyncGenerator<ReadRow | undefined, void, undefined> {
  const columns = await checkCsv(file, options);
  let isHeader = true;
  for await (const record of readCsv(options.source, file.chunks())) {
    if (!isHeader && !isEmpty(record)) yield toAccount(columns, (place) => record[place]);
    isHeader = false;
  }
}

/** The first pass: is it a CSV from its first to its last line, with a header that we can use? */
async function checkCsv(file: OpenedFile, { source, columns, signal }: RowsOptions): Promise<Columns> {
  let found: Columns | undefined;
  let rows = 0;
  for await (const record of readCsv(source, file.chunks())) {
    if (signal.aborted) throw stopped(source);
    if (found === undefined) found = columnsOf(source, record, columns);
    else if (!isEmpty(record)) rows += 1;
  }
  if (found === undefined) throw fileFault(source, 'is empty');
  if (rows === 0) throw fileFault(source, 'has a header but no rows; an export without people is not believed');
  await file.checkUnchanged();
  return found;
}

/** Spreadsheets append lines of separators alone. */
function isEmpty(record: readonly string[]): boolean {
  return record.every((cell) => cell.trim() === '');
}

function columnsOf(source: string, headers: readonly string[], settings: ColumnSettings): Columns {
  const columns = resolveColumns(headers, settings);
  if ('fault' in columns) throw fileFault(source, columns.fault);
  return columns;
}

async function* readJsonRows(
  file: OpenedFile,
  { source, columns: settings }: RowsOptions,
): AsyncGenerator<ReadRow | undefined, void, undefined> {
  const rows = await readJsonDocument(file, source);
  await file.checkUnchanged();
  const objects = rows.map((row) => RowObject.safeParse(row).data);
  const headers = [...new Set(objects.flatMap((object) => Object.keys(object ?? {})))];
  // An empty list is a well-formed listing; whether it is believed is for the verdict.
  const columns = rows.length === 0 ? new Map<FileField, number>() : columnsOf(source, headers, settings);
  for (const object of objects) {
    yield object === undefined ? undefined : toAccount(columns, (place) => ownValue(object, headers[place]));
  }
}

/** `constructor` may be a header; what every object inherits under that name is no cell. */
function ownValue(object: Readonly<Record<string, unknown>>, key: string | undefined): unknown {
  return key !== undefined && Object.hasOwn(object, key) ? object[key] : undefined;
}

async function readJsonDocument(file: OpenedFile, source: string): Promise<readonly unknown[]> {
  const body = await readCapped(file.chunks(), JSON_BYTES_MAX);
  if (body.kind === 'too-large') {
    const text = `${source}: the file is larger than ${JSON_BYTES_MAX / 1_048_576} MiB of JSON; give it as CSV`;
    throw new OperationalError('source-too-large', text);
  }
  const parsed = parseJson(body.bytes);
  if (parsed.kind === 'fault') throw fileFault(source, parsed.fault);
  const document = RowsDocument.safeParse(parsed.json);
  if (document.success) return document.data;
  throw fileFault(
    source,
    'has no list of rows; it is a JSON list, or one list under identities, users, people, rows or data',
  );
}
