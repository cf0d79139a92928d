import { toLoginPage, toTextAnswer, type Answer, type Lens, type SandboxRequest, type Vendor } from './answer.ts';
import { toRefusal } from './refusal.ts';

/** One thing that goes wrong: which requests it meets, and what happens to them. Data, so that a scenario can list them. */
export type Fault = {
  /** Unique in a world, drifts included: the name under which the sandbox counts how often it fired. */
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

export type FaultEffect = AnswerEffect | ListingEffect | ConnectionEffect;

/** Another answer than the vendor's own. */
type AnswerEffect =
  /**
   * The vendor's own body for this status, unless another is given. Throttling is a status too: 429, and 406 on Namely's
   * `/profiles`; `retry-after` and the like go into the headers.
   */
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
  | { readonly kind: 'redirect'; readonly location: string; readonly status?: 301 | 302 | 303 | 307 | 308 | undefined };

/** A well-formed answer to another question than was asked. */
type ListingEffect =
  /** A listing with nobody in it. */
  | { readonly kind: 'empty' }
  /** A listing that declares this total. */
  | { readonly kind: 'total'; readonly total: number }
  /** These query parameters are not looked at: without `page` every page is the first one. */
  | { readonly kind: 'ignore'; readonly parameters: readonly string[] }
  /** No page is longer than this, whatever size is asked for, and a listing that is otherwise unpaged becomes paged. */
  | { readonly kind: 'cap'; readonly perPage: number };

/** The right answer on a bad road. */
export type ConnectionEffect =
  /** The connection ends after this many bytes of a body whose full length was announced. */
  | { readonly kind: 'cut'; readonly afterBytes: number }
  /** The connection ends before a status line. */
  | { readonly kind: 'reset' }
  | { readonly kind: 'slow'; readonly delayMs: number }
  /**
   * The right answer, blown up with line breaks to this size: it still parses, so that only its size tells. A client that did
   * not ask for the encoding gets it all the same.
   */
  | { readonly kind: 'bomb'; readonly encoding: BombEncoding; readonly decodedBytes: number }
  /** So many bytes at a time: of the body, or of headers that never end. */
  | { readonly kind: 'drip'; readonly part: 'headers' | 'body'; readonly bytes: number; readonly everyMs: number };

export type BombEncoding = 'identity' | 'gzip' | 'br' | 'gzip, gzip';

/** Whether a fault concerns a request, attempts aside. */
export function isConcerned(match: FaultMatch, request: SandboxRequest): boolean {
  if (match.vendor !== request.vendor) return false;
  if (match.path !== undefined && match.path !== request.path) return false;
  return match.page === undefined || match.page === toPageNumber(request);
}

/** SCIM asks for a place in the list, not for a page. */
function toPageNumber({ vendor, query }: SandboxRequest): number {
  if (vendor !== 'scim') return Number(query['page'] ?? '1');
  return Math.ceil(Number(query['startIndex'] ?? '1') / Number(query['count'] ?? '1'));
}

/** Whether the `attempt`-th request that a fault concerns is met by it. */
export function isDue(match: FaultMatch, attempt: number): boolean {
  if (match.attempts === undefined) return true;
  return attempt >= match.attempts.from && attempt <= (match.attempts.to ?? Number.MAX_SAFE_INTEGER);
}

/** The request as a server with this fault reads it. */
export function bendRequest(effect: FaultEffect | undefined, request: SandboxRequest): SandboxRequest {
  if (effect?.kind !== 'ignore') return request;
  const ignored = new Set(effect.parameters);
  const read = Object.entries(request.query).filter(([name]) => !ignored.has(name));
  return { ...request, query: Object.fromEntries(read) };
}

/** What a fault changes in listings. */
export function toLens(effect: FaultEffect | undefined): Lens {
  return {
    empty: effect?.kind === 'empty',
    total: effect?.kind === 'total' ? effect.total : undefined,
    perPageMax: effect?.kind === 'cap' ? effect.perPage : undefined,
  };
}

/** What a fault makes of the answer that the vendor would have given. Effects on the connection are the server's. */
export function bendAnswer(effect: FaultEffect, vendor: Vendor, answer: Answer): Answer {
  if (effect.kind === 'html') return toLoginPage(200);
  if (effect.kind === 'body') return { ...answer, body: effect.body };
  if (effect.kind === 'redirect') {
    const { status = 302, location } = effect;
    return { ...toTextAnswer(status, ''), headers: { location } };
  }
  if (effect.kind !== 'status') return answer;
  const own = toRefusal(vendor, effect.status);
  return {
    status: effect.status,
    headers: { ...own.headers, ...effect.headers },
    body: effect.body ?? own.body,
  };
}
