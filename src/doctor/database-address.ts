import { lookup } from 'node:dns/promises';
import { refuseAddresses } from '../net/hosts.ts';

/**
 * Whether a database's URL leads to this machine or a private network, asked from here: behind a translated address, as most hosted
 * servers are, a server knows only its private one. Throws when the name is unknown.
 */
export async function isPrivateDatabase(url: string): Promise<boolean> {
  const parsed = URL.parse(url);
  const host = parsed?.searchParams.get('host') ?? parsed?.hostname.replaceAll(/[[\]]/gu, '') ?? '';
  // A socket.
  if (host === '' || host.startsWith('/') || host.startsWith('%2F')) return true;
  const found = await lookup(host, { all: true });
  return found.every(({ address }) => refuseAddresses(host, [address]) !== undefined);
}
