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

/** Asks for nothing yet: parse, bind, describe, execute, close. The client sends it in one piece with the sync (or flush) that follows. */
const GATHERED = new Set(['P', 'B', 'D', 'E', 'C']);

/** What a client sends, a whole request at a time: the server must not have done half of one that is held back. */
export async function* requestsOf(socket: Socket): AsyncGenerator<Buffer, void, undefined> {
  let gathered: Buffer[] = [];
  for await (const message of messagesOf(socket)) {
    gathered.push(message);
    if (GATHERED.has(String.fromCharCode(message[0] ?? 0))) continue;
    yield Buffer.concat(gathered);
    gathered = [];
  }
}

/** The messages of a request. */
function* splitRequest(request: Buffer): Generator<Buffer, void, undefined> {
  let rest = request;
  for (let end = endOf(rest); end !== undefined; end = endOf(rest)) {
    yield rest.subarray(0, end);
    rest = rest.subarray(end);
  }
}

function endOf(bytes: Buffer): number | undefined {
  const offset = bytes[0] === 0 ? 0 : 1;
  if (bytes.length < offset + LENGTH_BYTES) return undefined;
  const length = bytes.readInt32BE(offset);
  if (length < LENGTH_BYTES || length > MESSAGE_BYTES_MAX) throw new Error('this is not the protocol of Postgres');
  return bytes.length < offset + length ? undefined : offset + length;
}

/** What of a request matters for commits: its SQL, if it brings any, and whether the server may commit at its end. */
export type Asked = { readonly sql: string | undefined; readonly isWhole: boolean };

export function readAsked(request: Buffer): Asked {
  let sql: string | undefined;
  let last = '';
  for (const message of splitRequest(request)) {
    last = String.fromCharCode(message[0] ?? 0);
    const body = message.subarray(1 + LENGTH_BYTES);
    if (last === 'Q') sql = textAt(body, 0);
    if (last === 'P') sql = textAt(body, body.indexOf(0) + 1);
  }
  return { sql, isWhole: last === 'Q' || last === 'S' };
}

/** What of an answer matters: what a command was (`INSERT 0 3`, `UPDATE 3`, `COPY 3`), or that the server is ready, and in which state. */
export type Answered =
  | { readonly kind: 'done'; readonly verb: string; readonly rows: number }
  | { readonly kind: 'ready'; readonly status: string }
  | { readonly kind: 'other' };

export function readAnswered(message: Buffer): Answered {
  const body = message.subarray(1 + LENGTH_BYTES);
  switch (String.fromCharCode(message[0] ?? 0)) {
    case 'C': {
      const words = textAt(body, 0).split(' ');
      return { kind: 'done', verb: words[0] ?? '', rows: Number(words.at(-1)) || 0 };
    }
    case 'Z':
      return { kind: 'ready', status: body.toString('utf8') };
    default:
      return { kind: 'other' };
  }
}

function textAt(body: Buffer, from: number): string {
  return body.toString('utf8', from, body.indexOf(0, from));
}
