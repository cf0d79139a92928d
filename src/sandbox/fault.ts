import { toJsonAnswer, toLoginPage, toTextAnswer, type Answer, type SandboxRequest, type Vendor } from './answer.ts';
import type { Json } from './world.ts';

/** One thing that goes wrong: which requests it meets, and what happens to them. Data, so that a scenario can list them. */
export type Fault = {
  /** Unique in a world: the name under which the sandbox counts how often it fired. */
  readonly id: string;
  readonly match: FaultMatch;
  readonly effect: FaultEffect;
};

export type FaultMatch = {
  readonly vendor: Vendor;
  /** Exact path without the vendor's prefix; absent: any. */
  readonly path?: string | undefined;
  /** The page asked for; a request without one asks for page 1. */
  readonly page?: number | undefined;
  /** Which of the requests that match so far are met, counted from 1; absent: all. `to` absent: that one and all later. */
  readonly attempts?: { readonly from: number; readonly to?: number | undefined } | undefined;
};

export type FaultEffect =
  /** The vendor's own body for this status, unless another is given. */
  | {
      readonly kind: 'status';
      readonly status: number;
      readonly headers?: Readonly<Record<string, string>> | undefined;
      readonly body?: string | undefined;
    }
  /** 200 with a login page instead of JSON. */
  | { readonly kind: 'html' }
  /** 200 with this text, served with the right content type of the endpoint. */
  | { readonly kind: 'body'; readonly body: string }
  /** A well-formed listing with nobody in it. */
  | { readonly kind: 'empty' }
  /** A listing that declares this total. */
  | { readonly kind: 'total'; readonly total: number }
  /** The connection ends after this many bytes of a body whose full length was announced. */
  | { readonly kind: 'cut'; readonly afterBytes: number }
  /** The connection ends before a status line. */
  | { readonly kind: 'reset' }
  | { readonly kind: 'slow'; readonly delayMs: number };

/** Whether a fault concerns a request, attempts aside. */
export function isConcerned(match: FaultMatch, request: SandboxRequest): boolean {
  if (match.vendor !== request.vendor) return false;
  if (match.path !== undefined && match.path !== request.path) return false;
  return match.page === undefined || String(match.page) === (request.query['page'] ?? '1');
}

/** Whether the `attempt`-th request that a fault concerns is met by it. */
export function isDue(match: FaultMatch, attempt: number): boolean {
  if (match.attempts === undefined) return true;
  return attempt >= match.attempts.from && attempt <= (match.attempts.to ?? Number.MAX_SAFE_INTEGER);
}

/** What a fault makes of the answer that the vendor would have given. Effects on the connection are the server's. */
export function bendAnswer(effect: FaultEffect, vendor: Vendor, answer: Answer): Answer {
  if (effect.kind === 'html') return toLoginPage(200);
  if (effect.kind === 'body') return { ...answer, body: effect.body };
  if (effect.kind !== 'status') return answer;
  const own = toRefusal(vendor, effect.status);
  return {
    status: effect.status,
    headers: { ...own.headers, ...effect.headers },
    body: effect.body ?? own.body,
  };
}

/** The vendors' words for a status, as recorded or documented; throttling has no recorded body and gets an empty one. */
export function toRefusal(vendor: Vendor, status: number): Answer {
  if (vendor === 'slack') return toTextAnswer(status, SLACK_WORDS[status] ?? 'error');
  const body = vendor === 'identities' ? undefined : RECORDED[vendor][status];
  return body === undefined ? toTextAnswer(status, '') : toJsonAnswer(status, body);
}

const NIMBLE_FAILURE = { message: 'Internal error handling request', code: 107 };
const RECORDED: Readonly<Record<'nimble' | 'namely', Readonly<Record<number, Json>>>> = {
  nimble: {
    403: { message: "Can't authenticate request" },
    404: { object_type: 'members', object_id: '' },
    500: NIMBLE_FAILURE,
    503: NIMBLE_FAILURE,
  },
  namely: { 401: { error: '' }, 404: { message: 'Profile not found', errors: [] } },
};

const SLACK_WORDS: Readonly<Record<number, string>> = {
  400: 'invalid_payload',
  403: 'action_prohibited',
  404: 'no_service',
  410: 'channel_is_archived',
  429: 'rate_limited',
  500: 'rollup_error',
};
