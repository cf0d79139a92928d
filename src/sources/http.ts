import ky from 'ky';
import pLimit from 'p-limit';
import { OperationalError } from '../errors.ts';
import { createGuardedFetch, type Fetch } from '../net/guarded-fetch.ts';
import { refuseUrl, type HostRules } from '../net/hosts.ts';
import { chunksOf } from '../net/chunks.ts';
import { parseAskedWait } from './asked-wait.ts';
import { refuseAnswer } from './refuse-answer.ts';
import { parseJson, readCapped } from './body.ts';
import {
  contract,
  deferred,
  exhausted,
  judgeFetchError,
  RETRIED_STATUSES,
  statusFailure,
  stopped,
  THROTTLING_STATUSES,
  tooLarge,
} from './failures.ts';
import { Pacer, sleep } from './pacer.ts';
import type { Reading } from './reading.ts';
import { REAL_TIMING, type Timing } from './timing.ts';
import { fixedToken, type Tokens } from './tokens.ts';

export type HttpOptions = {
  /** Name of the source, for messages. */
  readonly source: string;
  /** The configuration keys that decide where the request goes, for messages: `company or baseUrl`. */
  readonly address: string;
  readonly hosts: HostRules;
  /** The way out, with the proxies of the environment; absent: a direct one that obeys `hosts.allow`. */
  readonly fetch?: Fetch | undefined;
  /** Sent as `Authorization: Bearer …`, the one header that a client drops when a request changes its host. */
  readonly token?: string | Tokens | undefined;
  readonly requestsPerMinute?: number | undefined;
  /** From the request to the last byte of the body. */
  readonly attemptTimeoutMs?: number | undefined;
  readonly timing?: Timing | undefined;
};

export type GetOptions = {
  /** Statuses by which this endpoint throttles, besides 429. */
  readonly throttleStatuses?: readonly number[] | undefined;
  /** Statuses besides success whose JSON body is an answer, as a 404 is to a question for one row. */
  readonly alsoStatuses?: readonly number[] | undefined;
  /** Over the usual ones, such as another `accept`; never a credential. */
  readonly headers?: Readonly<Record<string, string>> | undefined;
  readonly capBytes?: number | undefined;
};

type JsonAnswer = { readonly json: unknown; readonly status: number; readonly headers: Headers };
type BytesAnswer = { readonly bytes: Uint8Array; readonly status: number; readonly headers: Headers };

export interface Http {
  /** GET of a JSON document. Throws OperationalError, whose text has the source and the status but no URL, body or token. */
  getJson(url: URL, reading: Reading, options?: GetOptions): Promise<JsonAnswer>;
  /** GET of a file of any type but HTML. */
  getBytes(url: URL, reading: Reading, options?: GetOptions): Promise<BytesAnswer>;
}

const REQUESTS_PER_MINUTE = 90;
/** Recorded pages of 30 profiles took 6.4 to 7.8 s. */
const ATTEMPT_TIMEOUT_MS = 30_000;
const PAGE_BYTES_MAX = 8 * 1_048_576;
/** The budget ends retries long before; a budget of hours must not become a thousand requests for one page. */
const TRIES_MAX = 30;
/** Of all requests together, without a success between them. */
const FAILURES_TO_PROBE = 5;
const REFUSING_STATUSES: ReadonlySet<number> = new Set([401, 403]);
const BACKOFF_FIRST_MS = 1000;
const BACKOFF_MAX_MS = 60_000;

type Get = {
  readonly url: URL;
  readonly reading: Reading;
  readonly throttleStatuses: ReadonlySet<number>;
  readonly alsoStatuses: ReadonlySet<number>;
  readonly headers: Readonly<Record<string, string>>;
  readonly capBytes: number;
  readonly json: boolean;
};
type Attempt =
  | { readonly kind: 'done'; readonly answer: BytesAnswer }
  /** 401 or 403 to this token, while there may be another one. */
  | { readonly kind: 'refused'; readonly status: number; readonly token: string }
  | {
      readonly kind: 'again';
      readonly reason: string;
      readonly throttled: boolean;
      readonly askedMs?: number | undefined;
    };

/** The one way out to a vendor: paced, retried around request and body, capped, without redirects. Reads only. */
export function createHttp(options: HttpOptions): Http {
  const client = new HttpClient(options);
  return {
    getJson: async (url, reading, get = {}) => {
      const { bytes, status, headers } = await client.get(toGet(url, reading, get, true));
      const parsed = parseJson(bytes);
      if (parsed.kind === 'fault')
        throw contract(options.source, `the answer ${parsed.fault}; check ${options.address}`);
      return { json: parsed.json, status, headers };
    },
    getBytes: async (url, reading, get = {}) => await client.get(toGet(url, reading, get, false)),
  };
}

