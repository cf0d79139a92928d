import type { CredentialCase } from './case.ts';
import { parseEmail } from './email.ts';
import { findServiceAccount, type ServiceAccount, type ServiceAccounts } from './service-accounts.ts';

/** Contract §6: types whose vendor says whose the token is, and for which that is judged. Others never. */
export const OWNED_TYPES: readonly string[] = ['nimble', 'namely'];

/** The one subject of findings about a source's credential. */
export const CREDENTIAL_SUBJECT = 'credential';

/** The entry that lists the token's owner as no person: then whoever answers for it counts. */
export function serviceOf(services: ServiceAccounts, of: CredentialCase): ServiceAccount | undefined {
  const { externalId = '', email } = of.owner;
  const row = { externalId, email: email === undefined ? undefined : (parseEmail(email) ?? email) };
  const { sourceName, account } = of;
  const named = findServiceAccount(services, { sourceName, row });
  // The roster may know the owner by another id than the vendor's answer does.
  return named ?? (account === undefined ? undefined : findServiceAccount(services, { sourceName, row: account }));
}
