import { momentText } from '../core/moment-text.ts';
import { OperationalError } from '../errors.ts';
import { proxyStatusOf, refusalOf } from '../net/guarded-fetch.ts';

/** Answers that are worth another try by themselves; a vendor's own throttling statuses come on top. */
export const RETRIED_STATUSES: ReadonlySet<number> = new Set([429, 500, 502, 503, 504]);
/** Among them, those that speak of the rate limit. */
export const THROTTLING_STATUSES: ReadonlySet<number> = new Set([429, 503]);

/** What a status that is not retried means; `address`: the keys to check. No part of the answer is repeated: it may hold people or a token. */
export function statusFailure(source: string, status: number, address: string): OperationalError {
  const answer = `${source} answered HTTP ${status}`;
  if (status === 401) {
    return new OperationalError('source-auth', `${answer}: the token is wrong or has ended; renew it`);
  }
  if (status === 403) {
    return new OperationalError(
      'source-forbidden',
      `${answer}: the token is not accepted or may not read the roster; check the token, its owner and the owner's rights`,
    );
  }
  if (status === 404) {
    return new OperationalError('source-contract', `${answer}: there is no roster here; check ${address}`);
  }
  return new OperationalError('source-contract', `${answer} to a plain read; check ${address}`);
}

export function deferred(source: string, notBefore: Date): OperationalError {
  return new OperationalError(
    'source-deferred',
    `${source} asks to wait until ${momentText(notBefore.toISOString())}, longer than the retry budget; it is read again after that`,
    { notBefore },
  );
}

export function exhausted(source: string, reason: string, tries: number): OperationalError {
  return new OperationalError(
    'source-unavailable',
    `${source}: ${reason}, still after ${tries} ${tries === 1 ? 'try' : 'tries'} within the retry budget; the next run tries again`,
  );
}

export function stopped(source: string): OperationalError {
  return new OperationalError('source-unavailable', `${source}: the reading was stopped before its end`);
}

export function tooLarge(source: string, capBytes: number): OperationalError {
  return new OperationalError(
    'source-too-large',
    `${source} sent more than ${Math.floor(capBytes / 1_048_576)} MiB in one answer: that is no page of a roster; check the address`,
  );
}

export function contract(source: string, what: string): OperationalError {
  return new OperationalError('source-contract', `${source}: ${what}`);
}

/** Who is asked, for messages: the source, the host, and the configuration keys that lead there. */
export type Asked = { readonly source: string; readonly host: string; readonly address: string };

/** `retry` with the reason for people, or the failure that another try would only repeat. */
export type FetchFailure = { readonly retry: string } | { readonly failure: OperationalError };

/**
 * What a throw of ky or of a body stream means. Their messages hold the URL and their objects the request with its
 * Authorization header, so nothing of them is passed on but the system's error code.
 */
export function judgeFetchError({ source, host, address }: Asked, error: unknown): FetchFailure {
  const refusal = refusalOf(error);
  if (refusal !== undefined) return { failure: new OperationalError('network-refused', `${source}: ${refusal}`) };
  const proxyStatus = proxyStatusOf(error);
  if (proxyStatus === 407) {
    const text = `${source}: the proxy wants a login (HTTP 407); check HTTPS_PROXY`;
    return { failure: new OperationalError('source-unavailable', text) };
  }
  if (proxyStatus !== undefined) return { retry: `the proxy answered HTTP ${proxyStatus}` };
  const { codes, messages } = unwind(error);
  if (messages.includes('unexpected redirect')) {
    return { failure: contract(source, `the answer was a redirect, which is never followed; check ${address}`) };
  }
  const certificate = codes.find((code) => CERTIFICATE_CODE.test(code));
  if (certificate !== undefined) {
    const text = `${source}: the certificate of ${host} is not trusted (${certificate}); nothing was sent`;
    return { failure: new OperationalError('source-unavailable', text) };
  }
  const code = codes.at(-1);
  return { retry: code === undefined ? 'the connection failed' : `the connection failed (${code})` };
}

/** Codes of Node for a certificate that is not accepted. */
export const CERTIFICATE_CODE =
  /^(?:CERT_|ERR_TLS_CERT|DEPTH_ZERO_|SELF_SIGNED_|UNABLE_TO_(?:VERIFY|GET_ISSUER)|HOSTNAME_MISMATCH)/u;
const CAUSES_MAX = 8;

function unwind(error: unknown): { readonly codes: readonly string[]; readonly messages: readonly string[] } {
  const codes: string[] = [];
  const messages: string[] = [];
  let current: unknown = error;
  for (let depth = 0; depth < CAUSES_MAX && current instanceof Error; depth += 1) {
    messages.push(current.message);
    if ('code' in current && typeof current.code === 'string') codes.push(current.code);
    // Connecting to a name with several addresses fails with all their errors in one.
    current = current.cause ?? (current instanceof AggregateError ? current.errors[0] : undefined);
  }
  return { codes, messages };
}
