import type { Socket } from 'node:net';

const LENGTH_BYTES = 4;
/** A message that claims more is not one: we have lost the thread. */
const MESSAGE_BYTES_MAX = 64 * 1024 * 1024;

/**
 * The messages of the protocol (version 3), whole ones only. The first that a client sends has no type byte: it begins with the
 * zero byte of its length, which no type is.
 */
export async function* messagesOf(socket: Socket): AsyncGenerator<Buffer, void, undefined> {
  let rest = Buffer.alloc(0);
  for await (const chunk of socket) {
    rest = Buffer.concat([rest, Buffer.from(chunk)]);
    for (let end = endOf(rest); end !== undefined; end = endOf(rest)) {
      yield rest.subarray(0, end);
      rest = rest.subarray(end);
    }
  }
}

function endOf(bytes: Buffer): number | undefined {
  const offset = bytes[0] === 0 ? 0 : 1;
  if (bytes.length < offset + LENGTH_BYTES) return undefined;
  const length = bytes.readInt32BE(offset);
  if (length < LENGTH_BYTES || length > MESSAGE_BYTES_MAX) throw new Error('this is not the protocol of Postgres');
  return bytes.length < offset + length ? undefined : offset + length;
}

/** What of a message matters for commits. */
export type Seen =
  | { readonly kind: 'sql'; readonly sql: string; readonly ends: boolean }
  | { readonly kind: 'sync' | 'other' }
  | { readonly kind: 'done'; readonly verb: string; readonly rows: number }
  | { readonly kind: 'ready'; readonly status: string };

/** A message of the client: a simple query, the text of a parsed one, or the end of a group. */
export function readAsked(message: Buffer): Seen {
  const body = message.subarray(1 + LENGTH_BYTES);
  switch (String.fromCharCode(message[0] ?? 0)) {
    case 'Q':
      return { kind: 'sql', sql: textAt(body, 0), ends: true };
    case 'P':
      return { kind: 'sql', sql: textAt(body, body.indexOf(0) + 1), ends: false };
    case 'S':
      return { kind: 'sync' };
    default:
      return { kind: 'other' };
  }
}

/** A message of the server: what a command was (`INSERT 0 3`, `UPDATE 3`, `COPY 3`), or that it is ready for the next and in which state. */
export function readAnswered(message: Buffer): Seen {
  const body = message.subarray(1 + LENGTH_BYTES);
  switch (String.fromCharCode(message[0] ?? 0)) {
    case 'C': {
      const words = textAt(body, 0).split(' ');
      return { kind: 'done', verb: words[0] ?? '', rows: Number(words.at(-1)) || 0 };
    }
    case 'Z':
      return { kind: 'ready', status: textAt(Buffer.concat([body, Buffer.alloc(1)]), 0) };
    default:
      return { kind: 'other' };
  }
}

function textAt(body: Buffer, from: number): string {
  return body.toString('utf8', from, body.indexOf(0, from));
}
