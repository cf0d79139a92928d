import { extname } from 'node:path';
import type { ListingOutcome } from '../../core/listing.ts';
import type { Instant, RowPolicy } from '../../core/row.ts';
import { OperationalError } from '../../errors.ts';
import type { Fetch } from '../../net/guarded-fetch.ts';
import type { Source } from '../../ports/sources.ts';
import { parseAddress } from '../address.ts';
import { createHttp } from '../http.ts';
import { toOutcome } from '../outcome.ts';
import { Reading } from '../reading.ts';
import { RowTally } from '../row-tally.ts';
import type { Timing } from '../timing.ts';
import { parseColumnSettings } from './columns.ts';
import { openPath, openUrl, type OpenedFile } from './open.ts';
import { readRows } from './rows.ts';

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

/** A CSV or JSON list as a roster. A file with a fault yields no row at all. */
export function createFileSource(settings: FileSettings): Source {
  const { name, policy } = settings;
  const place = toPlace(settings);
  const columns = parseColumnSettings(settings.columns ?? {});
  if ('fault' in columns) throw new OperationalError('config-invalid', `${name}: ${columns.fault}`);
  const format = settings.format ?? (place.extension === '.json' ? 'json' : 'csv');
  return {
    name,
    list: async function* (request) {
      const reading = new Reading(request);
      const tally = new RowTally(policy);
      let rowsSeen = 0;
      let batches = 0;
      let modifiedAt: Instant | undefined;
      let outcome: ListingOutcome = { kind: 'ended' };
      try {
        await using file = await place.open(reading);
        modifiedAt = file.modifiedAt;
        for await (const batch of readRows(file, { source: name, format, columns, signal: request.signal })) {
          rowsSeen += batch.length;
          batches += 1;
          request.progress({ kind: 'page', page: batches, rows: batch.length });
          yield tally.addAll(batch);
        }
        await file.checkUnchanged();
      } catch (error) {
        if (!(error instanceof OperationalError)) throw error;
        outcome = toOutcome(error);
      }
      return {
        endpoint: place.endpoint,
        parameters: { format },
        pages: outcome.kind === 'ended' ? 1 : 0,
        requests: reading.requests,
        rowsSeen,
        rowsWithoutId: tally.rowsWithoutId,
        atOnce: true,
        modifiedAt,
        outcome,
        warnings: tally.warnings(),
      };
    },
  };
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
