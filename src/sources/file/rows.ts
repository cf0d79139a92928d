import { OperationalError } from '../../errors.ts';
import { readCapped, parseJson } from '../body.ts';
import { readCsv } from '../csv.ts';
import { resolveColumns, type Columns, type ColumnSettings, type Field } from '../columns.ts';
import { fileFault } from '../file-fault.ts';
import type { OpenedFile } from '../opened-file.ts';
import type { ReadRow } from '../row-tally.ts';
import { toAccount } from '../to-account.ts';
import { openWholeCsv } from '../whole-csv.ts';
import { RowObject, RowsDocument } from './schema.ts';

export type RowsOptions = {
  readonly source: string;
  readonly format: 'csv' | 'json';
  readonly columns: ColumnSettings;
  readonly signal: AbortSignal;
};

/** JSON is parsed in one piece, of which every byte costs several. */
const JSON_BYTES_MAX = 64 * 1_048_576;

/** The rows of a file that is whole; `undefined` for a row that is none. It throws OperationalError before the first one where anything is wrong. */
export function readRows(file: OpenedFile, options: RowsOptions): AsyncGenerator<ReadRow | undefined, void, undefined> {
  return options.format === 'json' ? readJsonRows(file, options) : readCsvRows(file, options);
}

/** What the columns are called: the first line, or the keys of the rows. */
export async function readHeaders(
  file: OpenedFile,
  source: string,
  format: 'csv' | 'json',
): Promise<readonly string[]> {
  if (format === 'json') return keysOf(toObjects(await readJsonDocument(file, source)));
  for await (const record of readCsv(source, file.chunks())) return record;
  throw fileFault(source, 'is empty');
}

async function* readCsvRows(
  file: OpenedFile,
  { source, columns, signal }: RowsOptions,
): AsyncGenerator<ReadRow | undefined, void, undefined> {
  const readHeader = (headers: readonly string[]) => resolveColumns(headers, columns);
  const { header, records } = await openWholeCsv(file, { source, signal, readHeader });
  for await (const record of records()) yield toAccount(header, (place) => record[place]);
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
  const objects = toObjects(rows);
  const headers = keysOf(objects);
  // An empty list is a well-formed listing; whether it is believed is for the verdict.
  const columns = rows.length === 0 ? new Map<Field, number>() : columnsOf(source, headers, settings);
  for (const object of objects) {
    yield object === undefined ? undefined : toAccount(columns, (place) => ownValue(object, headers[place]));
  }
}

function toObjects(rows: readonly unknown[]): readonly (RowObject | undefined)[] {
  return rows.map((row) => RowObject.safeParse(row).data);
}

function keysOf(objects: readonly (RowObject | undefined)[]): readonly string[] {
  return [...new Set(objects.flatMap((object) => Object.keys(object ?? {})))];
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
  if (parsed.kind === 'fault') throw fileFault(source, `${parsed.fault}; export it again, as a JSON list in UTF-8`);
  const document = RowsDocument.safeParse(parsed.json);
  if (document.success) return document.data;
  throw fileFault(
    source,
    'has no list of rows; it is a JSON list, or one list under identities, users, people, rows or data',
  );
}
