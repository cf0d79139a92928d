import { counted } from './alert-plan.ts';
import type { PastSourceRow } from './views.ts';

type Counted = Pick<PastSourceRow, 'source' | 'forgotten_usable'>;

/**
 * `2 accounts of people who were forgotten can still be used (nimble)`; undefined where there is none. No finding may name them any more, and a
 * report that is silent of them would say that all is in order.
 */
export function forgottenPhrase(sources: readonly Counted[]): string | undefined {
  const some = sources.filter(({ forgotten_usable: count }) => count !== null && count > 0);
  const total = some.reduce((sum, { forgotten_usable: count }) => sum + (count ?? 0), 0);
  if (total === 0) return undefined;
  const names = some.map(({ source }) => source).join(', ');
  return `${counted(total, 'account', 'accounts')} of people who were forgotten can still be used (${names})`;
}
