import { KEY_MAX } from './text.ts';

/** An address in the normal form of contract §3. Only `parseEmail` makes one. */
export type Email = string & { readonly __brand: 'Email' };

const PLAIN_DOMAIN = /^[a-z0-9-]+(\.[a-z0-9-]+)*$/;
/** What `URL` would read as the end of a host, as port or escape, or would silently drop. */
const NEVER_IN_A_DOMAIN = /[\s/\\?#:%[\]]|\p{Cc}/u;
/** Keeps `URL` from reading a host of digits as an IPv4 address: `0x7f.1` must not become `127.0.0.1`. */
const GUARD_LABEL = '.guard';

/**
 * Contract §3: trimmed, NFC, lower-cased, domain to ASCII by IDNA. Undefined unless there is exactly one `@`, something before it
 * and a domain that IDNA accepts after it. Dots, `+tags`, quotes and non-ASCII local parts are left alone: real tenants have
 * them, and folding them would link different people. Longer than `KEY_MAX` is none: an address has 254 characters at most.
 */
export function parseEmail(text: string): Email | undefined {
  if (!text.isWellFormed() || text.includes('\0')) return undefined;
  // Lower-casing can decompose (`İ`), hence composed again; composed first, because it can also give what has a lower case.
  const address = text.trim().normalize('NFC').toLowerCase().normalize('NFC');
  const at = address.indexOf('@');
  if (at < 1 || at !== address.lastIndexOf('@')) return undefined;
  const domain = toAsciiDomain(address.slice(at + 1));
  if (domain === undefined) return undefined;
  const normal = `${address.slice(0, at)}@${domain}`;
  return isEmail(normal) && normal.length <= KEY_MAX ? normal : undefined;
}

/** The brand is made here and nowhere else; the checks are those of the caller above. */
function isEmail(text: string): text is Email {
  return text.includes('@');
}

function toAsciiDomain(domain: string): string | undefined {
  // Nearly every domain of a roster is plain, and a million rows pass here.
  if (PLAIN_DOMAIN.test(domain) && !domain.includes('xn--')) return domain;
  if (NEVER_IN_A_DOMAIN.test(domain)) return undefined;
  const url = URL.parse(`http://${domain}${GUARD_LABEL}/`);
  if (url === null || !url.hostname.endsWith(GUARD_LABEL)) return undefined;
  const ascii = url.hostname.slice(0, -GUARD_LABEL.length);
  const labels = ascii.split('.');
  return labels.includes('') ? undefined : ascii;
}
