import { refuseUrl } from '../net/hosts.ts';

// Each: why an answer will not do, for whoever gave it; undefined when it will.

/** A label of a host name, or the whole address that somebody has copied from the browser. */
export function readCompany(text: string): string | undefined {
  const found =
    /^(?:https?:\/\/)?(?<company>[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?)(?:\.namely\.com(?:[/?#].*)?)?$/iu.exec(text);
  return found?.groups?.['company']?.toLowerCase();
}

export function refuseTimezone(text: string): string | undefined {
  try {
    // A bare offset is no place: its clocks never change.
    if (/^[+-]/u.test(text)) return 'is an offset; give a place such as America/New_York';
    const zone = new Intl.DateTimeFormat('en', { timeZone: text }).resolvedOptions().timeZone;
    return zone === '' ? 'is no time zone' : undefined;
  } catch {
    return 'is no time zone; give one such as America/New_York or UTC';
  }
}

export function refuseWebUrl(text: string): string | undefined {
  const url = URL.parse(text);
  if (url === null || !/^https?:$/u.test(url.protocol)) return 'is no URL; it begins with https://';
  if (url.username + url.password !== '') return 'has a user or password in it, which is not sent anywhere';
  return undefined;
}

export function refuseBaseUrl(text: string): string | undefined {
  const refused = refuseWebUrl(text);
  if (refused !== undefined) return refused;
  return /[?#]/u.test(text) ? 'must end before any ? or #' : undefined;
}

export function refuseScimUrl(text: string): string | undefined {
  if (/\/users(?:\.json)?\/*$/iu.test(text)) return 'must end before /Users, such as https://example.com/scim/v2';
  return refuseBaseUrl(text);
}

/** What the file cannot hold: `${` would be taken for a variable. */
export function refuseText(text: string): string | undefined {
  if (text.includes('${')) return 'has ${ in it, which would be taken for a variable; rename it';
  if (!text.isWellFormed() || /[\p{Cc}\p{Co}]/u.test(text)) return 'has characters that cannot be written';
  return text.trim() === '' ? 'is empty' : undefined;
}

/** The host to be listed under `network.allow`, where a URL needs that. */
export function hostToAllow(text: string, allow: readonly string[]): string | undefined {
  const url = URL.parse(text);
  if (url === null) return undefined;
  const refused = refuseUrl(url, { vendorHosts: [], configuredHost: url.hostname, allow });
  return refused === undefined ? undefined : url.hostname.replace(/^\[|\]$/gu, '');
}
