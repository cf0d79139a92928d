import { createHash } from 'node:crypto';
import type { Context, Hono } from 'hono';
import type { Clock, Log } from '../ports/surroundings.ts';
import { Replays } from './replays.ts';
import { type Hint, readHint } from './schema.ts';
import { BodyReader } from './webhook-body.ts';
import { isInWindow, isSigned, type SignatureScheme, toSigned, WINDOW_MS } from './webhook-signature.ts';

export type WebhookOptions = SignatureScheme & {
  /** Each of them is accepted: while one is exchanged, the new and the old one. */
  readonly secrets: readonly string[];
  readonly signatureHeader: string;
  /** Signed before the body; absent: calls carry no time. */
  readonly timestampHeader?: string | undefined;
  readonly clock: Clock;
  /** Asks for these profiles to be read; false where no source could. */
  readonly hint: (ids: readonly string[]) => Promise<boolean>;
};
export const WEBHOOK_RESULTS = ['accepted', 'ignored', 'refused'] as const;
export type WebhookResult = (typeof WEBHOOK_RESULTS)[number];
export type WebhookDeps = WebhookOptions & { readonly count: (result: WebhookResult) => void; readonly log: Log };

export const WEBHOOK_PATH = '/webhooks/namely';

/**
 * `POST /webhooks/namely` (contract §8). A call is a hint that something has changed: it leads to a direct read of the profiles that
 * it names, and what it says of them is never looked at. It is taken once the hint is stored.
 */
export function mountWebhook(app: Hono, deps: WebhookDeps): void {
  // A time may be off either way, so that one call may come as long as twice the window.
  const state = { replays: new Replays(2 * WINDOW_MS), bodies: new BodyReader() };
  app.post(WEBHOOK_PATH, async (c) => await receive(c, deps, state));
  app.all(WEBHOOK_PATH, (c) => refuse(c, deps, 405));
}

type State = { readonly replays: Replays; readonly bodies: BodyReader };

async function receive(c: Context, deps: WebhookDeps, { replays, bodies }: State): Promise<Response> {
  if (!/^application\/json[ \t]*(?:;|$)/iu.test(c.req.header('content-type') ?? '')) return refuse(c, deps, 415);
  const body = await bodies.read(c.req.raw.body);
  if (typeof body === 'number') return refuse(c, deps, body);
  const nowMs = deps.clock().getTime();
  const signed = signedBytes(c, deps, body, nowMs);
  if (signed === undefined) return refuse(c, deps, 401);
  const hint = readHint(parseJson(body));
  const { ids } = hint;
  const keys = [`call ${digestOf(signed)}`, ...keysOf(hint, body)];
  if (ids.length === 0 || replays.has(keys, nowMs)) return answer(c, deps, 'ignored');
  const isAsked = await deps.hint(ids);
  replays.remember(keys, nowMs);
  return answer(c, deps, isAsked ? 'accepted' : 'ignored');
}

/**
 * By what a call that was signed anew is known as one that came before: by its event, of the same profiles. Another id may be the sender's
 * own and the same in each call: then only the same words with it are the same call.
 */
function keysOf({ ids, deliveryId, callId }: Hint, body: Uint8Array): readonly string[] {
  if (deliveryId !== undefined) return [`event ${digestOf([deliveryId, ...ids.toSorted()].join(' '))}`];
  return callId === undefined ? [] : [`body ${digestOf(body)}`];
}

function digestOf(content: Uint8Array | string): string {
  return createHash('sha256').update(content).digest('base64');
}

/** The bytes that one of the secrets has signed within the window, or nothing; whatever is wrong, the answer is the same. */
function signedBytes(c: Context, deps: WebhookDeps, body: Uint8Array, nowMs: number): Uint8Array | undefined {
  const { timestampHeader, signatureHeader, secrets } = deps;
  const timestamp = timestampHeader === undefined ? undefined : (c.req.header(timestampHeader) ?? '');
  const signed = toSigned(body, timestamp);
  if (!isSigned(signed, c.req.header(signatureHeader), secrets, deps)) return undefined;
  return timestamp === undefined || isInWindow(timestamp, nowMs) ? signed : undefined;
}

function parseJson(body: Uint8Array): unknown {
  try {
    return JSON.parse(Buffer.from(body).toString('utf8'));
  } catch {
    // Signed, and no JSON: a shape that we do not know, like others.
    return undefined;
  }
}

function answer(c: Context, { count, log }: WebhookDeps, result: 'accepted' | 'ignored'): Response {
  count(result);
  log.debug({ result }, 'webhook call');
  return c.json({ result });
}

const REFUSALS = {
  400: 'the body broke off',
  401: 'not accepted',
  405: 'this address takes POST',
  408: 'the body did not come in time',
  413: 'too large',
  415: 'application/json is needed',
  503: 'too many calls at once: send it again',
} as const;

function refuse(c: Context, { count, log }: WebhookDeps, status: keyof typeof REFUSALS): Response {
  count('refused');
  log.debug({ result: 'refused', status }, 'webhook call');
  if (status === 405) c.header('allow', 'POST');
  // Of all the others the body is not read to its end.
  if (status !== 401) c.header('connection', 'close');
  return c.json({ error: { message: REFUSALS[status] } }, status);
}
