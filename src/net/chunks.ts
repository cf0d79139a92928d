/**
 * The chunks of a body, until the signal: then it throws what the signal was aborted with, and the rest is never received. A request that
 * the garbage collector has taken no longer hears its own signal, and whoever drips a body could then hold the reader for ever.
 */
export async function* chunksOf(
  body: ReadableStream<Uint8Array> | null,
  signal: AbortSignal,
): AsyncGenerator<Uint8Array, void, undefined> {
  if (body === null) return;
  const reader = body.getReader();
  const { promise: aborted, reject } = Promise.withResolvers<never>();
  // Whoever has left the loop by then hears nothing of it.
  aborted.catch(() => undefined);
  const abort = (): void => reject(signal.reason);
  signal.addEventListener('abort', abort);
  try {
    signal.throwIfAborted();
    for (;;) {
      const { done, value } = await Promise.race([reader.read(), aborted]);
      if (done) return;
      yield value;
    }
  } finally {
    signal.removeEventListener('abort', abort);
    reader.cancel().catch(() => undefined);
  }
}
