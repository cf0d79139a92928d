/** Median of the repetitions, with the least and the greatest. */
export type Spread = { readonly median: number; readonly min: number; readonly max: number };
export type Unit = 'ms' | 'bytes' | 'rows' | 'exponent';

/** One line of the table. */
export type Figure = {
  readonly work: string;
  readonly unit: Unit;
  readonly figure: Spread;
  readonly floor?: { readonly name: string; readonly figure: Spread } | undefined;
  /** Of the medians: how many times as long as the floor, or as fast. */
  readonly ratio?: number | undefined;
  readonly ratioOf?: 'time' | 'speed' | undefined;
  readonly target?: Target | undefined;
};

/** What contract §10 asks: of the ratio when there is one, else of the median. Judged at `rows` alone, or at any size. */
export type Target = { readonly rows: number | 'any'; readonly limit: number; readonly is: 'at most' | 'at least' };

export type Verdict = 'met' | 'missed' | 'not judged at this size' | 'no target';

export function judge({ target, ratio, figure }: Figure, rows: number): Verdict {
  if (target === undefined) return 'no target';
  if (target.rows !== 'any' && target.rows !== rows) return 'not judged at this size';
  const value = ratio ?? figure.median;
  return (target.is === 'at most' ? value <= target.limit : value >= target.limit) ? 'met' : 'missed';
}

export function spreadOf(values: readonly number[]): Spread {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = (sorted.length - 1) / 2;
  const [low, high, min, max] = [sorted[Math.floor(middle)], sorted[Math.ceil(middle)], sorted[0], sorted.at(-1)];
  if (low === undefined || high === undefined || min === undefined || max === undefined) throw new Error('no values');
  return { median: (low + high) / 2, min, max };
}

/** The figure in terms of the floor: 3 is three times as long. */
export function timesFloor(figure: Spread, floor: Spread): number {
  return figure.median / floor.median;
}
