import { figure } from './figure.ts';
import type { Json } from './case.ts';
import type { Rule } from './rule.ts';
import type { FindingRow } from './views.ts';

type RuleWords = {
  readonly headline: (count: number) => string;
  readonly title: string;
  /** Since when and why, from the evidence. */
  readonly why: (finding: FindingRow) => string;
  readonly action: string;
};

/** How each rule speaks to people. A rule without words does not compile. */
export const RULE_WORDS = {
  leaver_account: {
    headline: (n) =>
      n === 1 ? '1 person who left still has an account' : `${figure(n)} people who left still have accounts`,
    title: 'Left, and still have an account',
    why: leaverReason,
    action: 'Remove or deactivate the account in its application.',
  },
  orphaned_account: {
    headline: (n) =>
      n === 1 ? '1 account belongs to nobody we know' : `${figure(n)} accounts belong to nobody we know`,
    title: 'Accounts of nobody we know',
    why: (finding) => `no identity has this address${roleNote(finding)}`,
    action: 'Remove the account, add the person to the identity list, or list it under serviceAccounts.',
  },
  disputed_account: {
    headline: (n) =>
      n === 1 ? '1 account could be of several people' : `${figure(n)} accounts could be of several people`,
    title: 'Accounts that several people could own',
    why: (finding) => `could be ${listed(finding.evidence['candidates'], 'external_id')}`,
    action: 'Look who uses the account, then say so with rollcall link add, or correct the e-mail address on one side.',
  },
  duplicate_account: {
    headline: (n) =>
      n === 1 ? '1 person has several accounts' : `${figure(n)} people have several accounts in one application`,
    title: 'Several accounts of one person',
    why: (finding) => `accounts ${listed(finding.evidence['accounts'], 'external_id')}`,
    action: 'Keep one of the accounts and remove the others.',
  },
  inactive_account: {
    headline: (n) =>
      n === 1
        ? '1 person who works here has an inactive account'
        : `${figure(n)} people who work here have inactive accounts`,
    title: 'Work here, and the account is inactive',
    why: () => 'the account is inactive and the person is not',
    action: 'Activate the account, or remove it if it is not needed.',
  },
  missing_account: {
    headline: (n) =>
      n === 1
        ? '1 person has no account where one is expected'
        : `${figure(n)} people have no account where one is expected`,
    title: 'Expected to have an account, and have none',
    why: expectedReason,
    action: 'Make the account, or change rules.missing_account if it is not needed.',
  },
  attribute_mismatch: {
    headline: (n) =>
      n === 1
        ? '1 account says something else than the identity list'
        : `${figure(n)} accounts say something else than the identity list`,
    title: 'Accounts that differ from the identity list',
    why: mismatchReason,
    action: 'Correct the side that is wrong.',
  },
  lifecycle_conflict: {
    headline: (n) =>
      n === 1
        ? '1 record is active after its own end date'
        : `${figure(n)} records are active after their own end date`,
    title: 'Active after their own end date',
    why: (finding) => `end date ${textAt(finding.evidence['account'], 'end_date') ?? 'past'}, still active`,
    action: 'Correct the end date or the status in that source.',
  },
  early_account: {
    headline: (n) =>
      n === 1
        ? '1 person who has not started has an account'
        : `${figure(n)} people who have not started have accounts`,
    title: 'Have an account long before they start',
    why: (finding) => {
      const startsOn = textOf(finding.evidence['starts_on']);
      return startsOn === undefined ? 'still pending' : `starts on ${startsOn}`;
    },
    action: 'Deactivate the account until the person starts, or correct the start date on the identity list.',
  },
  service_account_unowned: {
    headline: (n) => (n === 1 ? '1 service account has no owner' : `${figure(n)} service accounts have no owner`),
    title: 'Service accounts that nobody answers for',
    why: unownedReason,
    action:
      'Name a person who works here as its owner under serviceAccounts, or set a new review date; else close the account.',
  },
  service_account_owner_left: {
    headline: (n) =>
      n === 1 ? '1 service account is of somebody who left' : `${figure(n)} service accounts are of people who left`,
    title: 'Service accounts whose owner has left',
    why: (finding) => `${finding.identity_email ?? finding.identity_id ?? 'its owner'} ${leaverReason(finding)}`,
    action:
      'SSO off-boarding does not close it: change its password or key, then name another owner or close the account.',
  },
  manager_left: {
    headline: (n) => (n === 1 ? '1 account has a manager who left' : `${figure(n)} accounts have a manager who left`),
    title: 'Accounts whose manager is gone',
    why: managerReason,
    action:
      'Name the manager who answers for the person now, and ask that manager whether the account is still needed.',
  },
  credential_owner_at_risk: {
    headline: (n) =>
      n === 1 ? '1 source is read with a token that may end' : `${figure(n)} sources are read with tokens that may end`,
    title: 'Tokens whose owner is leaving, gone or unknown',
    why: credentialReason,
    action:
      'Make a token of somebody who stays, or list its owner under serviceAccounts with the person who answers for it.',
  },
  dormant_account: {
    headline: (n) =>
      n === 1 ? '1 account has not been used for long' : `${figure(n)} accounts have not been used for long`,
    title: 'Accounts that nobody uses',
    why: (finding) => `last active on ${textOf(finding.evidence['last_active_on']) ?? 'an unknown day'}`,
    action: 'Ask whether the account is still needed, and deactivate it if not.',
  },
  reused_account: {
    headline: (n) =>
      n === 1 ? '1 record may be of somebody else now' : `${figure(n)} records may be of other people than before`,
    title: 'Ids and addresses that somebody else may have now',
    why: reuseReason,
    action: 'Look who it is now, then say so with rollcall link add, deny or clear.',
  },
} as const satisfies Record<Rule, RuleWords>;

