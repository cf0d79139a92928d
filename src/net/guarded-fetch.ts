import type { LookupAddress } from 'node:dns';
import { lookup as askSystem } from 'node:dns/promises';
import { isIP, type LookupFunction } from 'node:net';
import type { buildConnector, Dispatcher } from 'undici';
import { isListed, refuseAddresses } from './hosts.ts';

export type Fetch = typeof globalThis.fetch;

/** HTTP proxies by the scheme of the request, with their credentials: secrets as a whole. */
export type Proxies = {
  readonly http?: string | undefined;
  readonly https?: string | undefined;
  /** Hosts that are asked directly, as NO_PROXY lists them. */
  readonly except?: string | undefined;
};

/** All addresses of a name. */
type Resolve = (hostname: string) => Promise<readonly LookupAddress[]>;

export type GuardOptions = {
  /** `network.allow`. */
  readonly allow: readonly string[];
  readonly proxies?: Proxies | undefined;
  readonly resolve?: Resolve | undefined;
};

const CONNECT_TIMEOUT_MS = 10_000;
/** A machine is its own proxy for itself at best; the proxy's loopback is never meant. */
const NEVER_PROXIED = 'localhost,127.0.0.1,[::1]';

/**
 * The platform's fetch with the connection judged where it is made: a name may resolve to something else each time it is
 * asked for (DNS rebinding), so the addresses that are judged are the ones connected to. Behind a proxy the proxy resolves,
 * and only the host list of `refuseUrl` applies. A refusal is found in the error by `refusalOf`.
 */
export function createGuardedFetch(options: GuardOptions): Fetch {
  let opened: Promise<Dispatcher> | undefined;
  return async (input, init) => {
    opened ??= openDispatcher(options);
    // Not a spread: the package's types of a dispatcher and the platform's differ in what we do not use.
    return await globalThis.fetch(input, Object.assign({}, init, { dispatcher: await opened }));
  };
}

/** Why the guard refused the connection; undefined when the request failed for another reason. */
export function refusalOf(error: unknown): string | undefined {
  return causesOf(error).find((cause) => cause instanceof NetworkRefusal)?.message;
}

/** The status by which a proxy refused to connect; undefined when the request failed for another reason. */
export function proxyStatusOf(error: unknown): number | undefined {
  for (const { message } of causesOf(error)) {
    const status = /^Proxy response \((?<status>\d{3})\)/u.exec(message)?.groups?.['status'];
    if (status !== undefined) return Number(status);
  }
  return undefined;
}

function causesOf(error: unknown): readonly Error[] {
  const causes: Error[] = [];
  let current = error;
  for (let depth = 0; depth < CAUSES_MAX && current instanceof Error; depth += 1) {
    causes.push(current);
    current = current.cause;
  }
  return causes;
}

const CAUSES_MAX = 8;

class NetworkRefusal extends Error {
  override readonly name = 'NetworkRefusal';
}

async function openDispatcher({ allow, proxies, resolve = askAll }: GuardOptions): Promise<Dispatcher> {
  // Loaded at the first request: a command that only reads the database does without its 0.1 s and several MB.
  const { Agent, buildConnector, EnvHttpProxyAgent } = await import('undici');
  const connect = guardConnect(buildConnector, allow, resolve);
  if (proxies?.http === undefined && proxies?.https === undefined) return new Agent({ connect });
  return new EnvHttpProxyAgent({
    connect,
    // What is absent would be read from the environment behind our back; empty says that there is none.
    httpProxy: proxies.http ?? '',
    httpsProxy: proxies.https ?? '',
    noProxy: proxies.except === '*' ? '*' : `${proxies.except ?? ''},${NEVER_PROXIED}`,
  });
}

type BuildConnector = typeof buildConnector;

function guardConnect(build: BuildConnector, allow: readonly string[], resolve: Resolve): buildConnector.connector {
  const common = { timeout: CONNECT_TIMEOUT_MS, allowH2: false, autoSelectFamily: true };
  const free = build({ ...common, lookup: toLookup(resolve, () => undefined) });
  const judging = build({ ...common, lookup: toLookup(resolve, refuseAddresses) });
  return (options, callback) => {
    const { protocol, hostname, host = hostname } = options;
    if (isListed(new URL(`${protocol}//${host}`), allow)) {
      free(options, callback);
      return;
    }
    // Nobody looks up what is an address already.
    const refusal = isIP(hostname) === 0 ? undefined : refuseAddresses(hostname, [hostname]);
    if (refusal === undefined) judging(options, callback);
    else callback(new NetworkRefusal(refusal), null);
  };
}

function toLookup(resolve: Resolve, refuse: typeof refuseAddresses): LookupFunction {
  return (hostname, _options, callback) => {
    resolve(hostname).then(
      (addresses) => {
        // Thrown in here it would be nobody's to catch.
        if (addresses.length === 0) {
          callback(new Error('the name has no address'), []);
          return;
        }
        const refusal = refuse(
          hostname,
          addresses.map(({ address }) => address),
        );
        if (refusal === undefined) callback(null, [...addresses]);
        else callback(new NetworkRefusal(refusal), []);
      },
      (error: unknown) => callback(error instanceof Error ? error : new Error('the name was not resolved'), []),
    );
  };
}

async function askAll(hostname: string): Promise<readonly LookupAddress[]> {
  return await askSystem(hostname, { all: true });
}
