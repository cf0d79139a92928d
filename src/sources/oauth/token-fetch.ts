import { OperationalError } from '../../errors.ts';
import { chunksOf } from '../../net/chunks.ts';
import type { Fetch } from '../../net/guarded-fetch.ts';
import { parseAskedWait } from '../asked-wait.ts';
import { parseJson, readCapped } from '../body.ts';
import { contract, judgeFetchError, RETRIED_STATUSES, tooLarge, type Asked } from '../failures.ts';
import type { Timing } from '../timing.ts';
import { toLifetime } from './lifetime.ts';
import { Rotated, TokenAnswer, TokenRefusal } from './schema.ts';

/** From the request to the last byte: the credential is locked for all workers meanwhile. */
const ATTEMPT_TIMEOUT_MS = 15_000;
const ANSWER_BYTES_MAX = 64 * 1024;

/** The token endpoint could not say anything: another try may help, with the same refresh token. */
export class TokenEndpointBusy extends Error {
  override readonly name = 'TokenEndpointBusy';
  readonly reason: string;
  readonly askedMs?: number | undefined;

  constructor(reason: string, askedMs?: number) {
    super('the token endpoint is busy');
    this.reason = reason;
    this.askedMs = askedMs;
  }
}

type TokenFetch = {
  readonly asked: Asked;
  readonly fetch: Fetch;
  readonly timing: Timing;
  /** Told of a refresh token as soon as it is read: whatever else is wrong with the answer, the one before may be used up. */
  readonly rotated: (refresh: string) => void;
};

/**
 * The fetch that the OAuth library is given: one attempt, capped, with an answer brought into the form of the standard, because
 * the library rightly refuses what our vendors send. Throws TokenEndpointBusy or OperationalError, without URL, body or token.
 */
export function createTokenFetch({ asked, fetch, timing, rotated }: TokenFetch): Fetch {
  return async (input, init) => {
    const attempt = new AbortController();
    const timer = setTimeout(() => attempt.abort(), ATTEMPT_TIMEOUT_MS);
    try {
      const response = await fetch(input, { ...init, redirect: 'error', signal: attempt.signal });
      if (isPassing(response.status)) {
        await response.body?.cancel();
        const askedMs = parseAskedWait(response.headers, response.status === 429, timing.wallMs());
        throw new TokenEndpointBusy(`the token endpoint answered HTTP ${response.status}`, askedMs);
      }
      const body = await readCapped(chunksOf(response.body, attempt.signal), ANSWER_BYTES_MAX);
      if (body.kind === 'too-large') throw tooLarge(asked.source, ANSWER_BYTES_MAX);
      return toStandard(response, toJson(body.bytes), { asked, rotated });
    } catch (error) {
      if (error instanceof OperationalError || error instanceof TokenEndpointBusy) throw error;
      if (attempt.signal.aborted) {
        throw new TokenEndpointBusy(`no full answer of the token endpoint within ${ATTEMPT_TIMEOUT_MS / 1000} s`);
      }
      const judged = judgeFetchError(asked, error);
      if ('failure' in judged) throw judged.failure;
      throw new TokenEndpointBusy(`token endpoint: ${judged.retry}`);
    } finally {
      clearTimeout(timer);
    }
  };
}

/** Worth another try. A proxy before the endpoint has numbers of its own above 500. */
function isPassing(status: number): boolean {
  return RETRIED_STATUSES.has(status) || status === 408 || status >= 500;
}

function toJson(bytes: Uint8Array): unknown {
  const parsed = parseJson(bytes);
  return parsed.kind === 'json' ? parsed.json : undefined;
}

/** The status stays; of the headers only the type, because a challenge would hide the error that the body names. */
function toStandard(
  response: Response,
  json: unknown,
  { asked, rotated }: Pick<TokenFetch, 'asked' | 'rotated'>,
): Response {
  const refresh = response.ok ? Rotated.safeParse(json).data?.refresh_token : undefined;
  if (refresh !== undefined) rotated(refresh);
  const answer = response.ok ? TokenAnswer.safeParse(json) : TokenRefusal.safeParse(json);
  if (!answer.success) {
    const what = `the token endpoint answered HTTP ${response.status} without a token; check ${asked.address}`;
    throw contract(asked.source, what);
  }
  const body =
    'error' in answer.data ? answer.data : { ...answer.data, expires_in: toLifetime(answer.data.expires_in) };
  const status = response.ok ? 200 : response.status;
  return new Response(JSON.stringify(body), { status, headers: { 'content-type': 'application/json' } });
}
