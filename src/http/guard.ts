import { createHash, timingSafeEqual } from 'node:crypto';
import { isIP } from 'node:net';

export type Inbound = {
  readonly method: string;
  readonly path: string;
  readonly host: string | undefined;
  readonly authorization: string | undefined;
};
export type Refusal = {
  readonly status: 401 | 403 | 405;
  readonly message: string;
  readonly headers: Readonly<Record<string, string>>;
};

/** Paths that need no token: probes know none, and webhooks carry a signature of their own (contract §8). */
const OPEN_PATHS: ReadonlySet<string> = new Set(['/livez', '/readyz']);
const WEBHOOKS = '/webhooks/';
const READING: ReadonlySet<string> = new Set(['GET', 'HEAD']);

/** Why a request is refused before anything looks at it, or nothing. Says the same whether or not the path exists. */
export function refuse(request: Inbound, token: string | undefined): Refusal | undefined {
  const webhook = request.path.startsWith(WEBHOOKS);
  // Without a token only this machine may ask. A page of a foreign site whose name was pointed here (DNS rebinding) comes
  // from this machine too, but gives itself away by the name.
  if (token === undefined && !webhook && !isLoopbackHost(request.host)) {
    return {
      status: 403,
      message: 'the Host header must name this machine; set http.token to allow others',
      headers: {},
    };
  }
  if (!webhook && !READING.has(request.method)) {
    return { status: 405, message: 'this server only reads', headers: { allow: 'GET, HEAD' } };
  }
  if (token === undefined || webhook || OPEN_PATHS.has(request.path)) return undefined;
  if (carriesToken(request.authorization, token)) return undefined;
  const challenge = 'Basic realm="rollcall", charset="UTF-8", Bearer realm="rollcall"';
  return { status: 401, message: 'a token is needed', headers: { 'www-authenticate': challenge } };
}

/** `localhost`, `127.0.0.0/8` or `::1`, as an address to listen on. */
export function isLoopback(name: string): boolean {
  if (name === 'localhost' || name === '::1') return true;
  return isIP(name) === 4 && name.startsWith('127.');
}

function isLoopbackHost(host: string | undefined): boolean {
  const [, bracketed, plain] = /^(?:\[([^\]]*)\]|([^:]*))(?::\d{1,5})?$/u.exec(host ?? '') ?? [];
  return isLoopback((bracketed ?? plain ?? '').toLowerCase());
}

function carriesToken(authorization: string | undefined, token: string): boolean {
  const [, scheme = '', credentials = ''] = /^(bearer|basic) +(.*)$/iu.exec(authorization ?? '') ?? [];
  if (scheme === '') return false;
  return isSame(scheme.toLowerCase() === 'bearer' ? credentials.trim() : basicPassword(credentials), token);
}

/** Any user name will do: browsers insist on one. */
function basicPassword(credentials: string): string {
  const decoded = Buffer.from(credentials, 'base64').toString('utf8');
  const colon = decoded.indexOf(':');
  return colon === -1 ? '' : decoded.slice(colon + 1);
}

/** Digests have one length, which `timingSafeEqual` insists on, and tell nothing of where two tokens differ. */
function isSame(given: string, token: string): boolean {
  return timingSafeEqual(sha256(given), sha256(token));
}

function sha256(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}
