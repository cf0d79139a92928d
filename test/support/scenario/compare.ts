import type { FindingRow } from '../../../src/core/views.ts';
import { isBuilt } from './scenario.ts';
import { type Expected, UNSAID } from './types.ts';
import { dateOf } from './words.ts';

/** What is compared of a finding, in the order of its words in a line. */
type Compared = Omit<Expected, 'leftOn' | 'source' | 'rule' | 'resolution'> & {
  readonly source: string;
  readonly rule: string;
  readonly resolution: string | null;
  readonly left_on: string | null;
};

/** One line a finding, sorted; of rules that the program does not have yet, none. */
export function expectedLines(expected: readonly Expected[]): readonly string[] {
  return expected
    .filter(isBuilt)
    .map((each) => lineOf(toCompared(each)))
    .toSorted();
}

/** The same of what the program found. What the contract does not say of a finding is not looked at. */
export function foundLines(found: readonly FindingRow[], expected: readonly Expected[]): readonly string[] {
  const wanted = new Map(expected.map((each) => [subjectOf(each), toCompared(each)]));
  return found
    .map((row) => {
      const left = row.evidence['left_on'];
      const compared = { ...row, left_on: typeof left === 'string' ? left : null };
      return lineOf(withUnsaid(compared, wanted.get(subjectOf(row))));
    })
    .toSorted();
}

function toCompared({ leftOn, ...expected }: Expected): Compared {
  return { ...expected, left_on: leftOn === undefined ? null : dateOf(leftOn) };
}

/** The identity of a subject that is an account may be unsaid, so it is no part of the name. */
function subjectOf({
  source,
  rule,
  account_id,
  identity_id,
}: Pick<Compared, 'source' | 'rule' | 'account_id' | 'identity_id'>): string {
  const isOfIdentity = account_id === null && rule !== 'credential_owner_at_risk';
  return `${source} ${rule} ${isOfIdentity ? identity_id : account_id}`;
}

function withUnsaid(found: Compared, wanted: Compared | undefined): Compared {
  if (wanted === undefined) return found;
  return {
    ...found,
    identity_id: wanted.identity_id === UNSAID ? UNSAID : found.identity_id,
    resolution: wanted.resolution === UNSAID && found.resolution !== null ? UNSAID : found.resolution,
    left_on: wanted.left_on === null ? null : found.left_on,
  };
}

function lineOf({ source, rule, severity, status, account_id, identity_id, resolution, left_on }: Compared): string {
  const words = [source, rule, account_id ?? '-', identity_id ?? '-', severity, status, resolution, left_on];
  return words.filter((word) => word !== null).join(' ');
}
