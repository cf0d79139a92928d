/** What is asked for on a connection while its owner computes. */
export type Underway = {
  /** Ends when the connection is free; who wants to ask something else waits for it. */
  asked: Promise<unknown>;
};

/**
 * The same batches, each asked for while the one before it is worked on: the database and the program are busy at the same time. Only for
 * batches that do not rest on what is written of the one before. A connection takes one statement at a time: whoever uses the same one waits for
 * `underway` first. Ended early, it waits for what is under way, so that nothing follows.
 */
export async function* ahead<T>(
  batches: AsyncGenerator<T, void, undefined>,
  underway: Underway,
): AsyncGenerator<T, void, undefined> {
  const ask = (): Promise<IteratorResult<T, void>> => {
    const asked = batches.next();
    asked.catch(() => undefined); // Told to whoever waits for it.
    underway.asked = asked;
    return asked;
  };
  let next = ask();
  try {
    for (let result = await next; result.done !== true; result = await next) {
      next = ask();
      yield result.value;
    }
  } finally {
    await batches.return(); // After what is under way: a generator does one thing after the other.
  }
}
