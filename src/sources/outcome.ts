import type { ListingOutcome } from '../core/listing.ts';
import type { OperationalError } from '../errors.ts';

/** A failure as the outcome of a listing: a wait that the vendor asked for, or a page that is missing. */
export function toOutcome(error: OperationalError, where?: string): ListingOutcome {
  if (error.code === 'source-deferred' && error.notBefore !== undefined) {
    return { kind: 'deferred', until: error.notBefore.toISOString(), detail: error.message };
  }
  const detail = where === undefined ? error.message : `${where}: ${error.message}`;
  return { kind: 'broken', code: error.code, detail };
}
