import type { ListingEnd, ListingOutcome } from '../core/listing.ts';
import type { Instant, RosterRow, RowPolicy } from '../core/row.ts';
import { OperationalError } from '../errors.ts';
import type { ListRequest } from '../ports/sources.ts';
import { toOutcome } from './outcome.ts';
import { Reading } from './reading.ts';
import { RowTally, type ReadRow } from './row-tally.ts';

export type Batch = readonly (ReadRow | undefined)[];

export type ReadAtOnce = {
  readonly endpoint: string;
  readonly parameters: ListingEnd['parameters'];
  readonly policy: RowPolicy;
  /** Batches of rows, then warnings. What it throws as OperationalError is the outcome; rows that came before count as seen. */
  readonly read: (
    reading: Reading,
    noteAge: (modifiedAt: Instant | undefined) => void,
  ) => AsyncGenerator<Batch, readonly string[], undefined>;
};

/** The listing of a roster that is read as it was at one moment, such as a file or the result of a query. */
export async function* listAtOnce(
  request: ListRequest,
  { endpoint, parameters, policy, read }: ReadAtOnce,
): AsyncGenerator<readonly RosterRow[], ListingEnd, undefined> {
  const reading = new Reading(request);
  const tally = new RowTally(policy);
  let rowsSeen = 0;
  let modifiedAt: Instant | undefined;
  let warnings: readonly string[] = [];
  let outcome: ListingOutcome = { kind: 'ended' };
  const batches = read(reading, (age) => (modifiedAt = age));
  try {
    let step = await batches.next();
    for (let page = 1; step.done !== true; page += 1) {
      rowsSeen += step.value.length;
      request.progress({ kind: 'page', page, rows: step.value.length });
      yield tally.addAll(step.value);
      step = await batches.next();
    }
    warnings = step.value;
  } catch (error) {
    if (!(error instanceof OperationalError)) throw error;
    outcome = toOutcome(error);
  } finally {
    // Where the caller leaves early, what is open is closed.
    await batches.return([]);
  }
  return {
    endpoint,
    parameters,
    pages: outcome.kind === 'ended' ? 1 : 0,
    requests: reading.requests,
    rowsSeen,
    rowsWithoutId: tally.rowsWithoutId,
    atOnce: true,
    modifiedAt,
    outcome,
    warnings: [...warnings, ...tally.warnings()],
  };
}

/** Rows in batches of at most `size`. */
export async function* inBatches(
  rows: AsyncIterable<ReadRow | undefined>,
  size: number,
): AsyncGenerator<Batch, void, undefined> {
  let batch: (ReadRow | undefined)[] = [];
  for await (const row of rows) {
    batch.push(row);
    if (batch.length < size) continue;
    yield batch;
    batch = [];
  }
  if (batch.length > 0) yield batch;
}
