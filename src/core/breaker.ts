/** A product like `0.07 × 100` is 7.000000000000001 in binary: without this the limit would be one too high. */
const ROUNDING = 1 - 1e-12;

/** Contract §5, source breaker: more lost rows than this are not believed. Never 0, so one leaver in a small team goes on. */
export function breakerLimit(n: number, ratio: number): number {
  return Math.max(1, share(n, ratio));
}

/** Contract §5, conclusion breaker: more new findings of the concluding rules than this are held. */
export function conclusionLimit(accountCount: number, ratio: number): number {
  return Math.max(3, share(accountCount, ratio));
}

function share(n: number, ratio: number): number {
  return Math.ceil(n * ratio * ROUNDING);
}
