import { type ErrorCode, OperationalError } from '../errors.ts';
import type { ChannelOutcome } from '../ports/alerts.ts';

export type Answer = { readonly status: number; readonly word: string; readonly retryAfter: string | null };

/** What an answer means for the channel, and for the message: without `failure` it was taken. */
export type Judged = { readonly outcome: ChannelOutcome; readonly failure?: Failure | undefined };
export type Failure = { readonly code: ErrorCode; readonly message: string; readonly waitMs?: number | undefined };

const WAIT_DEFAULT_MS = 60_000;
/** Longer is taken for nonsense. */
const WAIT_MAX_MS = 24 * 3_600_000;
/** Of a webhook that is gone; which word comes with which status has changed over the years, so either is enough. */
const GONE_STATUSES: ReadonlySet<number> = new Set([401, 403, 404, 410]);
const GONE_WORDS: ReadonlySet<string> = new Set([
  'action_prohibited',
  'channel_is_archived',
  'channel_not_found',
  'invalid_token',
  'no_active_hooks',
  'no_service',
  'no_service_id',
  'no_team',
  'team_disabled',
]);

/** Slack's answer, in our words: without URL, without body. */
export function judgeAnswer(answer: Answer, now: Date): Judged {
  const { status, word } = answer;
  const said = word === '' ? String(status) : `${status} ${word}`;
  if (status >= 200 && status < 300) return { outcome: { kind: 'answered' } };
  if (status === 429) {
    const waitMs = parseWait(answer.retryAfter, now);
    const until = new Date(now.getTime() + waitMs).toISOString();
    const message = `Slack asks to wait until ${until}`;
    return {
      outcome: { kind: 'told', reason: message, waitMs },
      failure: { code: 'slack-unavailable', message, waitMs },
    };
  }
  if (GONE_STATUSES.has(status) || GONE_WORDS.has(word)) {
    const message = `Slack refuses this webhook (${said}): make a new one in Slack and set slack.webhookUrl`;
    return { outcome: { kind: 'dead', reason: message }, failure: { code: 'slack-gone', message } };
  }
  if (status === 408 || status < 400 || status >= 500) {
    const message = `Slack answered ${said}; it is tried again`;
    return {
      outcome: { kind: 'failing', reason: message, unanswered: false },
      failure: { code: 'slack-unavailable', message },
    };
  }
  const message = `Slack refused the message, also as plain text (${said}): please report this`;
  return { outcome: { kind: 'answered' }, failure: { code: 'slack-rejected', message } };
}

/** The error of a message that was not sent, or not surely: kept until then where there is a time. */
export function toError({ code, message, waitMs }: Failure, now: Date): OperationalError {
  const notBefore = waitMs === undefined ? undefined : new Date(now.getTime() + waitMs);
  return new OperationalError(code, message, { notBefore });
}

/** Seconds or a date; what is unreadable, past or absurd waits the default. */
function parseWait(header: string | null, now: Date): number {
  const text = header?.trim() ?? '';
  const ms = /^\d+$/u.test(text) ? Number(text) * 1_000 : Date.parse(text) - now.getTime();
  return Number.isFinite(ms) && ms > 0 && ms <= WAIT_MAX_MS ? ms : WAIT_DEFAULT_MS;
}
