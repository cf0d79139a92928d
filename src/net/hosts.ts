import { BlockList, isIP, isIPv4, isIPv6 } from 'node:net';

export type HostRules = {
  /** The vendor's own hosts. */
  readonly vendorHosts: readonly string[];
  /** Host of the configured `url` or `baseUrl`. */
  readonly configuredHost?: string | undefined;
  /** `network.allow`: hosts or addresses, each with or without a port, that may be anything. */
  readonly allow: readonly string[];
};

/**
 * Contract §1: why a request to this URL is refused, or nothing when it may be sent. It judges names and address literals;
 * what a name resolves to is judged by `refuseAddresses`, where the connection is made.
 */
export function refuseUrl(url: URL, rules: HostRules): string | undefined {
  if (url.username !== '' || url.password !== '') return 'a user name or password in a URL is not sent anywhere';
  if (url.protocol !== 'https:' && url.protocol !== 'http:') return `${url.protocol} is not https`;
  if (isListed(url, rules.allow)) return undefined;
  const host = plainHost(url.hostname);
  const hint = `add ${host} to network.allow if this is meant`;
  if (url.protocol !== 'https:') return `${host} would be read without encryption; ${hint}`;
  if (isLocal(host)) return `${host} is a private, loopback or link-local address; ${hint}`;
  const known = [...rules.vendorHosts, ...(rules.configuredHost === undefined ? [] : [rules.configuredHost])];
  if (!known.some((name) => plainHost(name) === host)) return `${host} is neither the vendor's nor configured; ${hint}`;
  return undefined;
}

/**
 * The other half, for a host that is not listed: why a connection to these addresses is refused. One local address among
 * several is enough, because the connection takes whichever answers first.
 */
export function refuseAddresses(hostname: string, addresses: readonly string[]): string | undefined {
  const local = addresses.find(isLocalAddress);
  if (local === undefined) return undefined;
  const host = plainHost(hostname);
  const hint = `add ${host} to network.allow if this is meant`;
  return `${host} resolves to ${local}, a private, loopback or link-local address; ${hint}`;
}

/** Whether `network.allow` lists the host of this URL, with its port or without one. */
export function isListed(url: URL, allow: readonly string[]): boolean {
  return allow.some((entry) => {
    const parsed = parseEntry(entry);
    if (parsed === undefined || parsed.host !== plainHost(url.hostname)) return false;
    return parsed.port === undefined || parsed.port === portOf(url);
  });
}

function parseEntry(entry: string): { readonly host: string; readonly port: string | undefined } | undefined {
  const text = isIPv6(entry.trim()) ? `[${entry.trim()}]` : entry.trim();
  const url = URL.parse(`http://${text}/`);
  if (url === null) return undefined;
  // URL drops `:80` as the default of http, so the port is read from the text.
  return { host: plainHost(url.hostname), port: /:(?<port>\d+)$/u.exec(text)?.groups?.['port'] };
}

function portOf(url: URL): string {
  if (url.port !== '') return url.port;
  return url.protocol === 'https:' ? '443' : '80';
}

/** Lower case, without the root dot that would make `localhost.` another name, and without the brackets of IPv6. */
function plainHost(hostname: string): string {
  return hostname.toLowerCase().replace(/\.$/u, '').replace(/^\[/u, '').replace(/\]$/u, '');
}

function isLocal(host: string): boolean {
  if (isIP(host) !== 0) return isLocalAddress(host);
  // A name without a dot is found by the search domain of the machine: never a public host.
  return !host.includes('.') || /\.(?:localhost|local|internal)$/u.test(host);
}

function isLocalAddress(address: string): boolean {
  return LOCAL.check(address, isIPv4(address) ? 'ipv4' : 'ipv6');
}

const LOCAL = new BlockList();
for (const [network, prefix] of [
  ['0.0.0.0', 8],
  ['10.0.0.0', 8],
  ['100.64.0.0', 10],
  ['127.0.0.0', 8],
  ['169.254.0.0', 16],
  ['172.16.0.0', 12],
  ['192.0.0.0', 24],
  ['192.168.0.0', 16],
  ['198.18.0.0', 15],
  ['224.0.0.0', 3],
] as const) {
  LOCAL.addSubnet(network, prefix, 'ipv4');
}
for (const [network, prefix] of [
  // Those that stand for an IPv4 address behind a translator or a tunnel are judged as local, whatever that address is.
  ['::', 96],
  ['::ffff:0:0:0', 96],
  ['64:ff9b::', 96],
  ['64:ff9b:1::', 48],
  ['100::', 64],
  ['2001::', 32],
  ['2002::', 16],
  ['fc00::', 7],
  ['fe80::', 10],
  ['fec0::', 10],
  ['ff00::', 8],
] as const) {
  LOCAL.addSubnet(network, prefix, 'ipv6');
}
