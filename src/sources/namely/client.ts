import type { RosterRow, RowPolicy } from '../../core/row.ts';
import { OperationalError } from '../../errors.ts';
import type { Source, TokenOwner } from '../../ports.ts';
import { join, parseAddress } from '../address.ts';
import { contract } from '../failures.ts';
import { readId, readTotal } from '../fields.ts';
import { createHttp, type Http } from '../http.ts';
import { fingerprintOf, readPages, type Page } from '../pages.ts';
import { Reading, whoamiReading } from '../reading.ts';
import { RowTally } from '../row-tally.ts';
import type { Timing } from '../timing.ts';
import { readDepartments, type DepartmentsRead } from './departments.ts';
import { Profile, ProfilesPage } from './schema.ts';
import { needsDepartments, toAccount } from './to-account.ts';

export type NamelySettings = {
  readonly name: string;
  readonly token: string;
  /** The tenant: `acme` for https://acme.namely.com. This or `baseUrl`. */
  readonly company?: string | undefined;
  readonly baseUrl?: string | undefined;
  /** Rows a page, default and at most 50; less for tenants whose pages time out. */
  readonly perPage?: number | undefined;
  /** Pages in flight, default 4. */
  readonly concurrency?: number | undefined;
  /** Default 90: the vendor throttles above 100. */
  readonly requestsPerMinute?: number | undefined;
  /** From request to last byte, default 30 s. */
  readonly attemptTimeoutMs?: number | undefined;
  /** `network.allow`. */
  readonly allow: readonly string[];
  readonly policy: RowPolicy;
  readonly timing?: Timing | undefined;
};

const PROFILES_PATH = '/api/v1/profiles';
const WHOAMI_PATH = '/api/v1/profiles/me';
const GROUPS_PATH = '/api/v1/groups';
const PER_PAGE = 50;
const CONCURRENCY = 4;
/** Above 100 requests a minute to /profiles the vendor answers 406, not 429, and without a header (its documentation, 2026-08). */
const PROFILES_THROTTLE = { throttleStatuses: [406] } as const;

/** Namely's profiles as a roster, read in full whatever mode is asked for. */
export function createNamelySource(settings: NamelySettings): Source {
  const { name } = settings;
  const base = toBase(settings);
  const perPage = Math.min(PER_PAGE, settings.perPage ?? PER_PAGE);
  const http = createHttp({
    source: name,
    address: 'company or baseUrl',
    hosts: { vendorHosts: [], configuredHost: base.hostname, allow: settings.allow },
    token: settings.token,
    requestsPerMinute: settings.requestsPerMinute,
    attemptTimeoutMs: settings.attemptTimeoutMs,
    timing: settings.timing,
  });
  return {
    name,
    list: async function* (request) {
      const reading = new Reading(request);
      const roster = new Roster({ name, base, perPage, http, reading, policy: settings.policy });
      const end = yield* readPages({
        source: name,
        fetchPage: async (page) => await roster.fetchPage(page),
        concurrency: settings.concurrency ?? CONCURRENCY,
        perPage,
        progress: request.progress,
        endsWith: 'empty-page',
      });
      return {
        ...end,
        endpoint: PROFILES_PATH,
        parameters: { per_page: perPage },
        requests: reading.requests,
        rowsWithoutId: roster.tally.rowsWithoutId,
        warnings: roster.warnings(),
      };
    },
    whoami: async (signal) => {
      const { json } = await http.getJson(join(base, WHOAMI_PATH), whoamiReading(signal), PROFILES_THROTTLE);
      return toOwner(name, json);
    },
  };
}

function toBase({ name, company, baseUrl }: NamelySettings): URL {
  if (baseUrl !== undefined) return parseAddress(name, 'baseUrl', baseUrl);
  // The slug becomes part of a host name, so anything but one label could lead elsewhere.
  if (company !== undefined && /^[a-z0-9-]{1,63}$/u.test(company)) return new URL(`https://${company}.namely.com`);
  const text = `${name}: company must be the first part of https://COMPANY.namely.com: small letters, digits and hyphens`;
  throw new OperationalError('config-invalid', text);
}

type RosterOptions = {
  readonly name: string;
  readonly base: URL;
  readonly perPage: number;
  readonly http: Http;
  readonly reading: Reading;
  readonly policy: RowPolicy;
};

/** One listing: its pages, and the departments, which are read once and only when a profile needs them. */
class Roster {
  readonly tally: RowTally;
  readonly #options: RosterOptions;
  #departments: Promise<DepartmentsRead> | undefined;
  #departmentWarning: string | undefined;

  constructor(options: RosterOptions) {
    this.#options = options;
    this.tally = new RowTally(options.policy);
  }

  async fetchPage(page: number): Promise<Page<RosterRow>> {
    const { name, base, perPage, http, reading } = this.#options;
    const url = join(base, PROFILES_PATH, { page, per_page: perPage });
    const { json } = await http.getJson(url, reading, PROFILES_THROTTLE);
    const parsed = ProfilesPage.safeParse(json);
    if (!parsed.success) throw contract(name, 'the answer has no list of profiles; check company or baseUrl');
    const { profiles: received, meta } = parsed.data;
    const rows = await this.#toRows(received);
    return {
      rows,
      received: received.length,
      fingerprint: fingerprintOf(rows.map((row) => row.externalId)),
      declaredTotal: readTotal(meta.total_count) ?? readTotal(meta.total),
    };
  }

  warnings(): readonly string[] {
    const own = this.#departmentWarning === undefined ? [] : [this.#departmentWarning];
    return [...own, ...this.tally.warnings()];
  }

  async #toRows(received: readonly unknown[]): Promise<readonly RosterRow[]> {
    const profiles = received.map((row) => Profile.safeParse(row).data);
    const needed = profiles.some((profile) => profile !== undefined && needsDepartments(profile));
    const read = needed ? await this.#readDepartments() : undefined;
    const departments = read?.kind === 'read' ? read.departments : new Map<string, string>();
    if (read?.kind === 'left-out') this.#departmentWarning = read.warning;
    return this.tally.addAll(
      profiles.map((profile) => (profile === undefined ? undefined : toAccount(profile, departments))),
    );
  }

  /** Pages that come in side by side share one reading. */
  async #readDepartments(): Promise<DepartmentsRead> {
    const { name, base, http, reading } = this.#options;
    this.#departments ??= readDepartments(name, async (page) => {
      const url = join(base, GROUPS_PATH, { page, per_page: PER_PAGE });
      return (await http.getJson(url, reading)).json;
    });
    return await this.#departments;
  }
}

function toOwner(name: string, json: unknown): TokenOwner {
  const first = ProfilesPage.safeParse(json).data?.profiles[0];
  const profile = Profile.safeParse(first).data;
  const id = readId(profile?.id);
  if (id === undefined) throw contract(name, 'the owner of the token has no profile; is it a Namely token?');
  return { externalId: id, email: readId(profile?.email), shape: 'namely profile' };
}
