import * as oauth from 'oauth4webapi';
import type { LoginAnswer } from '../../ports/credentials.ts';

/** What a person can do about the words of the standard (RFC 6749, 4.1.2.1); anything else could be made of what was sent. */
const REFUSALS: ReadonlyMap<string, string> = new Map([
  ['access_denied', 'nobody said yes, or who did may not; begin again'],
  ['invalid_request', 'check oauth.clientId and oauth.redirectUri against what is registered at the vendor'],
  ['unauthorized_client', 'check oauth.clientId, and what the application may do at the vendor'],
  ['unsupported_response_type', 'check oauth.authorizeUrl'],
  ['invalid_scope', 'check oauth.scope'],
  ['server_error', 'the vendor has trouble of its own; try later'],
  ['temporarily_unavailable', 'the vendor has trouble of its own; try later'],
]);

type Expected = {
  readonly server: oauth.AuthorizationServer;
  readonly client: oauth.Client;
  readonly state: string;
  /** Where the vendor sends the browser back to, and nowhere else: what is pasted may have come to another address. */
  readonly redirectUri: string;
};

/**
 * Whether this is the answer to a login. Only one with its `state` may end the wait: any page that the browser shows can send it here. Nothing
 * of the address is in what is said: a code in it may be good.
 */
export function readAnswer(answer: URL, expected: Expected): LoginAnswer {
  const refusal = describeRefusal(answer.searchParams.get('error'));
  const what = findStray(answer, refusal, expected);
  if (what !== undefined) return { kind: 'stray', what };
  try {
    const parameters = oauth.validateAuthResponse(expected.server, expected.client, answer, expected.state);
    const [code = '', another] = parameters.getAll('code');
    if (another !== undefined) return { kind: 'stray', what: 'an answer with several codes' };
    return code === '' ? { kind: 'stray', what: 'an answer without a code' } : { kind: 'code', parameters };
  } catch (error) {
    if (error instanceof oauth.AuthorizationResponseError) {
      return { kind: 'refused', why: refusal ?? 'it does not say why; begin again' };
    }
    return { kind: 'stray', what: 'an answer that is none of OAuth 2, or of another server' };
  }
}

/** By what it shows that it belongs to another login, or to nobody. */
function findStray(
  { origin, pathname, searchParams }: URL,
  refusal: string | undefined,
  { state, redirectUri }: Expected,
): string | undefined {
  if (searchParams.get('state') !== state) {
    const which = searchParams.has('state') ? "with another login's `state`" : 'without the `state` of this login';
    return `${refusal === undefined ? 'an answer' : `a refusal (${refusal})`} ${which}`;
  }
  const place = new URL(redirectUri);
  if (origin === place.origin && pathname === place.pathname) return undefined;
  return 'an address that is not oauth.redirectUri';
}

function describeRefusal(word: string | null): string | undefined {
  if (word === null || word === '') return undefined;
  const advice = REFUSALS.get(word);
  return advice === undefined ? 'for a reason that no standard names; begin again' : `${word}: ${advice}`;
}
