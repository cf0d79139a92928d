import * as oauth from 'oauth4webapi';
import { OperationalError } from '../../errors.ts';
import type { Fetch } from '../../net/guarded-fetch.ts';
import { refuseUrl, type HostRules } from '../../net/hosts.ts';
import type { LoginAnswer, TokenSet } from '../../ports/credentials.ts';
import { contract } from '../failures.ts';
import type { Timing } from '../timing.ts';
import { isSendable } from '../tokens.ts';
import { readAnswer } from './read-answer.ts';
import { createTokenFetch, TokenEndpointBusy } from './token-fetch.ts';

export type OAuthSettings = {
  /** Name of the source. */
  readonly source: string;
  readonly clientId: string;
  readonly clientSecret: string;
  readonly authorizeUrl: URL;
  readonly tokenUrl: URL;
  /** On loopback; as registered at the vendor. */
  readonly redirectUri: string;
  /** Sent only where it is configured: one vendor documents none. */
  readonly scope?: string | undefined;
  readonly hosts: HostRules;
  readonly fetch: Fetch;
  readonly timing: Timing;
};

export type TokenReply =
  | { readonly kind: 'tokens'; readonly tokens: TokenSet; readonly scope?: string | undefined }
  /** The right that was given has ended (`invalid_grant`): only a person can give a new one. */
  | { readonly kind: 'ended' }
  /** Nothing that can be used, or a refusal of us; `refresh`: what came with it, and may be all that is taken from now on. */
  | { readonly kind: 'failed'; readonly failure: OperationalError; readonly refresh?: string | undefined }
  /** Nothing was said; another try may help. */
  | { readonly kind: 'busy'; readonly reason: string; readonly askedMs?: number | undefined };

/** What a login must bring back to its end. The verifier is a secret. */
export type PendingLogin = { readonly url: URL; readonly state: string; readonly verifier: string };

/** The OAuth 2 client of one source: authorization code with PKCE, and refresh. Throws OperationalError where it may not ask, a login also for what no retry mends. */
export class OAuthClient {
  readonly #settings: OAuthSettings;
  readonly #server: oauth.AuthorizationServer;
  readonly #client: oauth.Client;

  constructor(settings: OAuthSettings) {
    this.#settings = settings;
    const { authorizeUrl, tokenUrl, clientId } = settings;
    this.#server = {
      issuer: authorizeUrl.origin,
      authorization_endpoint: authorizeUrl.href,
      token_endpoint: tokenUrl.href,
    };
    this.#client = { client_id: clientId };
  }

  /** Who gives its tokens, and to whom. */
  get grantor(): string {
    return `${this.#settings.tokenUrl.href} ${this.#settings.clientId}`;
  }

  /** Where a person says yes. */
  async begin(): Promise<PendingLogin> {
    const { authorizeUrl, clientId, redirectUri, scope } = this.#settings;
    const state = oauth.generateRandomState();
    const verifier = oauth.generateRandomCodeVerifier();
    const url = new URL(authorizeUrl);
    const parameters = {
      response_type: 'code',
      client_id: clientId,
      redirect_uri: redirectUri,
      state,
      code_challenge: await oauth.calculatePKCECodeChallenge(verifier),
      code_challenge_method: 'S256',
      ...(scope === undefined ? {} : { scope }),
    };
    for (const [name, value] of Object.entries(parameters)) url.searchParams.set(name, value);
    return { url, state, verifier };
  }

  readAnswer(answer: URL, { state }: PendingLogin): LoginAnswer {
    const { redirectUri } = this.#settings;
    return readAnswer(answer, { server: this.#server, client: this.#client, state, redirectUri });
  }

  async exchange(
    code: URLSearchParams,
    { verifier }: PendingLogin,
  ): Promise<Exclude<TokenReply, { readonly kind: 'failed' }>> {
    const { redirectUri } = this.#settings;
    const reply = await this.#ask(undefined, async (authentication, options) => {
      const { authorizationCodeGrantRequest, processAuthorizationCodeResponse } = oauth;
      const [server, client] = [this.#server, this.#client];
      const request = authorizationCodeGrantRequest(
        server,
        client,
        authentication,
        code,
        redirectUri,
        verifier,
        options,
      );
      return await processAuthorizationCodeResponse(server, client, await request);
    });
    if (reply.kind === 'failed') throw reply.failure;
    return reply;
  }

  async refresh(tokens: TokenSet): Promise<TokenReply> {
    const { refresh } = tokens;
    if (refresh === undefined) return { kind: 'ended' };
    return await this.#ask(refresh, async (authentication, options) => {
      const request = oauth.refreshTokenGrantRequest(this.#server, this.#client, authentication, refresh, {
        ...options,
        // Nimble wants it again at each refresh (its documentation, read 2026-11); the standard has it ignored.
        additionalParameters: { redirect_uri: this.#settings.redirectUri },
      });
      return await oauth.processRefreshTokenResponse(this.#server, this.#client, await request);
    });
  }

  /** `refresh`: what stays where the answer has no other (Namely's never has, by its recordings). */
  async #ask(refresh: string | undefined, send: Send): Promise<TokenReply> {
    const { source, tokenUrl, hosts, clientSecret, timing, fetch } = this.#settings;
    const refusal = refuseUrl(tokenUrl, hosts);
    if (refusal !== undefined) throw new OperationalError('network-refused', `${source}: ${refusal}`);
    const asked = { source, host: tokenUrl.hostname, address: 'oauth.tokenUrl' };
    const askedAtMs = timing.wallMs();
    let rotated: string | undefined;
    const note = (given: string): void => void (rotated = given);
    try {
      const answer = await send(oauth.ClientSecretPost(clientSecret), {
        [oauth.customFetch]: createTokenFetch({ asked, fetch, timing, rotated: note }),
        // http is possible only to hosts that `network.allow` lists: `refuseUrl` has just said so.
        [oauth.allowInsecureRequests]: tokenUrl.protocol === 'http:',
      });
      return {
        kind: 'tokens',
        tokens: toTokens(source, answer, { refresh, askedAtMs, grantedBy: this.grantor }),
        scope: answer.scope,
      };
    } catch (error) {
      const reply = toReply(source, error);
      return reply.kind === 'failed' ? { ...reply, refresh: rotated } : reply;
    }
  }
}

