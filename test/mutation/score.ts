import { isAlive, type Mutant } from './mutant.ts';

export type Score = {
  readonly file: string;
  readonly planted: number;
  readonly killed: number;
  readonly timeouts: number;
  readonly survived: number;
  readonly notReached: number;
  /** Killed ones in percent of those that could be run; none planted is no score. */
  readonly percent: number | undefined;
};

/** By file, in the order of their names. */
export function scoresByFile(mutants: readonly Mutant[]): readonly Score[] {
  const files = [...new Set(mutants.map(({ file }) => file))].toSorted();
  return files.map((file) => scoreOf(mutants, file));
}

/** Of one file, or of all. Equivalent mutants count as survivors: they are named in the page, never left out of the sum. */
export function scoreOf(mutants: readonly Mutant[], file?: string): Score {
  const ran = mutants.filter((mutant) => mutant.fate !== 'broken' && (file === undefined || mutant.file === file));
  const count = (fate: Mutant['fate']): number => ran.filter((mutant) => mutant.fate === fate).length;
  const dead = ran.filter((mutant) => !isAlive(mutant)).length;
  return {
    file: file ?? 'all',
    planted: ran.length,
    killed: count('killed'),
    timeouts: count('timeout'),
    survived: count('survived'),
    notReached: count('not_reached'),
    percent: ran.length === 0 ? undefined : (100 * dead) / ran.length,
  };
}
