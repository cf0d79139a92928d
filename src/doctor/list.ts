import { readdir } from 'node:fs/promises';
import { basename, dirname, relative } from 'node:path';
import type { CheckResult } from '../cli/doctor.ts';
import type { Config, SourceConfig } from '../config/config.ts';
import { nearest } from '../config/nearest.ts';
import type { ListingEnd } from '../core/listing.ts';
import { OperationalError } from '../errors.ts';
import { createGuardedFetch } from '../net/guarded-fetch.ts';
import { readListHeaders } from '../sources/file/client.ts';
import { parseColumnSettings, resolveColumns } from '../sources/columns.ts';
import { proposeColumns } from '../sources/propose-columns.ts';
import { openSource } from '../wire-sources.ts';
import type { Asking } from './source.ts';
import { ASK_TIMEOUT_MS } from './times.ts';
import { toFailure } from './to-failure.ts';

export type ListSource = Extract<SourceConfig, { readonly type: 'file' | 'nimbus' | 'sql' }>;

const HOUR_MS = 3_600_000;
const SHRUNK = 0.1;

/** Nobody is behind a file or a query to be asked for: it is read once to its end, and nothing is stored. */
export async function checkList(name: string, source: ListSource, asking: Asking): Promise<readonly CheckResult[]> {
  try {
    const { rows, end } = await readAll(source, asking.config);
    const { outcome } = end;
    if (outcome.kind !== 'ended') {
      const { detail } = outcome;
      const code = 'code' in outcome ? outcome.code : undefined;
      const advice = adviseReach(source, code) ?? (await adviseList(source, asking.config, detail));
      return [{ name, status: 'fail', detail, fix: advice, code }];
    }
    const known = (await asking.known()).accounts.get(source.name);
    const doubts = doubtList({ name, source, rows, end, known, nowMs: asking.surroundings.clock().getTime() });
    return doubts.length > 0 ? doubts : [await describeRows(name, source, asking.config, rows)];
  } catch (error) {
    return [toFailure(name, error, FIXES[source.type])];
  }
}

type Read = { readonly rows: number; readonly end: ListingEnd };

async function readAll(source: ListSource, config: Config): Promise<Read> {
  const signal = AbortSignal.timeout(ASK_TIMEOUT_MS);
  const listing = openSource(source, config).list({ mode: 'full', budgetMs: 0, signal, progress: () => undefined });
  let rows = 0;
  for (;;) {
    const step = await listing.next();
    if (step.done === true) return { rows, end: step.value };
    rows += step.value.length;
  }
}

type ReadList = Read & {
  readonly name: string;
  readonly source: ListSource;
  readonly known: number | undefined;
  readonly nowMs: number;
};

/** A list that can be read, and of which a run would believe less than it shows. */
function doubtList({ name, source, rows, end, known, nowMs }: ReadList): readonly CheckResult[] {
  const { rowsWithoutId, modifiedAt } = end;
  const doubts: CheckResult[] = [];
  if (rowsWithoutId > 0) {
    const detail = `${rows} rows, and ${rowsWithoutId} without an id that can be read: such a listing is not complete`;
    doubts.push({ name, status: 'warn', detail, fix: 'give each row its id' });
  }
  if (rows < source.minRows) {
    const detail = `${rows} rows, and minRows is ${source.minRows}: the listing is not complete`;
    doubts.push({ name, status: 'fail', detail, fix: `${FIXES[source.type]}; if so few are right, lower minRows` });
  } else if (known !== undefined && rows < known * (1 - SHRUNK)) {
    const detail = `${rows} rows; the last complete listing had ${known}`;
    doubts.push({ name, status: 'warn', detail, fix: `${FIXES[source.type]}; if so many have left, nothing` });
  }
  const ageMs = modifiedAt === undefined ? 0 : nowMs - Date.parse(modifiedAt);
  if (source.maxAgeMs !== undefined && ageMs > source.maxAgeMs) {
    const detail = `${rows} rows, written ${toHours(ageMs)} h ago, and maxAge is ${toHours(source.maxAgeMs)} h: rules that read it are withheld`;
    const fix = `export it again, and let the export write more often than that; else make maxAge of ${source.name} longer`;
    doubts.push({ name, status: 'fail', detail, fix });
  }
  return doubts;
}

function toHours(ms: number): number {
  return Math.round(ms / HOUR_MS);
}

const FIXES = {
  file: 'check path or url, and that the file is whole',
  sql: 'check url and query; docs/sources/sql.md has the role to make',
  nimbus: 'in Nimbus open Admin > Manage Employees, clear the filter, export the grid as CSV again, and check path',
} as const satisfies Record<ListSource['type'], string>;

