import ky from 'ky';
import { OperationalError } from '../errors.ts';
import { chunksOf } from '../net/chunks.ts';
import type { Fetch } from '../net/guarded-fetch.ts';
import type { AlertChannel, ChannelMessage, ChannelOutcome, ChannelStore } from '../ports/alerts.ts';
import type { Clock, Log } from '../ports/surroundings.ts';
import { type Answer, type Failure, judgeAnswer, type Judged, toError } from './slack-answer.ts';
import { judgeFailure } from './slack-failure.ts';
import { createTurns, type TakenTurn } from './turns.ts';

export type SlackOptions = {
  /** A secret as a whole: it is in no message, log or cause. */
  readonly webhookUrl: string;
  readonly clock: Clock;
  readonly log: Log;
  /** The way out, which judges addresses where it connects and knows the proxies. */
  readonly fetch: Fetch;
  /** What all processes know of this webhook together. */
  readonly channel: ChannelStore;
  /** Shorter in tests. */
  readonly timeoutMs?: number | undefined;
};

export interface SlackChannel extends AlertChannel {
  /** Why Slack takes no messages, until one goes through; for health, metrics and `doctor`. */
  readonly refusal: () => Promise<string | undefined>;
}

/** Of one request, its body included; shorter than a turn lasts. */
const TIMEOUT_MS = 10_000;
/** All requests of one message, and the waits between them. */
const TOTAL_TIMEOUT_MS = 60_000;
/** Slack answers with one word. */
const ANSWER_BYTES_MAX = 1_024;
/** Whether anybody is there. Once is enough, unless others get no answer meanwhile. */
const QUESTIONS_MAX = 2;
/** A shorter one is no news to anybody. */
const OUTAGE_MS = 15 * 60_000;

type Payload = { readonly text?: string; readonly blocks?: readonly object[] };

/**
 * Slack's incoming webhook. Sends once and lets the queue decide about the next try: a retry here could not survive a
 * restart. Blocks that Slack refuses are sent once more as text, because a plain message is better than none.
 */
export function createSlackChannel(options: SlackOptions): SlackChannel {
  const { channel, clock } = options;
  const turns = createTurns(channel, clock);
  return {
    name: 'slack',
    refusal: async () => {
      const { deadSince, failingSince, failingMs, reason = 'no reason is known' } = await channel.standing();
      if (deadSince !== undefined) return reason;
      return failingMs < OUTAGE_MS ? undefined : `Slack could not be told since ${String(failingSince)}: ${reason}`;
    },
    send: async (message, signal) => {
      const deadline = AbortSignal.any([signal, AbortSignal.timeout(TOTAL_TIMEOUT_MS)]);
      const work = { options, message, deadline, take: () => turns.take(deadline) };
      await sendInTurns(work);
    },
  };
}

const NOBODY_THERE = 'Slack still does not answer: this message was not sent, and is tried again';

type Work = {
  readonly options: SlackOptions;
  readonly message: ChannelMessage;
  readonly deadline: AbortSignal;
  readonly take: () => Promise<TakenTurn>;
};

/** Each request has a turn of its own, the text after refused blocks too: Slack counts requests. */
async function sendInTurns(work: Work): Promise<void> {
  const { message, options } = work;
  const refused = await deliver(work, message);
  if (refused === undefined) return;
  if (message.blocks.length === 0) throw toError(refused, options.clock());
  tellRefusal(work, refused.message);
  const stillRefused = await deliver(work, { text: message.text });
  if (stillRefused !== undefined) throw toError(stillRefused, options.clock());
}

/**
 * Nothing when Slack took it, else why it refuses this message; a channel that takes none is thrown. Slack shows nothing for an empty
 * message, and says so: whoever answers that is there, and what was sent in vain may go out again.
 */
async function deliver(work: Work, payload: Payload): Promise<Failure | undefined> {
  for (let questions = 0; questions <= QUESTIONS_MAX; questions += 1) {
    const turn = await work.take();
    if (!turn.unanswered) return await ask(work, turn, payload);
    await question(work, turn);
  }
  throw new OperationalError('slack-unavailable', 'others send to Slack without an answer; it is tried again');
}

/** Whether anybody is there. Nothing was sent with it, so that it has no answer either says nothing of the message. */
async function question(work: Work, turn: TakenTurn): Promise<void> {
  try {
    await ask(work, turn, {});
  } catch (error) {
    if (!(error instanceof OperationalError) || error.code !== 'slack-unanswered') throw error;
    const { notBefore } = error;
    throw new OperationalError('slack-unavailable', NOBODY_THERE, { cause: error, notBefore });
  }
}

/** What kind of message it was, and nothing of what it says. */
function tellRefusal({ options, message }: Work, refused: string): void {
  const { blocks, text } = message;
  const kinds = [...new Set(blocks.map((block) => ('type' in block ? String(block.type) : 'unknown')))];
  const size = { blocks: blocks.length, kinds, textLength: text.length, length: JSON.stringify(message).length };
  options.log.warn({ refused, ...size }, 'Slack refused the blocks of a message: sent as text');
}

/** One request, whatever comes of it told to all processes. */
async function ask(work: Work, turn: TakenTurn, payload: Payload): Promise<Failure | undefined> {
  const { options, deadline } = work;
  const limit = AbortSignal.any([deadline, AbortSignal.timeout(options.timeoutMs ?? TIMEOUT_MS)]);
  let judged: Judged;
  try {
    judged = judgeAnswer(await post(options, payload, limit), options.clock());
  } catch (error) {
    judged = judgeFailure(error, deadline.aborted);
  }
  const waitMs = await settle(work, turn, judged.outcome);
  const { failure } = judged;
  if (failure === undefined || failure.code === 'slack-rejected') return failure;
  throw toError({ ...failure, waitMs: failure.waitMs ?? waitMs }, options.clock());
}

/** That it cannot be written down changes nothing about what was sent; the turn lapses by itself. */
async function settle({ options }: Work, turn: TakenTurn, outcome: ChannelOutcome): Promise<number | undefined> {
  try {
    return await turn.settle(outcome);
  } catch (error) {
    options.log.warn({ err: error }, 'how sending to Slack ended could not be stored');
    return undefined;
  }
}

async function post(options: SlackOptions, payload: Payload, signal: AbortSignal): Promise<Answer> {
  const response = await ky.post(options.webhookUrl, {
    // Whatever a workspace's defaults are: nothing in the text becomes a link, a mention or a preview.
    json: { ...payload, mrkdwn: false, parse: 'none', link_names: false, unfurl_links: false, unfurl_media: false },
    timeout: false,
    retry: { limit: 0 },
    redirect: 'manual',
    throwHttpErrors: false,
    signal,
    fetch: options.fetch,
  });
  const { status, headers } = response;
  return { status, word: await readWord(response, signal), retryAfter: headers.get('retry-after') };
}

/** Slack's word for what is wrong (`no_service`), or nothing when it is not one: a body is never repeated. */
async function readWord(response: Response, signal: AbortSignal): Promise<string> {
  let text = '';
  const decoder = new TextDecoder();
  try {
    for await (const chunk of chunksOf(response.body, signal)) {
      text += decoder.decode(chunk, { stream: true });
      if (text.length > ANSWER_BYTES_MAX) break;
    }
  } catch {
    // The status has said whether the message was taken. To send it again for a word that got lost would show it twice.
    return '';
  }
  return /^[a-z_]{1,60}$/u.test(text.trim()) ? text.trim() : '';
}
