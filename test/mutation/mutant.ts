/** How a mutant ended. `timeout` is a kill: the tests did not pass. `broken`: it could not be run, and counts for nothing. */
export type Fate = 'killed' | 'timeout' | 'survived' | 'not_reached' | 'broken';

/** One planted fault. */
export type Mutant = {
  readonly file: string;
  readonly line: number;
  readonly operator: string;
  /** The code of the lines that it touches, before and after, on one line. */
  readonly original: string;
  readonly mutated: string;
  readonly fate: Fate;
};

type Place = { readonly line: number; readonly column: number };

/** What Stryker says of a mutant; lines and columns from 1. */
export type Result = {
  readonly fileName: string;
  readonly mutatorName: string;
  readonly replacement?: string | undefined;
  readonly location: { readonly start: Place; readonly end: Place };
  readonly status: string;
};

const FATES: Readonly<Record<string, Fate>> = {
  Killed: 'killed',
  Timeout: 'timeout',
  Survived: 'survived',
  NoCoverage: 'not_reached',
  RuntimeError: 'broken',
  CompileError: 'broken',
};

/** `source`: the file before anything was planted. Throws on a fate that is not known here: it must not pass for a kill. */
export function toMutant(result: Result, file: string, source: string): Mutant {
  const fate = FATES[result.status];
  if (fate === undefined) throw new Error(`a mutant of ${file} ended as ${result.status}, which is no known end`);
  const { start, end } = result.location;
  const lines = source.split('\n').slice(start.line - 1, end.line);
  const before = (lines[0] ?? '').slice(0, start.column - 1);
  const after = (lines.at(-1) ?? '').slice(end.column - 1);
  return {
    file,
    line: start.line,
    operator: result.mutatorName,
    original: onOneLine(lines.join('\n')),
    mutated: onOneLine(`${before}${result.replacement ?? ''}${after}`),
    fate,
  };
}

export function isAlive({ fate }: Mutant): boolean {
  return fate === 'survived' || fate === 'not_reached';
}

function onOneLine(code: string): string {
  return code.replaceAll(/\s+/g, ' ').trim();
}
