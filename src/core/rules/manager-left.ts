import type { IdentityRow, Json, ManagerRow, RowRef } from '../case.ts';
import {
  chargeAccount,
  CLEAR,
  hasLiving,
  identityLabel,
  isUsable,
  present,
  UNDECIDED,
  type AccountFacts,
  type RuleVerdict,
} from '../charge.ts';
import { currentFirst, decisiveRows, isSameRef, leavingOf, standingOf, type Identity } from '../identity.ts';
import { accountLabel, displayNameOf } from '../person.ts';

const RULE = 'manager_left';

/**
 * Usable, and the manager's row in the same source is inactive or gone, or the manager of the linked identity has left. A manager who was
 * never seen proves nothing. The finding names the manager as its identity, so a waiver ends when another one leaves.
 */
export function managerLeft(facts: AccountFacts): RuleVerdict {
  if (!isUsable(facts.of.row)) return CLEAR;
  const there = managerThere(facts);
  if (there !== undefined && !isInOrder(there)) return chargeThere(facts, there);
  const verdict = judgeOnLists(facts);
  // Of the manager's own account nothing is known: nothing opens, and what is open stays.
  const isUnknown = verdict === CLEAR && there?.row.status === 'unknown';
  return isUnknown && hasLiving(facts.of, RULE) ? UNDECIDED : verdict;
}

function judgeOnLists(facts: AccountFacts): RuleVerdict {
  const { correlation, judging } = facts;
  if (correlation.state === 'linked' && correlation.identity === undefined) return UNDECIDED;
  const rows = managerOnLists(facts);
  if (rows.length === 0) return CLEAR;
  const standing = standingOf(rows, judging.today);
  if (standing === 'left') return chargeOnLists(facts, rows);
  return standing === 'neither' ? UNDECIDED : CLEAR;
}

/** Of the managers, as identities, who are here: when the one that a finding names is among them, that is why it ends. */
export function managersInOrder(facts: AccountFacts): readonly RowRef[] | undefined {
  const { today } = facts.judging;
  const there = managerThere(facts);
  if (there !== undefined && !isInOrder(there)) return undefined;
  const found = [there?.linked ?? [], managerOnLists(facts)].flatMap((rows) => {
    const identity = standingOf(rows, today) === 'current' ? currentFirst(rows, today) : undefined;
    return identity === undefined ? [] : [identity.ref];
  });
  return found.length > 0 ? found : undefined;
}

/** Who is at the top of a company is written as the own manager: that says nothing. */
function managerThere({ of }: AccountFacts): ManagerRow | undefined {
  return of.manager === undefined || isSameRef(of.manager.ref, of.ref) ? undefined : of.manager;
}

function isInOrder({ row, present: isPresent }: ManagerRow): boolean {
  return isPresent && row.status !== 'inactive';
}

/** All that the lists name: who has left by one of them and is current by another has not left, as any identity. */
function managerOnLists({ correlation, judging }: AccountFacts): readonly IdentityRow[] {
  const { identity } = correlation;
  if (identity === undefined) return [];
  const isSelf = ({ ref }: IdentityRow): boolean => identity.rows.some((own) => isSameRef(own.ref, ref));
  return decisiveRows(identity.rows, judging.today).flatMap(({ manager = [] }) =>
    manager.some(isSelf) ? [] : manager,
  );
}

function chargeThere({ of, judging }: AccountFacts, manager: ManagerRow): RuleVerdict {
  const how = manager.present ? 'inactive' : 'gone';
  return chargeAccount(RULE, of, {
    identity: currentFirst(manager.linked, judging.today),
    summary:
      `${accountLabel(of.row)} has a usable account in ${of.sourceName}, and the account of the manager, ` +
      `${accountLabel(manager.row)}, is ${how} there`,
    evidence: { reason: how, manager: managerRecord(manager, how) },
  });
}

function managerRecord({ row }: ManagerRow, status: string): Json {
  return present({ external_id: row.externalId, name: displayNameOf(row), email: row.email, status });
}

function chargeOnLists({ of, judging }: AccountFacts, rows: readonly IdentityRow[]): RuleVerdict {
  const identity: Identity | undefined = currentFirst(rows, judging.today);
  const leaving = leavingOf(rows, judging.today, 0);
  if (identity === undefined || leaving === undefined) return CLEAR;
  return chargeAccount(RULE, of, {
    identity,
    summary:
      `${accountLabel(of.row)} has a usable account in ${of.sourceName}, and the manager, ${identityLabel(identity)}, ` +
      `left on ${leaving.leftOn}`,
    evidence: { reason: 'left', left_on: leaving.leftOn, left_by: leaving.leftBy },
  });
}
