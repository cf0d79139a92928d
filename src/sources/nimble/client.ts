import type { RosterRow, RowPolicy } from '../../core/row.ts';
import { OperationalError } from '../../errors.ts';
import type { Fetch } from '../../net/guarded-fetch.ts';
import type { Source, TokenOwner } from '../../ports/sources.ts';
import { join, parseAddress } from '../address.ts';
import { contract } from '../failures.ts';
import { readId, readTotal } from '../fields.ts';
import { createHttp } from '../http.ts';
import { fingerprintOf, readPages, type Page } from '../pages.ts';
import { Reading, whoamiReading } from '../reading.ts';
import { RowTally, type ReadRow } from '../row-tally.ts';
import type { Timing } from '../timing.ts';
import type { Tokens } from '../tokens.ts';
import { Member, RosterPage } from './schema.ts';
import { toAccount } from './to-account.ts';

export type NimbleSettings = {
  readonly name: string;
  readonly token: string | Tokens;
  /** Default `https://api.nimble.com`. */
  readonly baseUrl?: string | undefined;
  /** Default `/api/v1/team/members`. */
  readonly rosterPath?: string | undefined;
  /** Pages in flight, default 4. */
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

const VENDOR_HOSTS = ['api.nimble.com', 'app.nimble.com'] as const;
const BASE_URL = 'https://api.nimble.com';
const ROSTER_PATH = '/api/v1/team/members';
const WHOAMI_PATH = '/api/v1/myself';
const CONTACTS_PATH = '/api/v1/contacts';
/** Of an account, by the vendor's guide: what is above it is not imported. */
const CONTACTS_MAX = 25_000;
const CONCURRENCY = 4;

/** Nimble's team as a roster. It is read without page parameters first: neither guide nor documentation pages it. */
export function createNimbleSource(settings: NimbleSettings): Source {
  const { name, rosterPath = ROSTER_PATH } = settings;
  const base = parseAddress(name, 'baseUrl', settings.baseUrl ?? BASE_URL);
  const http = createHttp({
    source: name,
    address: 'baseUrl and rosterPath',
    hosts: { vendorHosts: VENDOR_HOSTS, configuredHost: base.hostname, allow: settings.allow },
    fetch: settings.fetch,
    token: settings.token,
    requestsPerMinute: settings.requestsPerMinute,
    attemptTimeoutMs: settings.attemptTimeoutMs,
    timing: settings.timing,
  });
  return {
    name,
    list: async function* (request) {
      const reading = new Reading(request);
      const tally = new RowTally(settings.policy);
      const fetchJson = async (query: Query) => (await http.getJson(join(base, rosterPath, query), reading)).json;
      const end = yield* readPages({
        source: name,
        fetchPage: createPageReader(name, fetchJson, tally),
        concurrency: settings.concurrency ?? CONCURRENCY,
        progress: request.progress,
        endsWith: 'only-page',
      });
      return {
        ...end,
        endpoint: rosterPath,
        parameters: {},
        requests: reading.requests,
        rowsWithoutId: tally.rowsWithoutId,
        warnings: tally.warnings(),
      };
    },
    whoami: async (signal) => toOwner(name, (await http.getJson(join(base, WHOAMI_PATH), whoamiReading(signal))).json),
    capacity: async (signal) => {
      try {
        const answer = await http.getJson(join(base, CONTACTS_PATH, { per_page: 1 }), whoamiReading(signal));
        const used = readTotal(RosterPage.safeParse(answer.json).data?.meta.total);
        return used === undefined ? undefined : { what: 'contacts', used, limit: CONTACTS_MAX };
      } catch (error) {
        // A token for the roster need not be one for contacts.
        if (error instanceof OperationalError) return undefined;
        throw error;
      }
    },
  };
}

type Query = Readonly<Record<string, number>>;

/** Pages of one listing. The size of the first page, which the vendor chose, is the stride of the following ones. */
function createPageReader(
  name: string,
  fetchJson: (query: Query) => Promise<unknown>,
  tally: RowTally,
): (page: number) => Promise<Page<RosterRow>> {
  let perPage = 1;
  return async (page) => {
    const parsed = RosterPage.safeParse(await fetchJson(page === 1 ? {} : { page, per_page: perPage }));
    if (!parsed.success) {
      throw contract(name, 'the answer has no list of members (resources, users, members or data); check rosterPath');
    }
    const { rows: received, meta } = parsed.data;
    if (page === 1) perPage = readTotal(meta.per_page) ?? received.length;
    const rows = tally.addAll(received.map((row) => readMember(row)));
    return {
      rows,
      received: received.length,
      fingerprint: fingerprintOf(rows.map((row) => row.externalId)),
      declaredTotal: readTotal(meta.total),
      declaredPages: readTotal(meta.pages),
    };
  };
}

function toOwner(name: string, json: unknown): TokenOwner {
  const member = Member.safeParse(json).data;
  const id = readId(member?.id);
  const userId = readId(member?.user_id);
  const email = readId(member?.email);
  if (id === undefined && userId === undefined && email === undefined) {
    throw contract(name, 'the owner of the token has neither id nor e-mail; is it a Nimble token?');
  }
  return { externalId: id ?? userId, email, shape: id === undefined ? 'nimble user_id' : 'nimble id' };
}

/** A row may be a bare string, as in the vendor's lists of contact ids: it is counted, and nothing can be said of it. */
function readMember(row: unknown): ReadRow | undefined {
  const parsed = Member.safeParse(row);
  return parsed.success ? toAccount(parsed.data) : undefined;
}
