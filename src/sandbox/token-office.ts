import { createHash } from 'node:crypto';
import { toJsonAnswer, toTextAnswer, type Answer, type SandboxRequest } from './answer.ts';
import { SANDBOX_SECRETS } from './world.ts';

type OAuthVendor = 'nimble' | 'namely';

/** As the vendors' documentation and recordings have it: addresses, seconds, and what an answer to a refresh leaves out. */
const HOUSES = {
  nimble: { path: '/oauth', seconds: 599, rotates: true },
  namely: { path: '/api/v1/oauth2', seconds: 899, rotates: false },
} as const;

type Code = { readonly vendor: OAuthVendor; readonly challenge: string; readonly redirectUri: string };
type Access = { readonly vendor: OAuthVendor; readonly endsMs: number };

/** Gives the simulated vendors' tokens: authorization code with PKCE, where the person always says yes, and refresh. */
export class TokenOffice {
  readonly #codes = new Map<string, Code>();
  readonly #access = new Map<string, Access>();
  readonly #refresh = new Map<string, OAuthVendor>();
  #made = 0;

  /** The answer to a request that is about tokens; undefined for any other. */
  answer(request: SandboxRequest, nowMs: number): Answer | undefined {
    const { vendor, method, path } = request;
    if (vendor !== 'nimble' && vendor !== 'namely') return undefined;
    const house = HOUSES[vendor];
    if (path === `${house.path}/authorize` && method === 'GET') return this.#authorize(vendor, request.query);
    if (path !== `${house.path}/token`) return undefined;
    if (method !== 'POST') return toTextAnswer(405, '');
    const form = Object.fromEntries(new URLSearchParams(request.body));
    if (form['client_id'] !== SANDBOX_CLIENT_ID || form['client_secret'] !== SANDBOX_SECRETS.clientSecret) {
      return toJsonAnswer(401, { error: 'invalid_client' });
    }
    return form['grant_type'] === 'refresh_token'
      ? this.#renew(vendor, form, nowMs)
      : this.#exchange(vendor, form, nowMs);
  }

  /** Whether the vendor lets this token in: one that was copied, or one of ours that lives. */
  accepts(vendor: OAuthVendor, bearer: string | undefined, nowMs: number): boolean {
    if (bearer === copiedToken(vendor)) return true;
    const access = this.#access.get(bearer ?? '');
    return access?.vendor === vendor && nowMs < access.endsMs;
  }

  /** Ends every access at once, as an administrator's click does; `refresh` too: what was given is taken back. */
  revoke(vendor: OAuthVendor, what: 'access' | 'refresh'): void {
    for (const [token, access] of this.#access) if (access.vendor === vendor) this.#access.delete(token);
    if (what === 'access') return;
    for (const [token, of] of this.#refresh) if (of === vendor) this.#refresh.delete(token);
  }

  #authorize(vendor: OAuthVendor, query: Readonly<Record<string, string>>): Answer {
    const { redirect_uri: redirectUri = '', state = '', code_challenge: challenge = '' } = query;
    const isKnown = query['client_id'] === SANDBOX_CLIENT_ID && query['response_type'] === 'code';
    if (!isKnown || challenge === '' || query['code_challenge_method'] !== 'S256')
      return toTextAnswer(400, 'invalid_request');
    const code = this.#make(vendor, 'code');
    this.#codes.set(code, { vendor, challenge, redirectUri });
    const back = new URL(redirectUri);
    back.searchParams.set('code', code);
    back.searchParams.set('state', state);
    return { ...toTextAnswer(302, ''), headers: { location: back.href } };
  }

  #exchange(vendor: OAuthVendor, form: Readonly<Record<string, string>>, nowMs: number): Answer {
    const code = this.#codes.get(form['code'] ?? '');
    this.#codes.delete(form['code'] ?? '');
    const challenge = createHash('sha256')
      .update(form['code_verifier'] ?? '')
      .digest('base64url');
    const isOurs = code?.vendor === vendor && code.challenge === challenge && code.redirectUri === form['redirect_uri'];
    if (!isOurs) return toJsonAnswer(400, { error: 'invalid_grant' });
    const refresh = this.#makeRefresh(vendor);
    return toJsonAnswer(200, { ...this.#makeAccess(vendor, nowMs), token_type: 'bearer', refresh_token: refresh });
  }

  #renew(vendor: OAuthVendor, form: Readonly<Record<string, string>>, nowMs: number): Answer {
    const old = form['refresh_token'] ?? '';
    if (this.#refresh.get(old) !== vendor) return toJsonAnswer(400, { error: 'invalid_grant' });
    const access = this.#makeAccess(vendor, nowMs);
    if (!HOUSES[vendor].rotates) return toJsonAnswer(200, { ...access, token_type: 'bearer' });
    this.#refresh.delete(old);
    return toJsonAnswer(200, { ...access, refresh_token: this.#makeRefresh(vendor) });
  }

  #makeAccess(vendor: OAuthVendor, nowMs: number): { readonly access_token: string; readonly expires_in: number } {
    const { seconds } = HOUSES[vendor];
    const token = this.#make(vendor, 'access');
    this.#access.set(token, { vendor, endsMs: nowMs + seconds * 1000 });
    return { access_token: token, expires_in: seconds };
  }

  #makeRefresh(vendor: OAuthVendor): string {
    const token = this.#make(vendor, 'refresh');
    this.#refresh.set(token, vendor);
    return token;
  }

  #make(vendor: OAuthVendor, what: string): string {
    this.#made += 1;
    return `sandbox-canary-${vendor}-${what}-${this.#made}`;
  }
}

export const SANDBOX_CLIENT_ID = 'sandbox-client';

export function copiedToken(vendor: OAuthVendor): string {
  return vendor === 'nimble' ? SANDBOX_SECRETS.nimbleToken : SANDBOX_SECRETS.namelyToken;
}
