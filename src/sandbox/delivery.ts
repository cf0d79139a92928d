import type { ServerResponse } from 'node:http';
import { Readable, type Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { setTimeout as delay } from 'node:timers/promises';
import { constants, createBrotliCompress, createGzip } from 'node:zlib';

import type { Answer } from './answer.ts';
import { send } from './exchange.ts';
import type { BombEncoding, ConnectionEffect, FaultEffect } from './fault.ts';

/** Headers that never end do end some time, should nobody hang up. */
const DRIPPED_HEADER_BYTES_MAX = 1_048_576;
const FILLER = Buffer.alloc(65_536, '\n');

/** What is sent, and what happens to the connection meanwhile. */
export type Delivery = {
  readonly answer: Answer;
  readonly effect: FaultEffect | undefined;
  /** Ends what takes long. */
  readonly signal: AbortSignal;
};

type Effect<K extends ConnectionEffect['kind']> = Extract<ConnectionEffect, { kind: K }>;

export async function deliver(response: ServerResponse, { answer, effect, signal }: Delivery): Promise<void> {
  switch (effect?.kind) {
    case 'reset':
      response.socket?.resetAndDestroy();
      return;
    case 'cut':
      cut(response, answer, effect);
      return;
    case 'bomb':
      await sendBomb(response, answer, effect);
      return;
    case 'drip':
      await (effect.part === 'body'
        ? dripBody(response, answer, { ...effect, signal })
        : dripHeaders(response, answer, { ...effect, signal }));
      return;
    default:
      send(response, answer);
  }
}

function cut(response: ServerResponse, answer: Answer, { afterBytes }: Effect<'cut'>): void {
  const bytes = Buffer.from(answer.body);
  response.writeHead(answer.status, { ...answer.headers, 'content-length': bytes.length });
  response.write(bytes.subarray(0, afterBytes), () => response.destroy());
}

/** Made while it is read: the sandbox shares its process with the tests that measure memory. */
async function sendBomb(response: ServerResponse, answer: Answer, effect: Effect<'bomb'>): Promise<void> {
  const { encoding, decodedBytes } = effect;
  const coded = encoding === 'identity' ? {} : { 'content-encoding': encoding };
  response.writeHead(answer.status, { ...answer.headers, ...coded });
  const content = Readable.from(blowUp(Buffer.from(answer.body), decodedBytes), { objectMode: false });
  await pipeline([content, ...toEncoders(encoding), response]);
}

function* blowUp(body: Buffer, size: number): Generator<Buffer> {
  yield body;
  for (let left = size - body.length; left > 0; left -= FILLER.length) yield FILLER.subarray(0, left);
}

function toEncoders(encoding: BombEncoding): readonly Transform[] {
  if (encoding === 'identity') return [];
  // The best brotli takes minutes for what a quick one makes as small.
  if (encoding === 'br') return [createBrotliCompress({ params: { [constants.BROTLI_PARAM_QUALITY]: 4 } })];
  return encoding === 'gzip' ? [createGzip()] : [createGzip(), createGzip()];
}

type Pace = { readonly bytes: number; readonly everyMs: number; readonly signal: AbortSignal };

async function dripBody(response: ServerResponse, answer: Answer, pace: Pace): Promise<void> {
  const body = Buffer.from(answer.body);
  response.writeHead(answer.status, { ...answer.headers, 'content-length': body.length });
  response.flushHeaders();
  await drip(body, pace, (drop) => !response.destroyed && response.write(drop) !== undefined);
  response.end();
}

/** Past the response object, which would end its headers itself. */
async function dripHeaders(response: ServerResponse, answer: Answer, pace: Pace): Promise<void> {
  const { socket } = response;
  if (socket === null) return;
  const head = `HTTP/1.1 ${answer.status} Dripping\r\n`;
  const endless = Buffer.from(head.padEnd(DRIPPED_HEADER_BYTES_MAX, 'x-drip: drop\r\n'));
  try {
    await drip(endless, pace, (drop) => !socket.destroyed && socket.write(drop) !== undefined);
  } finally {
    socket.destroy();
  }
}

/** Hands on one drop after another until nobody takes any more. */
async function drip(bytes: Buffer, pace: Pace, take: (drop: Buffer) => boolean): Promise<void> {
  const size = Math.max(1, pace.bytes);
  for (let at = 0; at < bytes.length; at += size) {
    if (!take(bytes.subarray(at, at + size))) return;
    await delay(pace.everyMs, undefined, { signal: pace.signal });
  }
}
