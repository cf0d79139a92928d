export type Body = { readonly kind: 'read'; readonly bytes: Uint8Array } | { readonly kind: 'too-large' };

/**
 * Reads a body to its end or to the cap. What is counted are decoded bytes: 663 bytes on the wire became 300 MB when
 * compressed twice, so neither Content-Length nor a convenience method of the client is to be trusted.
 */
export async function readCapped(chunksOfBody: AsyncIterable<Uint8Array>, capBytes: number): Promise<Body> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  // Leaving the loop cancels the stream, so the rest is never received.
  for await (const chunk of chunksOfBody) {
    size += chunk.byteLength;
    if (size > capBytes) return { kind: 'too-large' };
    chunks.push(chunk);
  }
  return { kind: 'read', bytes: Buffer.concat(chunks, size) };
}

export type ParsedJson =
  | { readonly kind: 'json'; readonly json: unknown }
  /** What comes after "the answer" or "the file". Never the parser's own message: it quotes the body. */
  | { readonly kind: 'fault'; readonly fault: string };

/** Bytes → JSON, with whole numbers beyond 2^53 kept as their digits: as ids they must stay exact. */
export function parseJson(bytes: Uint8Array): ParsedJson {
  if (bytes.byteLength === 0) return { kind: 'fault', fault: 'is empty' };
  let text: string;
  try {
    text = new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    return { kind: 'fault', fault: 'is not UTF-8' };
  }
  return parseJsonText(text);
}

/** The same for what is text already. */
export function parseJsonText(text: string): ParsedJson {
  try {
    // The reviver costs several times the parse, and hardly any page has such a number.
    const json: unknown = LONG_NUMBER.test(text) ? JSON.parse(text, keepDigits) : JSON.parse(text);
    return { kind: 'json', json };
  } catch {
    return { kind: 'fault', fault: 'is not JSON' };
  }
}

const LONG_NUMBER = /\d{16}/u;

function keepDigits(_key: string, value: unknown, context?: { readonly source?: string }): unknown {
  if (typeof value !== 'number' || Number.isSafeInteger(value)) return value;
  const source = context?.source ?? '';
  return /^-?\d+$/u.test(source) ? source : value;
}
