import type { Proxies } from '../net/guarded-fetch.ts';
import type { EnvironmentReader } from './environment.ts';
import type { Fault } from './faults.ts';

export type ProxySettings = {
  readonly proxies: Proxies;
  /** The proxies' logins in every form in which they could reach a log. */
  readonly secrets: readonly string[];
  readonly faults: readonly Fault[];
};

/** HTTPS_PROXY, HTTP_PROXY and NO_PROXY; as everywhere, the lower-case spelling goes first. */
export function readProxies(environment: EnvironmentReader): ProxySettings {
  const http = readProxy(environment, 'HTTP_PROXY');
  const https = readProxy(environment, 'HTTPS_PROXY');
  return {
    proxies: { http: http.url, https: https.url, except: readEither(environment, 'NO_PROXY').value },
    secrets: [...http.secrets, ...https.secrets],
    faults: [...http.faults, ...https.faults],
  };
}

type ReadProxy = {
  readonly url?: string | undefined;
  readonly secrets: readonly string[];
  readonly faults: readonly Fault[];
};

function readProxy(environment: EnvironmentReader, name: 'HTTP_PROXY' | 'HTTPS_PROXY'): ReadProxy {
  const { value, variable } = readEither(environment, name);
  if (value === undefined) return { secrets: [], faults: [] };
  // `proxy.example.com:3128` is what many people write and curl takes.
  const url = URL.parse(value.includes('://') ? value : `http://${value}`);
  const login = url === null ? undefined : decode(`${url.username}:${url.password}`);
  if (url === null || login === undefined || !/^https?:$/.test(url.protocol)) {
    const message =
      'must be a URL such as http://proxy.example.com:3128; write the characters / ? # @ : % of a login as %2F %3F %23 %40 %3A %25';
    return { secrets: [], faults: [{ path: [], variable, message }] };
  }
  const [plain, header] = [decode(url.password), Buffer.from(login).toString('base64')];
  const secrets = url.password === '' ? [] : [value, url.href, url.password, plain ?? '', header];
  return { url: url.href, secrets, faults: [] };
}

function readEither(
  environment: EnvironmentReader,
  name: string,
): { readonly value: string | undefined; readonly variable: string } {
  const lower = name.toLowerCase();
  const value = environment.read(lower);
  return value === undefined ? { value: environment.read(name), variable: name } : { value, variable: lower };
}

function decode(text: string): string | undefined {
  try {
    return decodeURIComponent(text);
  } catch {
    return undefined;
  }
}
