import type { RosterRow, RowPolicy } from '../../core/row.ts';
import { tokenAgeWarning } from '../../core/token-age.ts';
import { OperationalError } from '../../errors.ts';
import type { Fetch } from '../../net/guarded-fetch.ts';
import type { ListRequest, Source, TokenOwner } from '../../ports/sources.ts';
import { join, parseAddress } from '../address.ts';
import { contract } from '../failures.ts';
import { readId } from '../fields.ts';
import { createHttp } from '../http.ts';
import { Reading, whoamiReading } from '../reading.ts';
import { REAL_TIMING, type Timing } from '../timing.ts';
import type { Tokens } from '../tokens.ts';
import { readChanges } from './changes.ts';
import { readInFull } from './full.ts';
import { readHinted } from './hints.ts';
import { PROFILES_PATH, PROFILES_THROTTLE, Roster, type RosterOptions } from './roster.ts';
import { Profile, ProfilesPage } from './schema.ts';
import type { Walk, WalkEnd } from './walk.ts';

export type NamelySettings = {
  readonly name: string;
  readonly token: string | Tokens;
  /** The day when a personal token was made; absent: its age is not watched. */
  readonly tokenIssued?: string | undefined;
  /** The tenant: `acme` for https://acme.namely.com. This or `baseUrl`. */
  readonly company?: string | undefined;
  readonly baseUrl?: string | undefined;
  /** Rows a page, default and at most 50; less for tenants whose pages time out. */
  readonly perPage?: number | undefined;
  /** Whether `/events` is read for hints, default no. */
  readonly events?: boolean | undefined;
  /** Pages in flight, default 4. */
  readonly concurrency?: number | undefined;
  /** Default 90: the vendor throttles above 100. */
  readonly requestsPerMinute?: number | undefined;
  /** From request to last byte, default 30 s. */
  readonly attemptTimeoutMs?: number | undefined;
  /** `network.allow`. */
  readonly allow: readonly string[];
  readonly fetch?: Fetch | undefined;
  readonly policy: RowPolicy;
  readonly timing?: Timing | undefined;
};

const WHOAMI_PATH = '/api/v1/profiles/me';
const EVENTS_PATH = '/api/v1/events';
const PER_PAGE = 50;
const CONCURRENCY = 4;

/** Namely's profiles as a roster: in full, or what has changed since a full reading. */
export function createNamelySource(settings: NamelySettings): Source {
  const { name, policy } = settings;
  const base = toBase(settings);
  const perPage = Math.min(PER_PAGE, settings.perPage ?? PER_PAGE);
  const timing = settings.timing ?? REAL_TIMING;
  const http = createHttp({
    source: name,
    address: 'company or baseUrl',
    hosts: { vendorHosts: [], configuredHost: base.hostname, allow: settings.allow },
    fetch: settings.fetch,
    token: settings.token,
    requestsPerMinute: settings.requestsPerMinute,
    attemptTimeoutMs: settings.attemptTimeoutMs,
    timing,
  });
  const departments: RosterOptions['departments'] = {};
  const context = { name, timing, perPage, concurrency: settings.concurrency ?? CONCURRENCY };
  return {
    name,
    deltas: true,
    hints: true,
    list: async function* (request) {
      const reading = new Reading(request);
      if (request.mode === 'full') departments.known = undefined;
      const roster = new Roster({ name, base, perPage, http, reading, policy, departments, timing });
      const fetchEvents: Walk['fetchEvents'] = async (query) =>
        (await http.getJson(join(base, EVENTS_PATH, query), reading)).json;
      const walk = { ...context, roster, fetchEvents: settings.events === true ? fetchEvents : undefined };
      const end = yield* read(walk, request);
      return {
        ...end,
        endpoint: PROFILES_PATH,
        requests: reading.requests,
        rowsWithoutId: roster.tally.rowsWithoutId,
        warnings: [...end.warnings, ...roster.warnings(), ...ageWarnings(settings.tokenIssued, timing)],
      };
    },
    whoami: async (signal) => {
      const { json } = await http.getJson(join(base, WHOAMI_PATH), whoamiReading(signal), PROFILES_THROTTLE);
      return toOwner(name, json);
    },
  };
}

function read(walk: Walk, request: ListRequest): AsyncGenerator<readonly RosterRow[], WalkEnd, undefined> {
  if (request.mode === 'hint') return readHinted(walk, request.ids ?? []);
  return request.mode === 'full' ? readInFull(walk, request) : readChanges(walk, request);
}

function ageWarnings(issued: string | undefined, timing: Timing): readonly string[] {
  if (issued === undefined) return [];
  const today = new Date(timing.wallMs()).toISOString().slice(0, issued.length);
  return [tokenAgeWarning(issued, today) ?? []].flat();
}

function toBase({ name, company, baseUrl }: NamelySettings): URL {
  if (baseUrl !== undefined) return parseAddress(name, 'baseUrl', baseUrl);
  // The slug becomes part of a host name, so anything but one label could lead elsewhere.
  if (company !== undefined && /^[a-z0-9-]{1,63}$/u.test(company)) return new URL(`https://${company}.namely.com`);
  const text = `${name}: company must be the first part of https://COMPANY.namely.com: small letters, digits and hyphens`;
  throw new OperationalError('config-invalid', text);
}

function toOwner(name: string, json: unknown): TokenOwner {
  const first = ProfilesPage.safeParse(json).data?.profiles[0];
  const profile = Profile.safeParse(first).data;
  const id = readId(profile?.id);
  if (id === undefined) throw contract(name, 'the owner of the token has no profile; is it a Namely token?');
  return { externalId: id, email: readId(profile?.email), shape: 'namely profile' };
}
