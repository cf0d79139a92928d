import type { IdentityRow, RowRef, Standing } from './case.ts';
import type { Owner } from './owner.ts';
import { parseEmail } from './email.ts';
import { currentFirst, standingOf, type Identity } from './identity.ts';
import type { PlainDate, RosterRow } from './row.ts';

/** An entry of `serviceAccounts` as it was written. */
export type ServiceEntry = {
  /** Name of the source. */
  readonly source: string;
  /** External id or e-mail there. */
  readonly account: string;
  /** E-mail or id of the identity that answers for it. */
  readonly owner: string;
  readonly purpose?: string | undefined;
  /** The entry must be looked at again after this day. */
  readonly review?: PlainDate | undefined;
};

/** An entry, and what the authoritative lists know of its owner: nothing where the owner is no known identity. */
export type ServiceAccount = ServiceEntry & {
  readonly ownerRows: readonly IdentityRow[];
  /** The owner as written means several people: then it counts as none. */
  readonly unclear: readonly Identity[];
};

/** By source and account. Only `serviceAccountsOf` makes one. */
export type ServiceAccounts = ReadonlyMap<string, ServiceAccount>;

/** `owners` by the owner as written. */
export function serviceAccountsOf(
  entries: readonly ServiceEntry[],
  owners: ReadonlyMap<string, Owner>,
): ServiceAccounts {
  const found = new Map<string, ServiceAccount>();
  for (const entry of entries) {
    const { rows: ownerRows, unclear } = owners.get(entry.owner) ?? { rows: [], unclear: [] };
    const service = { ...entry, ownerRows, unclear };
    const { source, account } = entry;
    found.set(keyOf(source, parseEmail(account) ?? account), service);
    found.set(keyOf(source, account), service);
  }
  return found;
}

/** Found as the row was when it was read: by its id, else by its e-mail (core/normalise.ts). */
export function findServiceAccount(
  services: ServiceAccounts,
  { sourceName, row }: { readonly sourceName: string; readonly row: Pick<RosterRow, 'externalId' | 'email'> },
): ServiceAccount | undefined {
  const byId = services.get(keyOf(sourceName, row.externalId));
  return byId ?? (row.email === undefined ? undefined : services.get(keyOf(sourceName, row.email)));
}

/** The owner, if it is known. Where several people have what the entry names, the owner has left only when all of them have. */
export function ownerOf(
  service: ServiceAccount,
  today: PlainDate,
): { readonly ref: RowRef; readonly standing: Standing } | undefined {
  const identity = currentFirst(service.ownerRows, today);
  return identity === undefined ? undefined : { ref: identity.ref, standing: standingOf(service.ownerRows, today) };
}

/** The source's name has neither space nor line end, so no two keys are one. */
function keyOf(source: string, account: string): string {
  return `${source}\n${account}`;
}
