import type { IdentityRow, Json, ManagerRow } from '../case.ts';
import { chargeAccount, CLEAR, identityLabel, UNDECIDED, type AccountFacts, type RuleVerdict } from '../charge.ts';
import { currentFirst, decisiveRows, isSameRef, standingOf } from '../identity.ts';
import { accountLabel } from '../person.ts';
import type { PlainDate, RosterRow } from '../row.ts';
import type { MismatchField } from '../rule-options.ts';
import { foldName } from '../text.ts';

type Difference = { readonly field: MismatchField; readonly account: string; readonly identity: string };

/** Linked, both sides have the field, and what they say differs when it is folded. One finding an account, with all its differences. */
export function attributeMismatch({ of, correlation, judging }: AccountFacts): RuleVerdict {
  const { mismatchFields } = judging.options;
  if (mismatchFields.length === 0 || correlation.state !== 'linked') return CLEAR;
  const { identity } = correlation;
  if (identity === undefined) return UNDECIDED;
  const { today } = judging;
  if (standingOf(identity.rows, today) === 'neither') return UNDECIDED;
  const rows = decisiveRows(identity.rows, today);
  const differences = mismatchFields.flatMap((field) =>
    field === 'manager' ? managerDifference(of.manager, rows, today) : difference(field, of.row, rows),
  );
  if (differences.length === 0) return CLEAR;
  const fields = differences.map(({ field }) => field.replace('_', ' ')).join(', ');
  return chargeAccount('attribute_mismatch', of, {
    identity,
    summary: `${accountLabel(of.row)} in ${of.sourceName} differs from the identity list in: ${fields}`,
    evidence: { differences: differences.map((each): Json => ({ ...each })), link_rule: correlation.linkRule },
  });
}

const READ = {
  given_name: (row) => row.givenName,
  family_name: (row) => row.familyName,
  title: (row) => row.title,
  department: (row) => row.department,
} as const satisfies Record<Exclude<MismatchField, 'manager'>, (row: RosterRow) => string | undefined>;

/** Where the identity lists disagree, an account that agrees with one of them is in order. */
function difference(
  field: keyof typeof READ,
  account: RosterRow,
  identity: readonly IdentityRow[],
): readonly Difference[] {
  const value = READ[field](account);
  const values = identity.flatMap(({ row }) => READ[field](row) ?? []);
  const [first] = values;
  if (value === undefined || first === undefined) return [];
  const folded = foldName(value);
  if (values.some((each) => foldName(each) === folded)) return [];
  return [{ field, account: value, identity: first }];
}

/**
 * Ids of two sources say nothing to each other, so people are compared: whom the manager's account is linked to, or its keys lead to, with
 * whom the identity list names. When either is nobody we know there is no difference.
 */
function managerDifference(
  account: ManagerRow | undefined,
  identity: readonly IdentityRow[],
  today: PlainDate,
): readonly Difference[] {
  if (account === undefined) return [];
  const theirs = account.linked.length > 0 ? account.linked : account.candidates;
  const ours = identity.flatMap(({ manager }) => manager ?? []);
  const named = currentFirst(ours, today);
  if (theirs.length === 0 || named === undefined) return [];
  if (theirs.some(({ ref }) => ours.some((row) => isSameRef(row.ref, ref)))) return [];
  return [{ field: 'manager', account: accountLabel(account.row), identity: identityLabel(named) }];
}
