import type { RowPolicy } from '../../core/row.ts';
import { OperationalError } from '../../errors.ts';
import type { Fetch } from '../../net/guarded-fetch.ts';
import type { Source, TokenOwner } from '../../ports/sources.ts';
import { join, parseAddress } from '../address.ts';
import { readId } from '../fields.ts';
import { createHttp, type Http } from '../http.ts';
import { Reading, whoamiReading } from '../reading.ts';
import { REAL_TIMING, type Timing } from '../timing.ts';
import { readChanges } from './delta.ts';
import { Directory, SCIM_HEADERS, USERS_PATH } from './directory.ts';
import { readInFull } from './full.ts';
import { Provider } from './provider.ts';
import { User } from './schema.ts';
import { toAccount } from './to-account.ts';
import type { Learnt } from './walk.ts';

export type ScimSettings = {
  readonly name: string;
  readonly token: string;
  /** Where the server is, up to what comes before `/Users`. */
  readonly baseUrl: string;
  /** Pages in flight, default 4; by cursor always one. */
  readonly concurrency?: number | undefined;
  /** Default 90. */
  readonly requestsPerMinute?: number | undefined;
  /** From request to last byte, default 30 s. */
  readonly attemptTimeoutMs?: number | undefined;
  /** `network.allow`. */
  readonly allow: readonly string[];
  readonly fetch?: Fetch | undefined;
  readonly policy: RowPolicy;
  readonly timing?: Timing | undefined;
};

const ME_PATH = '/Me';
const CONCURRENCY = 4;

/** The users of any SCIM 2.0 server as a roster: in full, or what has changed since a full reading. */
export function createScimSource(settings: ScimSettings): Source {
  const { name, policy } = settings;
  const base = parseAddress(name, 'baseUrl', settings.baseUrl);
  const timing = settings.timing ?? REAL_TIMING;
  const http = createHttp({
    source: name,
    address: 'baseUrl',
    hosts: { vendorHosts: [], configuredHost: base.hostname, allow: settings.allow },
    fetch: settings.fetch,
    token: settings.token,
    requestsPerMinute: settings.requestsPerMinute,
    attemptTimeoutMs: settings.attemptTimeoutMs,
    timing,
  });
  const provider = new Provider(http, base);
  const learnt: Learnt = {};
  return {
    name,
    deltas: true,
    list: async function* (request) {
      const reading = new Reading(request);
      const directory = new Directory({ name, base, http, reading, policy, timing });
      const fetchAbilities = async () => await provider.read(reading);
      const concurrency = settings.concurrency ?? CONCURRENCY;
      const walk = { name, timing, concurrency, directory, fetchAbilities, learnt };
      const end = yield* request.mode === 'full' ? readInFull(walk, request) : readChanges(walk, request);
      return {
        ...end,
        endpoint: USERS_PATH,
        requests: reading.requests,
        rowsWithoutId: directory.tally.rowsWithoutId,
        warnings: [...end.warnings, ...directory.tally.warnings()],
      };
    },
    whoami: async (signal) => await fetchOwner(http, base, signal),
  };
}

/** `/Me` is optional, and a token need not belong to a user: then the roster says whether the token is one. */
async function fetchOwner(http: Http, base: URL, signal: AbortSignal): Promise<TokenOwner | undefined> {
  const reading = whoamiReading(signal);
  const options = { headers: SCIM_HEADERS };
  try {
    const { json } = await http.getJson(join(base, ME_PATH), reading, options);
    const user = User.safeParse(json).data;
    const id = readId(user?.id);
    if (user !== undefined && id !== undefined) return { externalId: id, email: emailOf(user), shape: 'scim user' };
  } catch (error) {
    const isSilent =
      error instanceof OperationalError && (error.code === 'source-contract' || error.code === 'source-forbidden');
    if (!isSilent) throw error;
  }
  await http.getJson(join(base, USERS_PATH, { count: 1 }), reading, options);
  return undefined;
}

function emailOf(user: User): string | undefined {
  return readId(toAccount(user, { privilegedRoles: new Set(), serviceAccounts: new Set() }).raw.email);
}
