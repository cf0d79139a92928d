/** An event is some hundred bytes. */
const BODY_BYTES_MAX = 65_536;
/** It is sent in one piece behind its headers. Who takes longer takes a connection from those that ask whether we live. */
const BODY_MS = 5_000;
/** Half of the connections of the server: the others are for probes, and for saying no. */
const READ_AT_ONCE_MAX = 100;

/** The body as it came, or the status of the refusal. */
export type Body = Uint8Array | 400 | 408 | 413 | 503;
type Chunks = ReadableStream<Uint8Array> | null;

/** Reads what a call brings, whatever length it declares: so many bytes in so long a time, and so many bodies at once. */
export class BodyReader {
  #reading = 0;

  async read(chunks: Chunks): Promise<Body> {
    if (this.#reading >= READ_AT_ONCE_MAX) return 503;
    this.#reading += 1;
    try {
      return await readBody(chunks);
    } finally {
      this.#reading -= 1;
    }
  }
}

async function readBody(chunks: Chunks): Promise<Body> {
  if (chunks === null) return new Uint8Array();
  const reader = chunks.getReader();
  const { promise: late, resolve } = Promise.withResolvers<'late'>();
  const timer = setTimeout(resolve, BODY_MS, 'late');
  const taken: Uint8Array[] = [];
  let bytes = 0;
  try {
    while (bytes <= BODY_BYTES_MAX) {
      const step = await Promise.race([reader.read(), late]);
      if (step === 'late') return 408;
      if (step.done) return Buffer.concat(taken);
      bytes += step.value.byteLength;
      taken.push(step.value);
    }
    return 413;
  } catch {
    // The sender has hung up, or what it sends is no HTTP: nobody here has to act.
    return 400;
  } finally {
    clearTimeout(timer);
    // The rest is not read.
    void reader.cancel().catch(() => undefined);
  }
}
