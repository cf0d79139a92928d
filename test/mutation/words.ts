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
    original: 'if (link === undefined || isSameRef(link.identity, identity.ref)) {',
    mutated: 'if (false || isSameRef(link.identity, identity.ref)) {',
    why: 'Equivalent: an identity is handed in only where a link has led to it; the compiler does not know.',
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
];
