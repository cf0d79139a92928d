import { deflateRawSync, inflateRawSync, constants } from 'node:zlib';
import type { RosterRow } from '../core/row.ts';
import { OperationalError } from '../errors.ts';

/** A million rows take some 60 MB; more than this is no roster of people. */
const BYTES_MAX = 512 * 1024 * 1024;
const FAST = { level: constants.Z_BEST_SPEED };

/**
 * Rows of a listing until they are all there, packed: a dry run holds no transaction open while a vendor answers, and writes neither
 * to the database nor to a disk.
 */
export class Spool {
  readonly #batches: Buffer[] = [];
  #bytes = 0;

  add(rows: readonly RosterRow[]): void {
    const packed = deflateRawSync(JSON.stringify(rows), FAST);
    this.#bytes += packed.length;
    if (this.#bytes > BYTES_MAX) {
      throw new OperationalError(
        'source-too-large',
        'the listing is too large for a dry run: it does not fit in memory',
      );
    }
    this.#batches.push(packed);
  }

  *batches(): Generator<readonly RosterRow[], void, undefined> {
    for (const packed of this.#batches) {
      const rows: readonly RosterRow[] = JSON.parse(inflateRawSync(packed).toString('utf8'));
      yield rows;
    }
  }
}
