import { createServer } from 'node:http';
import { Provider } from 'oidc-provider';

export const OIDC_CLIENT = { clientId: 'rollcall', clientSecret: 'a-client-secret-of-the-test' } as const;

export type OidcServer = {
  readonly url: string;
  /** Grants that were given out since the start, by `grant_type`. */
  readonly granted: () => Readonly<Record<string, number>>;
  [Symbol.asyncDispose](): Promise<void>;
};

/** A real authorization server on loopback: PKCE required, refresh tokens that rotate and end with their first use. */
export async function startOidcServer(redirectUri: string): Promise<OidcServer> {
  const server = createServer();
  await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  const url = `http://127.0.0.1:${address.port}`;
  const provider = new Provider(url, {
    clients: [
      {
        client_id: OIDC_CLIENT.clientId,
        client_secret: OIDC_CLIENT.clientSecret,
        redirect_uris: [redirectUri],
        // A public client may have a loopback address with any port; this one is confidential, as Nimble's and Namely's are.
        application_type: 'native',
        grant_types: ['authorization_code', 'refresh_token'],
        response_types: ['code'],
        token_endpoint_auth_method: 'client_secret_post',
      },
    ],
    cookies: { keys: ['a-cookie-key-of-the-test'] },
    pkce: { required: () => true },
    scopes: ['openid', 'offline_access', 'read_team'],
    issueRefreshToken: async () => true,
    rotateRefreshToken: true,
    ttl: { AccessToken: 600, AuthorizationCode: 60, RefreshToken: 3600, Grant: 3600, Interaction: 600, Session: 3600 },
    findAccount: async (_context, id) => ({ accountId: id, claims: async () => ({ sub: id }) }),
  });
  const granted: Record<string, number> = {};
  provider.on('grant.success', ({ oidc }) => {
    const type = String(oidc.params?.['grant_type']);
    granted[type] = (granted[type] ?? 0) + 1;
  });
  const listener = provider.callback();
  server.on('request', (request, response) => void listener(request, response));
  return {
    url,
    granted: () => ({ ...granted }),
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => void server.close(resolve));
    },
  };
}

const STEPS_MAX = 20;

/** A browser and its person: follows redirects, signs in, says yes; returns where it is sent at the end, without going there. */
export async function sayYes(start: URL, { url }: OidcServer): Promise<URL> {
  const cookies = new Map<string, string>();
  let step: Step = { url: start };
  for (let steps = 0; steps < STEPS_MAX; steps += 1) {
    step = await take(step, cookies);
    if (step.url.origin !== url) return step.url;
  }
  throw new Error('the person was sent around in circles');
}

type Step = { readonly url: URL; readonly form?: URLSearchParams };

async function take({ url, form }: Step, cookies: Map<string, string>): Promise<Step> {
  const cookie = [...cookies].map(([name, value]) => `${name}=${value}`).join('; ');
  const asked = form === undefined ? {} : { method: 'POST', body: form };
  const response = await fetch(url, { ...asked, redirect: 'manual', headers: { cookie } });
  for (const text of response.headers.getSetCookie()) {
    const [, name = '', value = ''] = /^([^=]+)=([^;]*)/u.exec(text) ?? [];
    cookies.set(name, value);
  }
  const page = await response.text();
  const location = response.headers.get('location');
  return location === null ? fillIn(page, url) : { url: new URL(location, url) };
}

/** Signs in, or says yes. */
function fillIn(page: string, url: URL): Step {
  const { prompt } = /name="prompt" value="(?<prompt>\w+)"/u.exec(page)?.groups ?? {};
  if (prompt === undefined) throw new Error(page.replaceAll(/<style[^]*?<\/style>|<[^>]*>/gu, ' '));
  const answers = prompt === 'login' ? { login: 'it-operations', password: 'any' } : {};
  const { action = '' } = /<form[^>]*action="(?<action>[^"]+)"/u.exec(page)?.groups ?? {};
  return { url: new URL(action, url), form: new URLSearchParams({ prompt, ...answers }) };
}