function toGet(url: URL, reading: Reading, options: GetOptions, json: boolean): Get {
  const capBytes = options.capBytes ?? PAGE_BYTES_MAX;
  const { throttleStatuses, alsoStatuses } = options;
  return {
    url,
    reading,
    json,
    capBytes,
    throttleStatuses: new Set(throttleStatuses),
    alsoStatuses: new Set(alsoStatuses),
    headers: options.headers ?? {},
  };
}

class HttpClient {
  readonly #options: HttpOptions;
  readonly #timing: Timing;
  readonly #pacer: Pacer;
  readonly #fetch: Fetch;
  readonly #tokens: Tokens | undefined;
  /** All requests, with the waits after them: any number, or one at a time while nothing succeeds. */
  readonly #lane = pLimit(Infinity);
  #failuresInARow = 0;
  /** By the whole reading: the token in whose place a 403 has brought another. To refuse that one too is no matter of tokens. */
  readonly #forbidden = new WeakMap<Reading, string>();

  constructor(options: HttpOptions) {
    this.#options = options;
    this.#timing = options.timing ?? REAL_TIMING;
    this.#fetch = options.fetch ?? createGuardedFetch({ allow: options.hosts.allow });
    const { source, token } = options;
    this.#tokens = typeof token === 'string' ? fixedToken(source, token) : token;
    const requestsPerMinute = options.requestsPerMinute ?? REQUESTS_PER_MINUTE;
    this.#pacer = new Pacer({ source, requestsPerMinute, timing: this.#timing });
  }

