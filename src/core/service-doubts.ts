import type { Owner } from './owner.ts';
import type { ServiceEntry } from './service-accounts.ts';

/** Which present accounts an entry of `serviceAccounts` lists, by their ids; of a source that was never read in full nothing is said. */
export type Listed = { readonly entry: ServiceEntry; readonly accounts: readonly string[] };

/** As many as somebody reads. */
const DOUBTS_MAX = 10;

/** What is probably not meant in `serviceAccounts`, and shows only beside the rosters; each a sentence for a person. */
export function serviceDoubts(
  listed: readonly Listed[],
  owners: ReadonlyMap<string, Owner> = new Map(),
): readonly string[] {
  const doubts = [...listed.flatMap(unmatched), ...twice(listed), ...[...owners].flatMap(elsewhere)];
  if (doubts.length <= DOUBTS_MAX) return doubts;
  return [...doubts.slice(0, DOUBTS_MAX), `serviceAccounts: and ${doubts.length - DOUBTS_MAX} more like these`];
}

function unmatched({ entry, accounts }: Listed): readonly string[] {
  if (accounts.length > 0) return [];
  return [
    `serviceAccounts: ${entry.source} has no account "${entry.account}", so the entry has no effect; ids must be spelled exactly`,
  ];
}

/** By its id and by its e-mail: the two entries are no double, and yet about one account. */
function twice(listed: readonly Listed[]): readonly string[] {
  const byAccount = new Map<string, readonly ServiceEntry[]>();
  for (const { entry, accounts } of listed) {
    for (const account of accounts) {
      const key = JSON.stringify([entry.source, account]);
      byAccount.set(key, [...(byAccount.get(key) ?? []), entry]);
    }
  }
  return [...byAccount.values()].flatMap((entries) => {
    const [first, other] = entries;
    if (first === undefined || other === undefined || first.owner === other.owner) return [];
    const owners = entries.map(({ owner }) => owner).join(' and ');
    return [
      `serviceAccounts: "${first.account}" and "${other.account}" are one account of ${first.source}, with different owners (${owners}); the entry by id counts`,
    ];
  });
}

function elsewhere([owner, { rows, elsewhere: others = [] }]: readonly [string, Owner]): readonly string[] {
  const [first] = rows;
  const [other] = others;
  if (first === undefined || other === undefined) return [];
  const [name, otherName] = [first.sourceName, other.sourceName];
  return [
    `serviceAccounts: the owner ${owner} is an id in ${name} and, of somebody else, in ${otherName}: that of ${name} counts; write ${otherName}/${owner} for the other`,
  ];
}