type SendOptions = Pick<
  oauth.TokenEndpointRequestOptions,
  typeof oauth.customFetch | typeof oauth.allowInsecureRequests
>;
type Send = (authentication: oauth.ClientAuth, options: SendOptions) => Promise<oauth.TokenEndpointResponse>;

/** Its life is counted from the request: how long the answer was on its way is unknown. */
function toTokens(
  source: string,
  answer: oauth.TokenEndpointResponse,
  { refresh, askedAtMs, grantedBy }: Pick<TokenSet, 'refresh' | 'grantedBy'> & { readonly askedAtMs: number },
): TokenSet {
  const { access_token: access, refresh_token: rotated = refresh, expires_in: seconds } = answer;
  if (!isSendable(access))
    throw contract(source, 'the token endpoint sent a token with a blank or a character that no token has');
  if (seconds === undefined)
    throw new Error('an answer of the token endpoint without the lifetime that was added to it');
  return {
    access,
    refresh: rotated,
    grantedBy,
    obtainedAt: new Date(askedAtMs).toISOString(),
    expiresAt: new Date(askedAtMs + seconds * 1000).toISOString(),
  };
}

function toReply(source: string, error: unknown): TokenReply {
  if (error instanceof TokenEndpointBusy) return { kind: 'busy', reason: error.reason, askedMs: error.askedMs };
  if (error instanceof OperationalError) return { kind: 'failed', failure: error };
  if (error instanceof oauth.ResponseBodyError) {
    if (error.error === 'invalid_grant') return { kind: 'ended' };
    // A word of the standard is named; anything else could be made of what was sent.
    const word = KNOWN_REFUSALS.has(error.error) ? error.error : `HTTP ${error.status}`;
    const what = `the token endpoint refuses oauth.clientId or oauth.clientSecret (${word}); check both, and redirectUri`;
    return { kind: 'failed', failure: new OperationalError('source-auth', `${source}: ${what}`) };
  }
  // The messages of the library can hold the answer.
  const failure = contract(source, 'the answer of the token endpoint is none of OAuth 2; check oauth.tokenUrl');
  return { kind: 'failed', failure };
}

const KNOWN_REFUSALS: ReadonlySet<string> = new Set([
  'invalid_client',
  'invalid_request',
  'invalid_scope',
  'unauthorized_client',
  'unsupported_grant_type',
]);
