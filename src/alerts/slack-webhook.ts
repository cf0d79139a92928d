import ky from 'ky';
import { ERROR_CODES, OperationalError } from '../errors.ts';
import { chunksOf } from '../net/chunks.ts';
import { proxyStatusOf, refusalOf, type Fetch } from '../net/guarded-fetch.ts';
import type { AlertChannel, ChannelMessage } from '../ports/alerts.ts';
import type { Clock } from '../ports/surroundings.ts';

export type SlackOptions = {
  /** A secret as a whole: it is in no message, log or cause. */
  readonly webhookUrl: string;
  readonly clock: Clock;
  /** The way out, which judges addresses where it connects and knows the proxies. */
  readonly fetch: Fetch;
};

export interface SlackChannel extends AlertChannel {
  /** Why Slack does not take messages any more, until one goes through; for health, metrics and `doctor`. */
  readonly refusal: () => string | undefined;
}

const TIMEOUT_MS = 10_000;
/** Both tries of one message, bodies included. */
const TOTAL_TIMEOUT_MS = 20_000;
/** Slack answers with one word. */
const ANSWER_BYTES_MAX = 1_024;
const WAIT_DEFAULT_MS = 60_000;
/** Longer is taken for nonsense. */
const WAIT_MAX_MS = 24 * 3_600_000;

type Payload = { readonly text: string; readonly blocks?: readonly object[] };
type Answer = { readonly status: number; readonly word: string; readonly retryAfter: string | null };

/**
 * Slack's incoming webhook. Sends once and lets the queue decide about the next try: a retry here could not survive a
 * restart. Blocks that Slack refuses are sent once more as text, because a plain message is better than none.
 */
export function createSlackChannel(options: SlackOptions): SlackChannel {
  let refusal: string | undefined;
  return {
    name: 'slack',
    refusal: () => refusal,
    send: async (message, signal) => {
      const deadline = AbortSignal.any([signal, AbortSignal.timeout(TOTAL_TIMEOUT_MS)]);
      try {
        const failure = toFailure(await sendBlocksOrText(options, message, deadline), options.clock());
        if (failure !== undefined) throw failure;
        refusal = undefined;
      } catch (error) {
        // What another try cannot mend, a person must.
        if (error instanceof OperationalError && !ERROR_CODES[error.code].retry) refusal = error.message;
        throw error;
      }
    },
  };
}

async function sendBlocksOrText(options: SlackOptions, message: ChannelMessage, signal: AbortSignal): Promise<Answer> {
  const answer = await post(options, message, signal);
  if (answer.status !== 400 || message.blocks.length === 0) return answer;
  return post(options, { text: message.text }, signal);
}

async function post(options: SlackOptions, payload: Payload, signal: AbortSignal): Promise<Answer> {
  try {
    const response = await ky.post(options.webhookUrl, {
      // Whatever a workspace's defaults are: nothing in the text becomes a link, a mention or a preview.
      json: { ...payload, mrkdwn: false, parse: 'none', link_names: false, unfurl_links: false, unfurl_media: false },
      timeout: TIMEOUT_MS,
      totalTimeout: TOTAL_TIMEOUT_MS,
      retry: { limit: 0 },
      redirect: 'error',
      throwHttpErrors: false,
      signal,
      fetch: options.fetch,
    });
    return {
      status: response.status,
      word: await readWord(response, signal),
      retryAfter: response.headers.get('retry-after'),
    };
  } catch (error) {
    const refused = refusalOf(error);
    if (refused !== undefined) {
      throw new OperationalError('network-refused', `the message to Slack was not sent: ${refused}`);
    }
    // No cause: the message of ky's errors holds the URL (measured), and queues and logs keep causes.
    throw new OperationalError(
      'slack-unavailable',
      `Slack could not be reached (${describe(error)}); it is tried again`,
    );
  }
}

/** Slack's word for what is wrong (`no_service`), or nothing when it is not one: a body is never repeated. */
async function readWord(response: Response, signal: AbortSignal): Promise<string> {
  let text = '';
  const decoder = new TextDecoder();
  for await (const chunk of chunksOf(response.body, signal)) {
    text += decoder.decode(chunk, { stream: true });
    if (text.length > ANSWER_BYTES_MAX) break;
  }
  return /^[a-z_]{1,60}$/u.test(text.trim()) ? text.trim() : '';
}

function toFailure({ status, word, retryAfter }: Answer, now: Date): OperationalError | undefined {
  if (status >= 200 && status < 300) return undefined;
  const said = word === '' ? String(status) : `${status} ${word}`;
  if (status === 429) {
    const notBefore = new Date(now.getTime() + parseWait(retryAfter, now));
    return new OperationalError('slack-unavailable', `Slack asks to wait until ${notBefore.toISOString()}`, {
      notBefore,
    });
  }
  if (status === 408 || status >= 500) {
    return new OperationalError('slack-unavailable', `Slack answered ${said}; it is tried again`);
  }
  if (status === 400) {
    return new OperationalError(
      'slack-rejected',
      `Slack refused the message, also as plain text (${said}): please report this`,
    );
  }
  return new OperationalError(
    'slack-rejected',
    `Slack refuses this webhook (${said}): make a new one in Slack and set slack.webhookUrl`,
  );
}

/** Seconds or a date; what is unreadable, past or absurd waits the default. */
function parseWait(header: string | null, now: Date): number {
  const text = header?.trim() ?? '';
  const ms = /^\d+$/u.test(text) ? Number(text) * 1_000 : Date.parse(text) - now.getTime();
  return Number.isFinite(ms) && ms > 0 && ms <= WAIT_MAX_MS ? ms : WAIT_DEFAULT_MS;
}

/** `ECONNREFUSED` or the error's class: enough to act on, and never a URL. */
function describe(error: unknown): string {
  const proxyStatus = proxyStatusOf(error);
  if (proxyStatus !== undefined) return `the proxy answered ${proxyStatus}`;
  let current = error;
  for (let depth = 0; depth < 5 && current instanceof Error; depth += 1) {
    if ('code' in current && typeof current.code === 'string') return current.code;
    if (current.cause === undefined) break;
    current = current.cause;
  }
  return current instanceof Error ? current.name : 'unknown error';
}