async function describeRows(name: string, source: ListSource, config: Config, rows: number): Promise<CheckResult> {
  const count = `${rows} ${rows === 1 ? 'row' : 'rows'}`;
  if (source.type !== 'file') return { name, status: 'ok', detail: count };
  const headers = await headersOf(source, config);
  const fields = readFields(headers ?? [], source.columns);
  if (!source.authoritative || fields.length === 0 || fields.some((field) => LEAVING.has(field))) {
    return { name, status: 'ok', detail: fields.length === 0 ? count : `${count} with ${fields.join(', ')}` };
  }
  const detail = `${count} with ${fields.join(', ')}; none says who has left, so a leaver is whoever is no longer in the list`;
  const proposed = Object.entries(proposeColumns(headers ?? []).columns).filter(([field]) => LEAVING.has(field));
  if (proposed.length === 0) return { name, status: 'ok', detail };
  return { name, status: 'warn', detail, fix: writeColumns(source, proposed) };
}

const LEAVING: ReadonlySet<string> = new Set(['status', 'end_date']);

function readFields(headers: readonly string[], columns: Readonly<Record<string, string>>): readonly string[] {
  const settings = parseColumnSettings(columns);
  const resolved = 'fault' in settings ? settings : resolveColumns(headers, settings);
  return 'fault' in resolved ? [] : [...resolved.keys()];
}

function writeColumns({ name }: ListSource, columns: readonly (readonly [string, string])[]): string {
  const pairs = columns.map(([field, header]) => `${field}: "${header}"`);
  return `write for ${name} columns: { ${pairs.join(', ')} }`;
}

/** A list at an address that does not answer: there is nothing to say of the list. */
function adviseReach(source: ListSource, code: string | undefined): string | undefined {
  if (code !== 'source-unavailable' || source.type !== 'file' || source.location.kind !== 'url') return undefined;
  const { url } = source.location;
  return `let this machine reach ${URL.parse(url)?.host ?? 'it'} (DNS, firewall, HTTPS_PROXY), or correct url of ${source.name}`;
}

/** A better word than "check path", where the list itself or its folder says one. */
async function adviseList(source: ListSource, config: Config, detail: string): Promise<string> {
  if (source.type === 'sql') return FIXES.sql;
  const path = source.type === 'nimbus' ? source.path : source.location.kind === 'path' ? source.location.path : '';
  if (detail.includes('(ENOENT)')) return await adviseMissing(path, config, source);
  if (detail.includes('(EACCES)')) return `let this user read ${relative(config.directory, path)}`;
  if (source.type !== 'file') return FIXES.nimbus;
  const column = detail.includes('column') ? await adviseColumns(source, config) : undefined;
  return column ?? FIXES.file;
}

async function adviseMissing(path: string, { directory }: Config, source: ListSource): Promise<string> {
  const names = await readdir(dirname(path)).catch((): readonly string[] => []);
  const near = nearest(basename(path), names);
  const file = `path of ${source.name}`;
  const shown = relative(directory, path);
  if (near !== undefined) return `beside it is ${near}: change ${file}, or the name of the file`;
  return names.length === 0
    ? `there is no folder ${relative(directory, dirname(path)) || '.'} that could be read: check ${file}`
    : `put the list at ${shown === '' ? path : shown}, or change ${file}`;
}

async function adviseColumns(
  source: Extract<ListSource, { type: 'file' }>,
  config: Config,
): Promise<string | undefined> {
  const headers = await headersOf(source, config);
  if (headers === undefined) return undefined;
  const wrong = Object.entries(source.columns).find(
    ([, wanted]) => !headers.some((each) => fold(each) === fold(wanted)),
  );
  const near = wrong === undefined ? undefined : nearest(wrong[1], headers);
  if (wrong !== undefined && near !== undefined) {
    return `the list has a column "${near}": ${writeColumns(source, [[wrong[0], near]])}`;
  }
  const proposed = Object.entries(proposeColumns(headers).columns);
  return proposed.length === 0 ? undefined : writeColumns(source, proposed);
}

function fold(header: string): string {
  return header.toLowerCase().replaceAll(/[\s_-]+/gu, '');
}

async function headersOf(
  source: Extract<ListSource, { type: 'file' }>,
  { network }: Config,
): Promise<readonly string[] | undefined> {
  const { name, format, location, rowPolicy: policy } = source;
  const place = location.kind === 'path' ? { path: location.path } : { url: location.url };
  const settings = { name, format, policy, allow: network.allow, fetch: createGuardedFetch(network), ...place };
  try {
    return await readListHeaders(settings, AbortSignal.timeout(ASK_TIMEOUT_MS));
  } catch (error) {
    // What is wrong with the list has been said already.
    if (error instanceof OperationalError) return undefined;
    throw error;
  }
}