/** By which the vendor knows the owner of a token: all there is where it tells no address. */
export function tokenOwnerId({ evidence }: Pick<FindingRow, 'evidence'>): string | undefined {
  return textAt(evidence['token_owner'], 'external_id');
}

const LEFT_BY_WORDS: Readonly<Record<string, string>> = {
  end_date: 'by end date',
  status: 'inactive in the identity list',
  absence: 'no longer in the identity list',
};

const LISTED_MAX = 5;

function expectedReason({ evidence }: FindingRow): string {
  const expected = evidence['expected'];
  if (expected === undefined || expected === null || typeof expected !== 'object') return 'everybody is expected there';
  const parts = Object.entries(expected).map(([field, value]) => `${field} ${textOf(value) ?? '?'}`);
  return `expected by ${parts.join(', ')}`;
}

function mismatchReason({ evidence }: FindingRow): string {
  const differences = evidence['differences'];
  if (!Array.isArray(differences)) return 'differs';
  const parts = differences.map((each: Json) => {
    const [field, account, identity] = ['field', 'account', 'identity'].map((key) => textAt(each, key) ?? '?');
    return `${field} is ${account} there and ${identity} on the list`;
  });
  return parts.join('; ');
}

function managerReason({ evidence, ...finding }: FindingRow): string {
  const who = textAt(evidence['manager'], 'name') ?? textAt(evidence['identity'], 'name');
  const manager = `the manager ${who ?? finding.identity_email ?? finding.identity_id ?? ''}`.trimEnd();
  const reason = textOf(evidence['reason']);
  if (reason === 'left') return `${manager} ${leaverReason({ evidence, ...finding })}`;
  return reason === 'gone' ? `the account of ${manager} is gone` : `the account of ${manager} is inactive`;
}

function credentialReason({ evidence, ...finding }: FindingRow): string {
  const service = textOf(evidence['answered_for_by']);
  const who = service === undefined ? 'its owner' : `${finding.identity_email ?? service}, who answers for its owner,`;
  const reason = textOf(evidence['reason']);
  if (reason === 'left') return `${who} left on ${textOf(evidence['left_on']) ?? 'an unknown day'}`;
  if (reason === 'leaving') return `${who} leaves on ${textOf(evidence['last_day']) ?? 'a day soon'}`;
  return reason === 'inactive' ? 'the account of its owner is inactive there' : `${who} is nobody we know`;
}

function unownedReason({ evidence }: FindingRow): string {
  const reason = textOf(evidence['reason']);
  if (reason === 'owner_unclear') {
    return `its owner ${textOf(evidence['owner']) ?? ''} could be ${listedTexts(evidence['could_be'])}`;
  }
  if (reason === 'owner_unknown') return `its owner ${textOf(evidence['owner']) ?? ''} is nobody we know`;
  if (reason === 'review_past') return `its review was due on ${textOf(evidence['review']) ?? 'a day that is past'}`;
  return 'it is not listed under serviceAccounts';
}

function reuseReason({ evidence }: FindingRow): string {
  const before = textAt(evidence['before'], 'name') ?? textAt(evidence['before'], 'email');
  if (before !== undefined) return `the same id was of ${before} before`;
  return `the address was of ${textAt(evidence['moved_from'], 'external_id') ?? 'another record'} before, which is still there`;
}

function leaverReason({ evidence, ...finding }: FindingRow): string {
  const leftOn = textOf(evidence['left_on']) ?? 'an unknown day';
  const leftBy = LEFT_BY_WORDS[textOf(evidence['left_by']) ?? ''];
  return `left on ${leftOn}${leftBy === undefined ? '' : ` (${leftBy})`}${roleNote({ evidence, ...finding })}`;
}

function roleNote({ evidence, severity }: FindingRow): string {
  const role = textAt(evidence['account'], 'role');
  return severity === 'critical' && role !== undefined ? `; the role is ${role}` : '';
}

function listed(records: Json | undefined, key: string): string {
  if (!Array.isArray(records)) return 'several records';
  const texts = records.map((record: Json) => textAt(record, key) ?? '?');
  const shown = texts.slice(0, LISTED_MAX).join(', ');
  return texts.length > LISTED_MAX ? `${shown} and ${texts.length - LISTED_MAX} more` : shown;
}

function listedTexts(texts: Json | undefined): string {
  return Array.isArray(texts) ? texts.flatMap((text: Json) => textOf(text) ?? []).join(' or ') : 'several people';
}

function textAt(record: Json | undefined, key: string): string | undefined {
  if (record === undefined || record === null || typeof record !== 'object') return undefined;
  return textOf(new Map(Object.entries(record)).get(key));
}

function textOf(value: Json | undefined): string | undefined {
  return typeof value === 'string' ? value : undefined;
}
