import type { Resolution } from '../core/case.ts';
import type { Rule } from '../core/rule.ts';

type RuleMeaning = {
  /** The rule as contract §6 states it, for a person. */
  readonly meaning: string;
  /** What makes the finding go away by itself, in the next reconciliation that sees it. */
  readonly clears: string;
};

/** For `explain`; what alerts say is in core/rule-words.ts. A rule without a meaning here does not compile. */
export const RULE_MEANINGS = {
  orphaned_account: {
    meaning:
      'A usable account, not a service account, whose e-mail addresses lead to no identity, or only to such as a person said it is not of. Critical when the account is privileged.',
    clears:
      'The account is deactivated or removed; or its e-mail or an alias appears on the identity list; or a person says whose it is (`rollcall link add`); or it is listed under serviceAccounts in the configuration.',
  },
  leaver_account: {
    meaning:
      'A usable account that is linked to an identity that has left: by its end date, by its status, or because it is no longer on the list. Critical when the account is privileged.',
    clears: 'The account is deactivated or removed; or the identity is current again.',
  },
  inactive_account: {
    meaning: 'An inactive account that is linked to an identity that is current and has started.',
    clears: 'The account is active again or removed; or the identity leaves.',
  },
  duplicate_account: {
    meaning: 'Two or more usable accounts of one application are linked to one identity.',
    clears: 'All but one of these accounts are deactivated or removed, or turn out to be somebody else’s.',
  },
  disputed_account: {
    meaning: 'A usable account, not a service account, whose e-mail addresses lead to two or more identities.',
    clears:
      'A person says whose it is (`rollcall link add`); or the e-mail address or alias that the identities share is corrected in the source that is wrong; or the account is deactivated or removed.',
  },
  missing_account: {
    meaning:
      'An identity that is current and has started is expected in this application by rules.missing_account, and no account there is linked to it, be it an inactive one. While an account there could be of several people, this one among them, nothing is concluded.',
    clears:
      'An account in that application is linked to the identity; or the identity leaves, or no longer has the values that are expected; or rules.missing_account no longer names that application.',
  },
  attribute_mismatch: {
    meaning:
      'A linked account and its identity both have the field and say something different, whatever the case, accents and spaces. Managers are compared as people, not by their ids.',
    clears:
      'The values agree, because one side was corrected or lost the field; or the account is removed or linked to somebody else; or the field is taken out of rules.attribute_mismatch.fields.',
  },
  lifecycle_conflict: {
    meaning: 'A record is usable although its own end date is past. Rows of authoritative sources are judged as well.',
    clears: 'The record is deactivated, or its end date is corrected or removed.',
  },
  early_account: {
    meaning:
      'A usable account, not a service account, that is linked to an identity that is pending, or that starts more than rules.early_account.preHireDays from today.',
    clears:
      'The start date comes near enough and the identity is no longer pending; or the account is deactivated or removed.',
  },
  service_account_unowned: {
    meaning:
      'A service account that is not inactive and that nobody answers for: it is not listed under serviceAccounts, or the owner named there is no known identity, or its review date is past.',
    clears:
      'An entry under serviceAccounts names an owner who is on the identity list, with no review date or one that is not past; or the account is deactivated or removed.',
  },
  service_account_owner_left: {
    meaning:
      'A service account that is not inactive and whose owner under serviceAccounts has left. It has a password or key of its own, so closing the owner’s single sign-on does not close it.',
    clears:
      'The entry under serviceAccounts names an owner who has not left; or the owner is current again; or the account is deactivated or removed.',
  },
  manager_left: {
    meaning:
      'A usable account whose manager, as the application names one, is inactive or gone there; or whose linked identity has a manager who has left. A manager who was never seen proves nothing.',
    clears:
      'The account or the identity names another manager, or none; or the manager is current, and active in the application, again; or the account is deactivated or removed.',
  },
  credential_owner_at_risk: {
    meaning:
      'The owner of the token that a Nimble or Namely source is read with has left, leaves within 14 days, has an inactive account there, or is no known identity. An owner listed under serviceAccounts counts by whoever answers for it. Critical, but high when merely nobody is known: the vendor takes the token back with the person, and then the source cannot be read.',
    clears:
      'The source is read in full with a token of somebody who is on the identity list and stays; or the owner is listed under serviceAccounts with such a person; or the end date is moved.',
  },
  dormant_account: {
    meaning:
      'A usable account whose last activity is older than rules.dormant_account.days. Where the application does not say when an account was last active, nothing is concluded.',
    clears: 'Somebody uses the account; or it is deactivated or removed.',
  },
  reused_account: {
    meaning:
      'The same id came back with no e-mail address or alias in common with the version before and with another given name; or an e-mail address that another record of the source had, which is still there without it. Records of authoritative sources are judged as well. While an id is in doubt its link is dropped and no other rule says whose it is; of accounts linked to such an identity nothing is concluded.',
    clears:
      'A person decides: `rollcall link add` (it is this identity), `link deny` (it is not), `link clear` (let the rules decide anew); of a record of an authoritative source with that record as its own identity. Or the record is gone. An address that moved: also when the old record is gone, or the address moves on.',
  },
} as const satisfies Record<Rule, RuleMeaning>;

/** Why a finding ended, for a person. What a finding rests on is more than one record, so the last two name all that it may be. */
export const RESOLUTION_MEANINGS = {
  'access removed': 'the account is inactive now.',
  'account gone': 'the account is not in the source any more.',
  'identity current': 'the person is current.',
  linked: 'it is known now whose the account is.',
  'source removed': 'the source was taken out of the configuration, and nobody looks at it any more.',
  'rule disabled': 'the rule is switched off, or its options leave it nothing to judge.',
  'decided by a person': 'a person said whose the account is or is not (`rollcall link`).',
  'rules changed':
    'it was judged by other rules, options, sources, service accounts or another version of Rollcall than before, and by these it does not hold. A record may have changed at the same time.',
  'record changed':
    'something that it rested on says something else: a record of the account or of the person, a link, or a date that has come.',
  erased: 'the person was forgotten (`rollcall forget`), and nothing is kept of what was found.',
} as const satisfies Record<Resolution, string>;
