/**
 * Waits for `work` to settle, but no longer than `ms` and not beyond `signal`; says whether it did. What it failed with is left
 * to whoever owns it.
 */
export async function settlesWithin(work: Promise<unknown>, ms: number, signal?: AbortSignal): Promise<boolean> {
  const over = Promise.withResolvers<false>();
  const give = (): void => over.resolve(false);
  const timer = setTimeout(give, ms);
  signal?.addEventListener('abort', give);
  if (signal?.aborted === true) give();
  const settled = work.then(
    () => true,
    () => true,
  );
  try {
    return await Promise.race([settled, over.promise]);
  } finally {
    clearTimeout(timer);
    signal?.removeEventListener('abort', give);
  }
}
