/** Polls come every two seconds; a statement of pg-boss takes milliseconds, its upkeep of a large table some seconds. */
const SILENT_MS = 20_000;

type Execute<T> = (text: string, values?: unknown[]) => Promise<T>;

/**
 * Whether the job queue gets answers. A path to the database that has fallen silent hangs the polls, and with them all work,
 * while a new connection, as the readiness probe may get one, is well.
 */
export class PollWatch {
  readonly #waiting = new Set<{ readonly since: number }>();
  readonly #silentMs: number;
  #answeredAt: number | undefined;

  constructor(silentMs = SILENT_MS) {
    this.#silentMs = silentMs;
  }

  watch<T>(execute: Execute<T>): Execute<T> {
    return async (text, values) => {
      const asked = { since: performance.now() };
      this.#waiting.add(asked);
      try {
        const answer = await execute(text, values);
        this.#answeredAt = performance.now();
        return answer;
      } finally {
        this.#waiting.delete(asked);
      }
    };
  }

  /** `isBusy`: who works on jobs need not ask for others. */
  trouble(isBusy: boolean): string | undefined {
    const now = performance.now();
    const hangs = Math.max(0, ...[...this.#waiting].map(({ since }) => now - since));
    if (hangs > this.#silentMs) return `the database has not answered the job queue for ${toSeconds(hangs)} s`;
    const quiet = now - (this.#answeredAt ?? now);
    if (quiet > this.#silentMs && !isBusy) return `no job could be asked for in the last ${toSeconds(quiet)} s`;
    return undefined;
  }
}

function toSeconds(ms: number): number {
  return Math.round(ms / 1_000);
}
