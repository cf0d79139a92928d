import type { AccountCase, Case, RowRef } from '../../core/case.ts';
import type { Looking } from '../../ports/store.ts';
import { ahead, type Underway } from '../ahead.ts';
import { accountCases, theseAccountCases } from './account-cases.ts';
import type { ReconcileContext } from './context.ts';
import { theseIdentityCases } from './changed-identity-cases.ts';
import { credentialCases } from './credential-cases.ts';
import { identityCases } from './identity-cases.ts';
import { loadLinks } from './load-links.ts';
import { keyOf } from './roster-row.ts';

/**
 * What one reconciliation judges, in this order: accounts; identities, for which the links count that were just made; and credentials,
 * whose owner is found by the link of an account.
 */
export async function* casesOf(
  context: ReconcileContext,
  { plan, today, scope, options }: Looking,
  underway: Underway,
): AsyncGenerator<readonly Case[], void, undefined> {
  if (scope.kind === 'all') {
    // Which accounts belong to an identity is asked after all of them are judged. Within each kind a link, and what is found, is written of one case and read for it
    // alone; managers were linked before.
    yield* ahead(accountCases(context, plan, today, options), underway);
    yield* ahead(identityCases(context, plan, today, options), underway);
  } else {
    const touched = new Map(scope.identities.map((ref) => [keyOf(ref), ref]));
    for await (const batch of theseAccountCases(context, plan, scope.accounts)) {
      const identities = batch.flatMap(identitiesOf);
      yield batch;
      for (const ref of [...identities, ...(await linkedNow(context, batch))]) touched.set(keyOf(ref), ref);
    }
    yield* theseIdentityCases(context, plan, [...touched.values()]);
  }
  yield await credentialCases(context, plan, today);
}

/** Whom an account belonged to, or could have. */
function identitiesOf({ link, candidates }: AccountCase): readonly RowRef[] {
  return [...(link === undefined ? [] : [link.identity]), ...candidates.map(({ identity }) => identity.ref)];
}

async function linkedNow(context: ReconcileContext, batch: readonly AccountCase[]): Promise<readonly RowRef[]> {
  const links = await loadLinks(
    context,
    batch.map(({ ref }) => ref),
  );
  return [...links.values()].flatMap(({ link }) => link?.identity ?? []);
}
