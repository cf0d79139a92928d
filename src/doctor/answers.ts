import { type AnswerShape, toShape } from '../core/answer-shape.ts';
import { chunksOf } from '../net/chunks.ts';
import type { Fetch } from '../net/guarded-fetch.ts';
import { parseJson, readCapped } from '../sources/body.ts';

/** What a vendor answered, without anything of what it said: status, kind and shape. */
export type SeenAnswer = {
  /** Of the URL, without query. */
  readonly path: string;
  readonly status: number;
  readonly html: boolean;
  /** The host of a redirect. */
  readonly redirectTo?: string | undefined;
  readonly shape?: AnswerShape | undefined;
  /** Plain numbers at the top of the answer, such as a declared total. */
  readonly numbers: ReadonlyMap<string, number>;
  /** How far the vendor's clock is ahead of ours; a second more or less is its header's. */
  readonly aheadMs?: number | undefined;
  readonly rate: RateLimit;
};
export type RateLimit = { readonly limit?: number | undefined; readonly left?: number | undefined };

export type Watched = {
  readonly fetch: Fetch;
  /** Oldest first. */
  readonly answers: () => Promise<readonly SeenAnswer[]>;
};

/** As much as a page of a roster may have. */
const LOOKED_AT_BYTES_MAX = 8 * 1_048_576;

/** The same requests, looked at as they come back: the adapter asks, and `doctor` sees what it was told. Nothing more is sent. */
export function watchAnswers(fetch: Fetch, nowMs: () => number): Watched {
  const seen: Promise<SeenAnswer>[] = [];
  return {
    fetch: async (input, init) => {
      // A redirect is an answer too; it is still never followed.
      const response = await fetch(input, { ...init, redirect: 'manual' });
      const path = new URL(input instanceof Request ? input.url : input).pathname;
      const copy = response.clone();
      seen.push(look(copy, path, nowMs()));
      if (response.status < 300 || response.status > 399) return response;
      await response.body?.cancel();
      throw new TypeError('fetch failed', { cause: new Error('unexpected redirect') });
    },
    answers: async () => await Promise.all(seen),
  };
}

async function look(response: Response, path: string, receivedMs: number): Promise<SeenAnswer> {
  const { headers, status } = response;
  const serverMs = Date.parse(headers.get('date') ?? '');
  const location = headers.get('location');
  const json = await readJson(response);
  return {
    path,
    status,
    html: /^\s*text\/html\b/iu.test(headers.get('content-type') ?? ''),
    redirectTo: location === null ? undefined : URL.parse(location, response.url)?.host,
    shape: json === undefined ? undefined : toShape(json),
    numbers: numbersOf(json),
    aheadMs: Number.isNaN(serverMs) ? undefined : serverMs - receivedMs,
    rate: { limit: readRate(headers, 'limit'), left: readRate(headers, 'remaining') },
  };
}

/** Undefined: no JSON, too much of it, or a connection that ended. The adapter tells which; this is only the look from beside. */
async function readJson(response: Response): Promise<unknown> {
  try {
    const body = await readCapped(chunksOf(response.body, new AbortController().signal), LOOKED_AT_BYTES_MAX);
    const parsed = body.kind === 'read' ? parseJson(body.bytes) : undefined;
    return parsed?.kind === 'json' ? parsed.json : undefined;
  } catch {
    return undefined;
  }
}

function numbersOf(json: unknown): ReadonlyMap<string, number> {
  const numbers = new Map<string, number>();
  const collect = (value: unknown): void => {
    if (typeof value !== 'object' || value === null || Array.isArray(value)) return;
    for (const [name, each] of Object.entries(value)) if (typeof each === 'number') numbers.set(name, each);
  };
  if (typeof json === 'object' && json !== null && 'meta' in json) collect(json.meta);
  collect(json);
  return numbers;
}

function readRate(headers: Headers, what: 'limit' | 'remaining'): number | undefined {
  for (const prefix of ['ratelimit', 'x-ratelimit', 'x-rate-limit']) {
    const value = headers.get(`${prefix}-${what}`);
    // Some add the window: `100, 100;w=60`.
    const digits = value === null ? undefined : /^\s*(?<digits>\d{1,9})/u.exec(value)?.groups?.['digits'];
    if (digits !== undefined) return Number(digits);
  }
  return undefined;
}
