/** About one mutant of a judged file that lives. By its code, not its line: lines move. */
export type Word = {
  readonly file: string;
  readonly original: string;
  readonly mutated: string;
  /** Begins with "Equivalent" where no test could tell the two apart. */
  readonly why: string;
};

/** `npm run mutation` fails when a survivor of a judged file is missing here, and when one is here that is not alive any more. */
export const WORDS: readonly Word[] = [
  {
    file: 'src/core/verdict.ts',
    original: 'return distinctIds < total',
    mutated: 'return distinctIds <= total',
    why: 'Equivalent: where both are equal the function has returned before.',
  },
  {
    file: 'src/core/correlate.ts',
    original:
      'if (link === undefined || isSameRef(link.identity, identity.ref) || identity.rows[0]?.reused === true) {',
    mutated: 'if (false || isSameRef(link.identity, identity.ref) || identity.rows[0]?.reused === true) {',
    why: 'Equivalent: an identity is handed in only where a link has led to it; the compiler does not know.',
  },
  {
    file: 'src/core/correlate.ts',
    original:
      'if (link === undefined || isSameRef(link.identity, identity.ref) || identity.rows[0]?.reused === true) {',
    mutated: 'if (link === undefined || isSameRef(link.identity, identity.ref) || identity.rows[0].reused === true) {',
    why: 'Equivalent: an identity has a row; the compiler does not know.',
  },
  {
    file: 'src/core/correlate.ts',
    original:
      "export const FORGOTTEN: Correlation = { decision: { kind: 'forget' }, state: 'not_asked', disputed: [] };",
    mutated: 'export const FORGOTTEN: Correlation = { decision: { kind: \'forget\' }, state: "", disputed: [] };',
    why: 'Equivalent: it is none of the states that a rule asks for, and the rules that do are undecided there.',
  },
  {
    file: 'src/core/correlate.ts',
    original:
      "export const FORGOTTEN: Correlation = { decision: { kind: 'forget' }, state: 'not_asked', disputed: [] };",
    mutated:
      "export const FORGOTTEN: Correlation = { decision: { kind: 'forget' }, state: 'not_asked', disputed: [\"Stryker was here\"] };",
    why: 'Equivalent: only a rule about disputes looks at them, and it is undecided there.',
  },
  {
    file: 'src/core/correlate.ts',
    original: "return { decision: KEEP, state: 'linked', identity, linkRule: link?.rule, disputed: [] };",
    mutated: "return { decision: KEEP, state: 'linked', identity, linkRule: link.rule, disputed: [] };",
    why: 'Equivalent, for the same reason.',
  },
  {
    file: 'src/core/correlate.ts',
    original: "const emails = new Set(identities.map((identity) => parseEmail(identity.email ?? '')));",
    mutated: 'const emails = new Set(identities.map((identity) => parseEmail(identity.email ?? "Stryker was here!")));',
    why: 'Equivalent: neither text is an address.',
  },
  {
    file: 'src/core/classify.ts',
    original: "if (!('identity' in judge)) return { rule, verdict: undefined };",
    mutated: "if (!('identity' in judge)) return {};",
    why: 'Equivalent: what has no verdict is dropped; the compiler would refuse it.',
  },
  {
    file: 'src/core/classify.ts',
    original: "if (!('account' in judge)) return { rule, verdict: undefined };",
    mutated: "if (!('account' in judge)) return {};",
    why: 'Equivalent, for the same reason.',
  },
  {
    file: 'src/core/ledger.ts',
    original: "const isWaived = known.status === 'waived' || (known.status === 'resolved' && known.waiver === true);",
    mutated: "const isWaived = known.status === 'waived' || (true && known.waiver === true);",
    why: 'Equivalent for all that the store hands in: a finding whose waiver is in force is waived or resolved.',
  },
];
