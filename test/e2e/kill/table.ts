import { renderTable } from '../../support/document.ts';
import type { Outcome, Reference } from './sweep.ts';

export const DOCUMENT = new URL('../../../docs/reliability.md', import.meta.url);

/** What each test file writes, and nothing else. */
export const PLACES = {
  run: ['<!-- kill points of run: written by the test run -->', '<!-- end of kill points of run -->'],
  start: ['<!-- kill points of start: written by the test run -->', '<!-- end of kill points of start -->'],
} as const;

export type Sweep = {
  readonly name: string;
  readonly outcomes: readonly Outcome[];
  /** Whether it is always the same messages that come twice, so that their number can be published. */
  readonly isRepeatable: boolean;
};

const HEADER = ['Broken off', 'Points tried', 'Equal', 'Messages twice'] as const;

/** The table and its totals; what differs between two runs of the test is not in it. */
export function renderSweeps(sweeps: readonly Sweep[]): string {
  const rows = sweeps.map(({ name, outcomes, isRepeatable }) => [
    name,
    String(outcomes.length),
    String(equalIn(outcomes)),
    isRepeatable ? String(outcomes.reduce((sum, { repeated }) => sum + repeated, 0)) : '–',
  ]);
  const all = sweeps.flatMap(({ outcomes }) => outcomes);
  const totals = [`- Kill points tried: ${all.length}`, `- Equal to the uninterrupted run: ${equalIn(all)}`];
  return [renderTable(HEADER, rows), '', ...totals].join('\n');
}

function equalIn(outcomes: readonly Outcome[]): number {
  return outcomes.filter(({ faults }) => faults.length === 0).length;
}

/** What a run of the test says of itself, with what depends on the machine. */
export function describeSweep({ name, outcomes }: Sweep, { commits }: Reference, ms: number): string {
  const met = outcomes.filter((outcome) => outcome.met > 0).length;
  const repeated = outcomes.reduce((sum, outcome) => sum + outcome.repeated, 0);
  return (
    `${name}: ${commits.length} commits, ${outcomes.length} points tried, ${met} met, ${equalIn(outcomes)} equal, ` +
    `${repeated} messages twice, ${Math.round(ms / 1_000)} s\n`
  );
}
