import type { ListingOutcome } from '../../core/listing.ts';
import { OperationalError } from '../../errors.ts';
import { toOutcome } from '../outcome.ts';

/** A failure of a request as the outcome that it gives a listing. */
export async function settle<Value>(
  pending: Promise<Value>,
  where: string,
): Promise<Value | { readonly outcome: ListingOutcome }> {
  try {
    return await pending;
  } catch (error) {
    if (!(error instanceof OperationalError)) throw error;
    return { outcome: toOutcome(error, where) };
  }
}
