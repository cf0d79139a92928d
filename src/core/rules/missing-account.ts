import type { IdentityCase, IdentityRow, Json } from '../case.ts';
import {
  CLEAR,
  identityLabel,
  identityRecord,
  identitySubject,
  severityOf,
  UNDECIDED,
  type RuleVerdict,
} from '../charge.ts';
import { hasStarted, mergeIdentities, standingOf, type Identity } from '../identity.ts';
import type { Judging } from '../policy.ts';
import { comparedValue, valuesOf, type Expectation } from '../rule-options.ts';

const RULE = 'missing_account';

/**
 * Current, started, expected in this application, and no account there is linked to the identity, be it inactive. An account that several
 * people could own is no proof that this one has none: undecided, until it is somebody's.
 */
export function missingAccount(of: IdentityCase, judging: Judging): RuleVerdict {
  const expectation = judging.options.missingAccount.get(of.sourceName);
  const [identity] = mergeIdentities(of.identity);
  if (expectation === undefined || identity === undefined) return CLEAR;
  if (of.accounts.length > 0 || of.supplanted === true) return CLEAR;
  const { today } = judging;
  const standing = standingOf(identity.rows, today);
  const expected = matchOf(identity.rows, expectation, today);
  if (standing === 'left' || expected === undefined) return CLEAR;
  if (standing === 'neither') return UNDECIDED;
  if (!hasStarted(identity.rows, today)) return CLEAR;
  return of.mayOwnAnother === true ? UNDECIDED : charge(of, identity, expected);
}

function charge(of: IdentityCase, identity: Identity, expected: Json): RuleVerdict {
  return {
    kind: 'charged',
    charge: {
      rule: RULE,
      severity: severityOf(RULE, false),
      subject: identitySubject(identity.ref),
      identity: identity.ref,
      identityEmail: identity.email,
      summary: `${identityLabel(identity)} is expected to have an account in ${of.sourceName} and has none`,
      evidence: { identity: identityRecord(identity), expected },
    },
  };
}

/**
 * By what of it the identity is expected: each field by any of its rows that has not left, because one list may know the department and
 * another the title. Undefined: it is not.
 */
function matchOf(rows: readonly IdentityRow[], expectation: Expectation, today: string): Json | undefined {
  if (expectation.size === 0) return 'everybody';
  const speaking = rows.filter((row) => standingOf([row], today) !== 'left');
  const matched: Record<string, Json> = {};
  for (const [field, accepted] of expectation) {
    const values = speaking.flatMap(({ row }) => valuesOf(row, field));
    const value = values.find((each) => accepted.has(comparedValue(field, each)));
    if (value === undefined) return undefined;
    matched[field] = value;
  }
  return matched;
}
