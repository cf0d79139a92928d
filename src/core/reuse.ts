import type { AccountCase, ReuseMark } from './case.ts';
import { keysOf } from './normalise.ts';
import { foldedGivenName } from './person.ts';
import type { RosterRow } from './row.ts';

type Suspect = Pick<AccountCase, 'row' | 'reuse' | 'findings'>;

/**
 * Contract §6: no e-mail or alias in common with the version before, and another folded given name. What is absent is no difference: neither
 * a name, nor an address that one of the two has not got. So a marriage and a new domain are changes, and not another person.
 */
export function isSomebodyElse(before: RosterRow, now: RosterRow): boolean {
  const [known, shown] = [addressesOf(before), addressesOf(now)];
  if (known.length === 0 || shown.length === 0 || shown.some((address) => known.includes(address))) return false;
  const [was, is] = [foldedGivenName(before), foldedGivenName(now)];
  return was !== undefined && is !== undefined && was !== is;
}

/**
 * Whether this id may be somebody else's than before, and no person has decided. Once found it stays so, whatever the row says later: the
 * links that were dropped do not come back by themselves either.
 */
export function isReused(of: Suspect): boolean {
  if (of.reuse === undefined) return false;
  if (of.findings.some(({ rule, status }) => rule === 'reused_account' && status !== 'resolved')) return true;
  return of.reuse.before !== undefined && isSomebodyElse(of.reuse.before, of.row);
}

/** The row that had this row's e-mail before, while it is there without it. When the e-mail moves on, this is over. */
export function movedFrom({ row, movedFrom: from }: Pick<AccountCase, 'row' | 'movedFrom'>): RosterRow | undefined {
  if (from === undefined || !from.present || !from.hadEmail || from.row === undefined) return undefined;
  const [email] = keysOf(row).filter(({ kind }) => kind === 'email');
  return email === undefined || addressesOf(from.row).includes(email.key) ? undefined : from.row;
}

/** Marks of the intake that have nothing to say (any more): the store takes them away. */
export function marksOver(of: AccountCase): readonly ReuseMark[] {
  const over: ReuseMark[] = [];
  if (of.reuse !== undefined && !(of.present && isReused(of))) over.push('reused');
  if (of.movedFrom !== undefined && !(of.present && movedFrom(of) !== undefined)) over.push('moved');
  return over;
}

function addressesOf(row: RosterRow): readonly string[] {
  return keysOf(row)
    .filter(({ kind }) => kind !== 'employee_id')
    .map(({ key }) => key);
}
