import { extname } from 'node:path';
import type { RowPolicy } from '../../core/row.ts';
import { OperationalError } from '../../errors.ts';
import type { Fetch } from '../../net/guarded-fetch.ts';
import type { Source } from '../../ports/sources.ts';
import { parseAddress } from '../address.ts';
import { parseColumnSettings } from '../columns.ts';
import { stopped } from '../failures.ts';
import { createHttp } from '../http.ts';
import { inBatches, listAtOnce } from '../list-at-once.ts';
import { openPath, openUrl, type OpenedFile } from '../opened-file.ts';
import { whoamiReading, type Reading } from '../reading.ts';
import type { Timing } from '../timing.ts';
import { readHeaders, readRows } from './rows.ts';

const BATCH_ROWS = 1000;

export type FileSettings = {
  readonly name: string;
  /** A path, or an https URL: one of the two. */
  readonly path?: string | undefined;
  readonly url?: string | undefined;
  /** By extension where it is left out: `.json` is JSON, all else CSV. */
  readonly format?: 'csv' | 'json' | undefined;
  /** Our field: their header. */
  readonly columns?: Readonly<Record<string, string>> | undefined;
  /** From request to last byte of a URL, default 30 s. */
  readonly attemptTimeoutMs?: number | undefined;
  /** `network.allow`. */
  readonly allow: readonly string[];
  readonly fetch?: Fetch | undefined;
  readonly policy: RowPolicy;
  readonly timing?: Timing | undefined;
};

type Place = {
  readonly endpoint: string;
  readonly extension: string;
  readonly open: (reading: Reading) => Promise<OpenedFile>;
};

/** The headers of a list, or the keys of its rows, as they are written. Throws OperationalError where the file cannot be read so far. */
export async function readListHeaders(settings: FileSettings, signal: AbortSignal): Promise<readonly string[]> {
  const place = toPlace(settings);
  const reading = whoamiReading(signal);
  await using file = await place.open(reading);
  return await readHeaders(file, settings.name, settings.format ?? formatOf(place.extension));
}

/** A CSV or JSON list as a roster. A file with a fault yields no row at all. */
export function createFileSource(settings: FileSettings): Source {
  const { name, policy } = settings;
  const place = toPlace(settings);
  const columns = parseColumnSettings(settings.columns ?? {});
  if ('fault' in columns) throw new OperationalError('config-invalid', `${name}: ${columns.fault}`);
  const format = settings.format ?? formatOf(place.extension);
  return {
    name,
    list: (request) =>
      listAtOnce(request, {
        endpoint: place.endpoint,
        parameters: { format },
        policy,
        read: async function* (reading, noteAge) {
          await using file = await place.open(reading);
          noteAge(file.modifiedAt);
          const { signal } = reading;
          for await (const batch of inBatches(readRows(file, { source: name, format, columns, signal }), BATCH_ROWS)) {
            if (signal.aborted) throw stopped(name);
            yield batch;
          }
          await file.checkUnchanged();
          return [];
        },
      }),
  };
}

function formatOf(extension: string): 'csv' | 'json' {
  return extension === '.json' ? 'json' : 'csv';
}

function toPlace({ name, path, url, allow, fetch, attemptTimeoutMs, timing }: FileSettings): Place {
  if ((path === undefined) === (url === undefined)) {
    throw new OperationalError('config-invalid', `${name}: give either path or url`);
  }
  if (path !== undefined) {
    return { endpoint: path, extension: extname(path).toLowerCase(), open: async () => await openPath(name, path) };
  }
  const address = parseAddress(name, 'url', url ?? '');
  const hosts = { vendorHosts: [], configuredHost: address.hostname, allow };
  const http = createHttp({ source: name, address: 'url', hosts, fetch, attemptTimeoutMs, timing });
  return {
    // The rest of a shared link is often all that protects it, and this is kept as evidence.
    endpoint: address.origin,
    extension: extname(address.pathname).toLowerCase(),
    open: async (reading) => await openUrl(http, address, reading),
  };
}