  async get(get: Get): Promise<BytesAnswer> {
    const { source, hosts } = this.#options;
    const refusal = refuseUrl(get.url, hosts);
    if (refusal !== undefined) throw new OperationalError('network-refused', `${source}: ${refusal}`);
    let isRenewed = false;
    for (let tries = 1; tries <= TRIES_MAX; tries += 1) {
      const attempt = await this.#lane(async () => {
        await this.#pacer.turn(get.reading);
        const attempt = await this.#try(get);
        this.#learn(attempt);
        if (attempt.kind === 'again') await this.#backOff(get.reading, attempt, tries);
        return attempt;
      });
      if (attempt.kind === 'done') return attempt.answer;
      if (attempt.kind !== 'refused') continue;
      await this.#renew(attempt, get.reading, isRenewed);
      isRenewed = true;
    }
    throw exhausted(source, 'no usable answer', TRIES_MAX);
  }

  /**
   * Gets another token in place of a refused one, or throws. Both statuses, because Nimble says 403 to a token that has ended. Once a request,
   * and after a 403 once a reading: a right that is missing comes with no token.
   */
  async #renew(
    { status, token }: Attempt & { readonly kind: 'refused' },
    reading: Reading,
    isRenewed: boolean,
  ): Promise<void> {
    const { source, address } = this.#options;
    const replaced = this.#forbidden.get(reading.root);
    const isForbidden = status === 403 && replaced !== undefined && replaced !== token;
    if (isRenewed || isForbidden) throw statusFailure(source, status, address);
    const other = await this.#tokens?.renew?.(token, reading);
    if (status === 403 && other !== undefined) this.#forbidden.set(reading.root, token);
  }

  /**
   * A vendor that fails for everybody is asked by one request at a time, each followed by its wait, until one succeeds. One page
   * that fails among others that do not holds nobody up.
   */
  #learn(attempt: Attempt): void {
    this.#failuresInARow = attempt.kind === 'again' ? this.#failuresInARow + 1 : 0;
    this.#lane.concurrency = this.#failuresInARow < FAILURES_TO_PROBE ? Infinity : 1;
  }

  async #try(get: Get): Promise<Attempt> {
    const { source, attemptTimeoutMs = ATTEMPT_TIMEOUT_MS } = this.#options;
    const token = await this.#tokens?.current(get.reading);
    const startedMs = this.#timing.monotonicMs();
    // Held by the timer and by the reading's signal: those that Node combines can be collected before they fire.
    const attempt = new AbortController();
    let isLate = false;
    const stop = (): void => attempt.abort();
    const timer = setTimeout(() => {
      isLate = true;
      stop();
    }, attemptTimeoutMs);
    get.reading.signal.addEventListener('abort', stop);
    get.reading.countRequest();
    try {
      if (get.reading.signal.aborted) throw stopped(source);
      const response = await ky.get(get.url, {
        headers: { ...toHeaders(token), ...get.headers },
        fetch: this.#fetch,
        signal: attempt.signal,
        redirect: 'error',
        throwHttpErrors: false,
        // Our own: ky retries neither a cut body nor longer than a second, and its timeout ends with the headers.
        retry: 0,
        timeout: false,
        totalTimeout: false,
      });
      return (await this.#judgeRefusal(response, token)) ?? (await this.#judge(get, response, attempt.signal));
    } catch (error) {
      return this.#judgeFailure(get, error, isLate ? startedMs : undefined);
    } finally {
      clearTimeout(timer);
      get.reading.signal.removeEventListener('abort', stop);
    }
  }

  /** `lateSinceMs`: when the attempt began, if it was ended for its length. */
  #judgeFailure(get: Get, error: unknown, lateSinceMs: number | undefined): Attempt {
    const { source, address, attemptTimeoutMs = ATTEMPT_TIMEOUT_MS } = this.#options;
    if (error instanceof OperationalError) throw error;
    if (get.reading.signal.aborted) throw stopped(source);
    if (lateSinceMs !== undefined) {
      // A vendor that never answers costs patience as one that says "later" does.
      const inTime = get.reading.charge(lateSinceMs, this.#timing.monotonicMs()) !== undefined;
      const reason = `no full answer within ${Math.round(attemptTimeoutMs / 1000)} s`;
      if (!inTime) throw exhausted(source, reason, 1);
      return { kind: 'again', reason, throttled: false };
    }
    const judged = judgeFetchError({ source, host: get.url.hostname, address }, error);
    if ('failure' in judged) throw judged.failure;
    return { kind: 'again', reason: judged.retry, throttled: false };
  }

  async #judgeRefusal(response: Response, token: string | undefined): Promise<Attempt | undefined> {
    const { status } = response;
    if (token === undefined || this.#tokens?.renew === undefined || !REFUSING_STATUSES.has(status)) return undefined;
    await response.body?.cancel();
    return { kind: 'refused', status, token };
  }

  async #judge(get: Get, response: Response, signal: AbortSignal): Promise<Attempt> {
    const { source } = this.#options;
    const throttled = THROTTLING_STATUSES.has(response.status) || get.throttleStatuses.has(response.status);
    if (throttled || RETRIED_STATUSES.has(response.status)) {
      await response.body?.cancel();
      const askedMs = parseAskedWait(response.headers, throttled, this.#timing.wallMs());
      return { kind: 'again', reason: `HTTP ${response.status}`, throttled, askedMs };
    }
    const refusal = refuseAnswer(this.#options, get, response);
    if (refusal !== undefined) {
      await response.body?.cancel();
      throw refusal;
    }
    const body = await readCapped(chunksOf(response.body, signal), get.capBytes);
    if (body.kind === 'too-large') throw tooLarge(source, get.capBytes);
    return { kind: 'done', answer: { bytes: body.bytes, status: response.status, headers: response.headers } };
  }

  async #backOff(reading: Reading, attempt: Attempt & { readonly kind: 'again' }, tries: number): Promise<void> {
    const { source } = this.#options;
    const { reason, askedMs, throttled } = attempt;
    const now = this.#timing.monotonicMs();
    const waitMs = askedMs ?? this.#jitter(tries);
    const until = now + waitMs;
    if (askedMs !== undefined || throttled) this.#pacer.shut(until, askedMs !== undefined);
    const added = reading.charge(now, until);
    if (added === undefined && askedMs !== undefined) throw deferred(source, new Date(this.#timing.wallMs() + askedMs));
    if (added === undefined) throw exhausted(source, reason, tries);
    reading.progress({ kind: 'wait', ms: waitMs, reason: `${source}: ${reason}` });
    await sleep({ source, timing: this.#timing }, waitMs, reading);
  }

  /** Full jitter: workers that failed together do not come back together. */
  #jitter(tries: number): number {
    // While nothing succeeds the waits grow with all failures: each page by itself would begin again with a second.
    const round = Math.max(tries, this.#failuresInARow - FAILURES_TO_PROBE);
    return this.#timing.random() * Math.min(BACKOFF_MAX_MS, BACKOFF_FIRST_MS * 2 ** (round - 1));
  }
}

function toHeaders(token: string | undefined): Record<string, string> {
  const headers = { accept: 'application/json, text/csv;q=0.9, */*;q=0.1', 'user-agent': 'rollcall' };
  return token === undefined ? headers : { ...headers, authorization: `Bearer ${token}` };
}
