import { isAlive, type Mutant } from './mutant.ts';
import { scoreOf, type Score } from './score.ts';
import { WORDS, type Word } from './words.ts';

/** What is judged: the files on which "nothing lost, nobody let in, no false orphan" rests most. */
export const JUDGED: readonly string[] = ['verdict', 'breaker', 'correlate', 'classify', 'ledger'].map(
  (name) => `src/core/${name}.ts`,
);
export const PERCENT_MIN = 85;

/** A mutant of a judged file that no test kills, with the word that somebody has written about it. */
export type Survivor = { readonly mutant: Mutant; readonly word?: string | undefined };

export function survivorsOf(mutants: readonly Mutant[], words: readonly Word[] = WORDS): readonly Survivor[] {
  const alive = mutants.filter((mutant) => isAlive(mutant) && JUDGED.includes(mutant.file));
  return alive
    .toSorted((a, b) => JUDGED.indexOf(a.file) - JUDGED.indexOf(b.file) || a.line - b.line)
    .map((mutant) => ({ mutant, word: words.find((word) => isAbout(word, mutant))?.why }));
}

/** All that is wrong with a run of the whole core, a sentence each. */
export function faultsOf(mutants: readonly Mutant[], words: readonly Word[] = WORDS): readonly string[] {
  const scores = JUDGED.map((file) => scoreOf(mutants, file));
  return [
    ...scores.flatMap(tooLow),
    ...survivorsOf(mutants, words)
      .filter(({ word }) => word === undefined)
      .map(({ mutant }) => `no word in test/mutation/words.ts about ${describeMutant(mutant)}`),
    ...words
      .filter((word) => !mutants.some((mutant) => isAlive(mutant) && isAbout(word, mutant)))
      .map((word) => `a word in test/mutation/words.ts about a mutant that is not alive: ${word.mutated}`),
  ];
}

export function describeMutant({ file, line, operator, original, mutated }: Mutant): string {
  return `${file}:${line} ${operator}: ${original} -> ${mutated}`;
}

function tooLow({ file, percent }: Score): readonly string[] {
  if (percent === undefined) return [`nothing was planted in ${file}`];
  return percent < PERCENT_MIN ? [`${file} has ${percent.toFixed(1)} %, and ${PERCENT_MIN} % are wanted`] : [];
}

function isAbout(word: Word, { file, original, mutated }: Mutant): boolean {
  return word.file === file && word.original === original && word.mutated === mutated;
}
