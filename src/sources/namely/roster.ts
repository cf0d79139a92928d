import type { RosterRow, RowPolicy } from '../../core/row.ts';
import { join } from '../address.ts';
import { contract } from '../failures.ts';
import { readId, readTotal } from '../fields.ts';
import type { Http } from '../http.ts';
import { fingerprintOf, type Page } from '../pages.ts';
import { SINGLE_READ_BUDGET_MS, type Reading } from '../reading.ts';
import { RowTally } from '../row-tally.ts';
import type { Timing } from '../timing.ts';
import { readDepartments, type DepartmentsRead } from './departments.ts';
import { NotFound, Profile, ProfilesPage } from './schema.ts';
import { groupsForDepartment, toAccount } from './to-account.ts';
import { Newest } from '../watermark.ts';

export const PROFILES_PATH = '/api/v1/profiles';
const GROUPS_PATH = '/api/v1/groups';
const GROUPS_PER_PAGE = 50;
/** Above 100 requests a minute to /profiles the vendor answers 406, not 429, and without a header (its documentation, 2026-08). */
export const PROFILES_THROTTLE = { throttleStatuses: [406] } as const;

export type RosterOptions = {
  readonly name: string;
  readonly base: URL;
  readonly perPage: number;
  readonly http: Http;
  readonly reading: Reading;
  readonly policy: RowPolicy;
  /** Shared by the readings of a source: a full one reads `/groups`, a delta uses what it read. */
  readonly departments: { known?: DepartmentsRead | undefined };
  readonly timing: Timing;
};

/** What one reading asks of `/profiles`, and what it learns there. */
export class Roster {
  readonly tally: RowTally;
  readonly newest = new Newest();
  readonly #options: RosterOptions;
  #departments: Promise<DepartmentsRead> | undefined;
  #departmentWarning: string | undefined;
  /** `/groups` was read in this reading: a group that is not there is of no use to look for again. */
  #areFresh: boolean;

  constructor(options: RosterOptions) {
    this.#options = options;
    this.tally = new RowTally(options.policy);
    this.#areFresh = options.departments.known === undefined;
    if (options.departments.known !== undefined) this.#departments = Promise.resolve(options.departments.known);
  }

  get signal(): AbortSignal {
    return this.#options.reading.signal;
  }

  /** One page, newest change first if asked for; the vendor may not do it. */
  async fetchPage(page: number, sort?: '-updated_at'): Promise<Page<RosterRow>> {
    const { base, perPage, http, reading } = this.#options;
    const query = { page, per_page: perPage, ...(sort === undefined ? {} : { sort }) };
    const { json, headers } = await http.getJson(join(base, PROFILES_PATH, query), reading, PROFILES_THROTTLE);
    const { profiles: received, meta } = this.#parse(json);
    const rows = await this.#toRows(received);
    const nowMs = Date.parse(headers.get('date') ?? '');
    this.newest.noteTime(nowMs);
    for (const row of rows) this.newest.note(row, Number.isNaN(nowMs) ? this.#options.timing.wallMs() : nowMs);
    return {
      rows,
      received: received.length,
      fingerprint: fingerprintOf(rows.map((row) => row.externalId)),
      declaredTotal: readTotal(meta.total_count) ?? readTotal(meta.total),
    };
  }

  /** One profile, or `gone` where the vendor says in its own words that there is none: a gateway's 404 says nothing. */
  async fetchOne(id: string): Promise<RosterRow | 'gone'> {
    const { name, base, http } = this.#options;
    const reading = this.#options.reading.within(SINGLE_READ_BUDGET_MS);
    // Neither is escaped, and either would lead to another address.
    if (id === '.' || id === '..') throw contract(name, 'an id that cannot be asked for');
    const url = join(base, `${PROFILES_PATH}/${encodeURIComponent(id)}`);
    const { json, status } = await http.getJson(url, reading, { ...PROFILES_THROTTLE, alsoStatuses: [404, 410] });
    if (status === 410 || (status === 404 && NotFound.safeParse(json).success)) return 'gone';
    const [profile] = status === 404 ? [] : this.#parse(json).profiles;
    // Before it is counted: a row without an id would spoil the listing, and this is none of its rows.
    const isReadable = readId(Profile.safeParse(profile).data?.id) !== undefined;
    const [row] = isReadable ? await this.#toRows([profile]) : [];
    if (row === undefined) throw contract(name, 'the answer to a single read is no profile');
    return row;
  }

  warnings(): readonly string[] {
    const own = this.#departmentWarning === undefined ? [] : [this.#departmentWarning];
    return [...own, ...this.tally.warnings()];
  }

  #parse(json: unknown): ProfilesPage {
    const parsed = ProfilesPage.safeParse(json);
    if (parsed.success) return parsed.data;
    throw contract(this.#options.name, 'the answer has no list of profiles; check company or baseUrl');
  }

  async #toRows(received: readonly unknown[]): Promise<readonly RosterRow[]> {
    const profiles = received.map((row) => Profile.safeParse(row).data);
    const groups = profiles.flatMap((profile) => (profile === undefined ? [] : groupsForDepartment(profile)));
    const read = groups.length > 0 ? await this.#departmentsOf(groups) : undefined;
    const departments = read?.kind === 'read' ? read.departments : new Map<string, string>();
    if (read?.kind === 'left-out') this.#departmentWarning = read.warning;
    return this.tally.addAll(
      profiles.map((profile) => (profile === undefined ? undefined : toAccount(profile, departments))),
    );
  }

  /** As they were read before, unless a profile is in a group that is newer than that. */
  async #departmentsOf(groups: readonly string[]): Promise<DepartmentsRead> {
    const known = await this.#readDepartments();
    if (known.kind !== 'read' || groups.every((id) => known.groups.has(id))) return known;
    if (!this.#areFresh) this.#departments = undefined;
    this.#areFresh = true;
    return await this.#readDepartments();
  }

  /** Pages that come in side by side share one reading. */
  async #readDepartments(): Promise<DepartmentsRead> {
    const { name, base, http, reading, departments } = this.#options;
    this.#departments ??= readDepartments(name, async (page) => {
      const url = join(base, GROUPS_PATH, { page, per_page: GROUPS_PER_PAGE });
      return (await http.getJson(url, reading)).json;
    });
    departments.known = await this.#departments;
    return departments.known;
  }
}
