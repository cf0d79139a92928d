import type { PlainDate, RosterRow } from './row.ts';
import type { Rule, Severity } from './rule.ts';

/** Where a row lives: internal source id and external id. */
export type RowRef = { readonly sourceId: number; readonly externalId: string };

/** A row of an authoritative source as a case shows it. */
export type IdentityRow = {
  readonly ref: RowRef;
  readonly sourceName: string;
  /** Position of the source among the authoritative ones in the config: the first names the identity. */
  readonly sourceRank: number;
  readonly row: RosterRow;
  readonly present: boolean;
  /** Contract §6 `left_on`: set when a listing or the calendar first made the row leave; stays until it is current again. */
  readonly leftOn?: PlainDate | undefined;
  readonly leftBy?: LeftBy | undefined;
  /** Rows of the manager that this row names, with the rows of other authorities that are the same person; none: never seen. */
  readonly manager?: readonly IdentityRow[] | undefined;
  /** `reused_account`: the id may be somebody else's than before. Until a person has decided, nothing follows from the row. */
  readonly reused?: boolean | undefined;
  /** No row of another source is the same person, whatever its address: a source has two rows with it, perhaps one that is not shown here. */
  readonly alone?: boolean | undefined;
};
/** Contract §6. `neither`: of unknown status, nothing may be concluded from it. */
export type Standing = 'current' | 'left' | 'neither';
export type LeftBy = 'end_date' | 'status' | 'absence';

export type LinkRule = 'pinned' | 'employee_id' | 'email' | 'alias' | 'relinked';

export type Link = { readonly identity: RowRef; readonly rule: LinkRule };

/** A candidate and the strongest key that led to it. */
export type Candidate = { readonly identity: IdentityRow; readonly by: 'employee_id' | 'email' | 'alias' };

/** The row of an account's manager in the same source; gone ones too, they stay and are marked. */
export type ManagerRow = {
  readonly ref: RowRef;
  readonly row: RosterRow;
  readonly present: boolean;
  /** Whom that row is linked to, with the rows of other authorities that are the same person. */
  readonly linked: readonly IdentityRow[];
  /** Where it has no link: whom its keys lead to. */
  readonly candidates: readonly IdentityRow[];
};

/** One account that is not provably in order, with all that the rules may look at. */
export type AccountCase = {
  readonly kind: 'account';
  readonly ref: RowRef;
  readonly sourceName: string;
  /** A row of an authoritative source that is not `audited`: only the rules with `judgesIdentities` judge it. */
  readonly authoritative: boolean;
  readonly row: RosterRow;
  readonly present: boolean;
  readonly link?: Link | undefined;
  /** The linked identity's row and the rows of other authoritative sources with the same normalised e-mail. */
  readonly linked: readonly IdentityRow[];
  /**
   * Found by rules 3 to 5 of contract §4, denied pairs left out, each identity row once, with the rows of other authoritative
   * sources that have the same normalised e-mail as one of them.
   */
  readonly candidates: readonly Candidate[];
  /** Whom a person said it is never linked to, with their rows on other lists. */
  readonly denied: readonly RowRef[];
  readonly wasDisputed: boolean;
  /** What was kept at the last look (`undecided`, `recheckOn` of its judgement): who says the same again is not written. */
  readonly wasUndecided: boolean;
  readonly wasRecheckOn?: PlainDate | undefined;
  /** Absent where the row names no manager, or one that was never seen in this source. */
  readonly manager?: ManagerRow | undefined;
  /** Marked at intake: this id came with other addresses. `before`: the last version before, if it is kept still. */
  readonly reuse?: { readonly before?: RosterRow | undefined } | undefined;
  /** Marked at intake: another row of the source had this row's e-mail. `hadEmail`: also the one that this row has now. */
  readonly movedFrom?:
    | { readonly row?: RosterRow | undefined; readonly present: boolean; readonly hadEmail: boolean }
    | undefined;
  /** Findings of this subject in this source, of any status. */
  readonly findings: readonly Known[];
};

/** One identity and its accounts in one application: more than one usable, none where one is expected, or a finding about it is known. */
export type IdentityCase = {
  readonly kind: 'identity';
  /** The application. */
  readonly sourceId: number;
  readonly sourceName: string;
  readonly identity: readonly IdentityRow[];
  /** Present rows of that application linked to this identity, by external id. */
  readonly accounts: readonly RosterRow[];
  /** A present account there is linked to nobody and may be this identity's: several could own it, and no person has decided yet. */
  readonly mayOwnAnother?: boolean | undefined;
  /** A row of an authority that comes earlier in the config names this person now: what is to be said is said of that one. */
  readonly supplanted?: boolean | undefined;
  readonly findings: readonly Known[];
};

/** Whose a source's token is, as the vendor says. */
export type TokenOwner = { readonly externalId?: string | undefined; readonly email?: string | undefined };

