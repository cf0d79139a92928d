import { OperationalError } from '../errors.ts';

/** A configured address, or `config-invalid` naming the key. The text itself stays out of the message: it may hold a secret. */
export function parseAddress(source: string, key: string, text: string): URL {
  const url = URL.parse(text);
  if (url === null)
    throw new OperationalError('config-invalid', `${source}: ${key} is not a URL; give it as https://host`);
  return url;
}

/** `path` below `base`, whether or not the base ends with a slash; query parameters are added to those of the path. */
export function join(base: URL, path: string, query: Readonly<Record<string, string | number>> = {}): URL {
  const url = new URL(`${base.origin}${base.pathname.replace(/\/+$/u, '')}/${path.replace(/^\/+/u, '')}`);
  // The origin of a URL leaves these out; they stay so that the host rules can refuse them.
  url.username = base.username;
  url.password = base.password;
  for (const [name, value] of Object.entries(query)) url.searchParams.set(name, String(value));
  return url;
}
