import { renderTable, replaceBetween } from '../support/document.ts';
import type { Survivor } from './judged.ts';
import type { Score } from './score.ts';

const HEADER = ['File', 'Planted', 'Killed', 'Timed out', 'Survived', 'Not reached', 'Score'] as const;
/** Of a mutant's code in the page. */
const CODE_MAX = 160;
const PLACE = ['<!-- mutants: written by npm run mutation -->', '<!-- end of mutants -->'] as const;

export type Run = {
  /** The day on which it ran. */
  readonly day: string;
  readonly minutes: number;
  readonly cores: number;
  readonly scores: readonly Score[];
  readonly total: Score;
  readonly survivors: readonly Survivor[];
};

/** The table as the formatter leaves it. */
export function renderScores(scores: readonly Score[]): string {
  const rows = scores.map((score) => [
    score.file,
    ...[score.planted, score.killed, score.timeouts, score.survived, score.notReached].map(String),
    score.percent === undefined ? '–' : `${score.percent.toFixed(1)} %`,
  ]);
  return renderTable(HEADER, rows);
}

export function renderRun({ day, minutes, cores, scores, total, survivors }: Run): string {
  const items = survivors.map(({ mutant, word }) => {
    const place = `\`${mutant.file}:${mutant.line}\` ${mutant.operator}`;
    return `- ${place}: \`${short(mutant.original)}\` → \`${short(mutant.mutated)}\`. ${word ?? 'Not looked at yet.'}`;
  });
  return [
    `Run on ${day}, ${minutes} minutes on ${cores} cores; files: ${scores.length}.`,
    renderScores([...scores, total]),
    `Alive in the five judged files: ${survivors.length}.`,
    ...(items.length === 0 ? [] : [items.join('\n')]),
  ].join('\n\n');
}

/** The document with the mutants of another run; throws where it has no place for them. */
export function replaceMutants(document: string, text: string): string {
  return replaceBetween(document, PLACE, text);
}

function short(code: string): string {
  return code.length > CODE_MAX ? `${code.slice(0, CODE_MAX)}…` : code;
}