/** The credential of one source whose owner is known, and what is known of the owner. */
export type CredentialCase = {
  readonly kind: 'credential';
  readonly sourceId: number;
  readonly sourceName: string;
  readonly owner: TokenOwner;
  /** The owner's present row in that source. */
  readonly account?: RosterRow | undefined;
  /** Rows of the owner's identity: by the link of that row, else by e-mail or alias; none: nobody we know. */
  readonly identity: readonly IdentityRow[];
  readonly findings: readonly Known[];
};

/** What intake has noticed and a judgement or a person takes away again. */
export type ReuseMark = 'reused' | 'moved';

export type Case = AccountCase | IdentityCase | CredentialCase;

export const FINDING_STATUSES = ['open', 'held', 'waived', 'resolved'] as const;
export type FindingStatus = (typeof FINDING_STATUSES)[number];

/** A finding as the ledger knows it. */
export type Known = {
  readonly fingerprint: string;
  readonly rule: Rule;
  readonly status: FindingStatus;
  /** Why it was resolved. */
  readonly resolution?: string | undefined;
  readonly severity: Severity;
  readonly identity?: RowRef | undefined;
  /** What a finding about a credential says first: its evidence's `reason`. */
  readonly reason?: string | undefined;
  /** `chargeDigest` (ledger.ts) of the stored charge: tells whether what the finding says has changed. */
  readonly chargeDigest: string;
  /** A waiver of it is in force, also while it is resolved. */
  readonly waiver?: boolean | undefined;
  /** It was held when it was resolved because nobody looked any more: no person has ever released it. */
  readonly wasHeld?: boolean | undefined;
};

/** What a rule says of one case. Everything in it is stable: it changes only when what it rests on changes. */
export type Charge = {
  readonly rule: Rule;
  readonly severity: Severity;
  /** External id of the account, or `SOURCE_ID/EXTERNAL_ID` of the identity, by RULE_POLICY.subject. */
  readonly subject: string;
  readonly account?: RowRef | undefined;
  readonly accountEmail?: string | undefined;
  readonly accountName?: string | undefined;
  readonly identity?: RowRef | undefined;
  readonly identityEmail?: string | undefined;
  /** One sentence for a person, in plain words, without volatile figures. */
  readonly summary: string;
  /** JSON; keys snake_case. No field outside contract §3. */
  readonly evidence: Readonly<Record<string, Json>>;
};

export type Json = string | number | boolean | null | readonly Json[] | { readonly [key: string]: Json };

/** What classification says of one case. */
export type Judgement = {
  readonly link: LinkDecision;
  readonly charges: readonly Charge[];
  /** Rules that can neither open nor resolve here (an identity of unknown status): their findings stay as they are. */
  readonly undecided: readonly Rule[];
  /** Next day on which the answer could change without a change of data. */
  readonly recheckOn?: PlainDate | undefined;
  /** Of the identity that the account is linked to by this judgement: tells why a finding no longer holds. */
  readonly standing?: Standing | undefined;
  /** Who answers for the account, where it is listed as no person and its owner is known; or who owns the credential. */
  readonly owner?: { readonly ref: RowRef; readonly standing: Standing } | undefined;
  /** The managers of the account and of its identity who are known and in order: tells why `manager_left` no longer holds. */
  readonly managers?: readonly RowRef[] | undefined;
  /** Marks of the account that mean nothing (any more). */
  readonly marksOver?: readonly ReuseMark[] | undefined;
};

export type LinkDecision =
  | { readonly kind: 'keep' }
  /** The id may be somebody else's now: a sticky link goes, and nothing takes its place until a person has decided. */
  | { readonly kind: 'forget' }
  | {
      readonly kind: 'link';
      readonly identity: RowRef;
      readonly rule: LinkRule;
      readonly evidence: Readonly<Record<string, Json>>;
    }
  | { readonly kind: 'disputed'; readonly candidates: readonly RowRef[] }
  | { readonly kind: 'unmatched' };

/** Why a waiver does not cover any longer what a rule says now. */
export type WaiverBreach = 'severity rose' | 'another identity';

/** What the ledger does with one finding. */
export type Transition =
  | {
      /** `waive`: it was resolved, is back, and its waiver is still in force. */
      readonly kind: 'open' | 'reopen' | 'update' | 'waive';
      readonly fingerprint: string;
      readonly charge: Charge;
      /** Of a waived finding that opens: why its waiver does not cover it any longer. */
      readonly because?: WaiverBreach | undefined;
    }
  | { readonly kind: 'resolve'; readonly fingerprint: string; readonly resolution: Resolution };

export type Resolution =
  | 'access removed'
  | 'account gone'
  | 'identity current'
  | 'linked'
  | 'source removed'
  | 'rule disabled'
  /** Not of the contract's list, as the two below: what was found would hold still, had a person not said otherwise. */
  | 'decided by a person'
  /** The rules, their options, the sources or the program are others than last time. */
  | 'rules changed'
  /** A record says something else now, as an end date that was moved. */
  | 'record changed'
  /** The person was forgotten, and nothing is said any more. */
  | 'erased';

/** Ended because nobody looked any more: when one of these comes back with its source or rule, it is nothing new. */
export const NOT_JUDGED: readonly Resolution[] = ['source removed', 'rule disabled'];
