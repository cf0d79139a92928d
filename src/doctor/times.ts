/** Long enough for a slow vendor, short enough for a person who waits. */
export const ASK_TIMEOUT_MS = 25_000;
