import { proxyStatusOf, refusalOf } from '../net/guarded-fetch.ts';
import type { Judged } from './slack-answer.ts';

/**
 * A request without an answer. No cause is kept: the message of ky's errors holds the URL (measured), and queues and logs keep causes.
 * `isCut`: by ourselves.
 */
export function judgeFailure(error: unknown, isCut: boolean): Judged {
  const refused = refusalOf(error);
  if (refused !== undefined) {
    const message = `the message to Slack was not sent: ${refused}`;
    return {
      outcome: { kind: 'failing', reason: message, unanswered: false },
      failure: { code: 'network-refused', message },
    };
  }
  if (isCut) {
    return {
      outcome: { kind: 'cut' },
      failure: { code: 'slack-unavailable', message: 'sending to Slack was cut short' },
    };
  }
  const place = placeOf(error);
  if (isUnsent(place, error)) {
    const message = `Slack could not be reached (${place}); it is tried again`;
    return {
      outcome: { kind: 'failing', reason: message, unanswered: false },
      failure: { code: 'slack-unavailable', message },
    };
  }
  const message = `Slack did not answer (${place}): the message may have arrived, and is sent once more at most`;
  return {
    outcome: { kind: 'failing', reason: message, unanswered: true },
    failure: { code: 'slack-unanswered', message },
  };
}

/** Failures before a request could leave: no connection, no name, no certificate that is trusted. */
const BEFORE_SENDING =
  /^(ECONNREFUSED|ENOTFOUND|EAI_\w+|EHOSTUNREACH|ENETUNREACH|ENETDOWN|EADDRNOTAVAIL|EACCES|UND_ERR_CONNECT_TIMEOUT|EPROTO|CERT_\w+|ERR_TLS_\w+|ERR_SSL_\w+|DEPTH_ZERO_SELF_SIGNED_CERT|SELF_SIGNED_CERT_IN_CHAIN|UNABLE_TO_\w+)$/u;

function isUnsent(place: string, error: unknown): boolean {
  return BEFORE_SENDING.test(place) || proxyStatusOf(error) !== undefined;
}

/** `ECONNREFUSED` or the error's class: enough to act on, and never a URL. */
function placeOf(error: unknown): string {
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
