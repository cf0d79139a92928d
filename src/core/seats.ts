import { counted } from './alert-plan.ts';
import { figure } from './figure.ts';
import type { Rule } from './rule.ts';
import type { PastSourceRow } from './views.ts';

/**
 * Of each account with one of these it is certain that nobody needs it: its seat is counted in `source_health`, once. Not of duplicates, where a person
 * has to say which one goes, nor of robots and of people who start soon.
 */
export const SEAT_RULES: readonly Rule[] = [
  'orphaned_account',
  'leaver_account',
  'dormant_account',
  'lifecycle_conflict',
];

/** Of a source; the cost, in the currency, is that of a month. */
export type SeatCost = Pick<PastSourceRow, 'source' | 'seats_at_risk' | 'seat_cost_at_risk' | 'seat_currency'>;

/** What the seats cost that could be given back, a source at a time: currencies are never added. Nothing where no price is known or none is lost. */
export function seatPhrase(sources: readonly SeatCost[]): string | undefined {
  const costs = sources.flatMap(({ source, seats_at_risk: seats, seat_cost_at_risk: cost, seat_currency: currency }) =>
    seats === null || seats === 0 || cost === null || currency === null
      ? []
      : [`${source} ${amountText(cost)} ${currency} a month (${counted(seats, 'seat', 'seats')})`],
  );
  return costs.length === 0 ? undefined : `Paid for accounts that should not be: ${costs.join(', ')}`;
}

/** `24.9` reads like a slip; of a currency without cents there is nothing behind the point. */
function amountText(amount: string): string {
  const [whole = '', cents] = amount.split('.');
  return cents === undefined ? figure(whole) : `${figure(whole)}.${cents.padEnd(2, '0')}`;
}
