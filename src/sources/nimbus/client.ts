import { cleanText } from '../../core/text.ts';
import type { RowPolicy } from '../../core/row.ts';
import type { Source } from '../../ports/sources.ts';
import { stopped } from '../failures.ts';
import { fileFault } from '../file-fault.ts';
import { inBatches, listAtOnce } from '../list-at-once.ts';
import { openPath } from '../opened-file.ts';
import type { ReadRow } from '../row-tally.ts';
import { openWholeCsv, type WholeCsv } from '../whole-csv.ts';
import { describeMissing, resolveGrid, type Grid } from './grid.ts';
import { toAccount } from './to-account.ts';

const BATCH_ROWS = 1000;
/** More names than this in one reason help nobody. */
const SHOWN_MAX = 10;

export type NimbusSettings = {
  readonly name: string;
  /** The Employees grid, exported as CSV. */
  readonly path: string;
  /** Login codes that every export must hold. */
  readonly sentinels: readonly string[];
  readonly policy: RowPolicy;
};

/**
 * Nimbus has no documented way to ask for its employees (api-facts, read 2026-11), so a person exports the grid. What the grid exports
 * are the rows that its filter shows at that moment, and nothing in the file tells: that is what sentinels are for.
 */
export function createNimbusSource({ name, path, sentinels, policy }: NimbusSettings): Source {
  return {
    name,
    list: (request) =>
      listAtOnce(request, {
        endpoint: path,
        parameters: { sentinels: sentinels.length },
        policy,
        read: async function* ({ signal }, noteAge) {
          await using file = await openPath(name, path);
          noteAge(file.modifiedAt);
          const csv = await openWholeCsv(file, { source: name, signal, readHeader: resolveGrid });
          const missing = new Set(sentinels.map((code) => code.trim()));
          for await (const batch of inBatches(readEmployees(csv), BATCH_ROWS)) {
            if (signal.aborted) throw stopped(name);
            for (const row of batch) missing.delete(cleanText(row?.raw.externalId).text ?? '');
            yield batch;
          }
          await file.checkUnchanged();
          if (missing.size > 0) throw fileFault(name, describeFilter([...missing]));
          return describeMissing(csv.header);
        },
      }),
  };
}

async function* readEmployees({ header, records }: WholeCsv<Grid>): AsyncGenerator<ReadRow, void, undefined> {
  for await (const record of records()) yield toAccount(header, record);
}

/** Sentinels are words of the configuration, so they may be named. */
function describeFilter(missing: readonly string[]): string {
  const shown = missing.slice(0, SHOWN_MAX).join(', ');
  const more = missing.length > SHOWN_MAX ? ` and ${missing.length - SHOWN_MAX} more` : '';
  return `lacks ${shown}${more} of sentinels, so it is a filtered or partial export; clear the grid's filter and export it again`;
}
