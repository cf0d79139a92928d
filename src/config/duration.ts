const UNITS = [
  ['d', 86_400_000],
  ['h', 3_600_000],
  ['m', 60_000],
  ['s', 1000],
] as const;

/** `26h` → milliseconds; undefined when it is no such text. */
export function parseDuration(text: string): number | undefined {
  const match = /^(\d{1,7})([dhms])$/.exec(text.trim());
  const unit = UNITS.find(([name]) => name === match?.[2]);
  return match === null || unit === undefined ? undefined : Number(match[1]) * unit[1];
}

/** The largest unit up to hours that divides it; days only from a week, so that `26h` and `24h` stay as people write them. */
export function renderDuration(ms: number): string {
  for (const [name, size] of UNITS) {
    const enough = name !== 'd' || ms >= 7 * size;
    if (enough && ms >= size && ms % size === 0) return `${ms / size}${name}`;
  }
  return `${ms / 1000}s`;
}
