/** About one mutant of a judged file that lives. By its code, not its line: lines move. */
export type Word = {
  readonly file: string;
  readonly original: string;
  readonly mutated: string;
  /** Begins with "Equivalent" where no test could tell the two apart. */
  readonly why: string;
};

/** `npm run mutation` fails when a survivor of a judged file is missing here, and when one is here that is not alive any more. */
export const WORDS: readonly Word[] = [];
