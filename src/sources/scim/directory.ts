import type { RosterRow, RowPolicy } from '../../core/row.ts';
import { join } from '../address.ts';
import { contract } from '../failures.ts';
import { readId, readTotal } from '../fields.ts';
import type { Http } from '../http.ts';
import { fingerprintOf } from '../pages.ts';
import { SINGLE_READ_BUDGET_MS, type Reading } from '../reading.ts';
import { RowTally } from '../row-tally.ts';
import type { Timing } from '../timing.ts';
import { Newest } from '../watermark.ts';
import { ListResponse, NotFound, User } from './schema.ts';
import { toAccount } from './to-account.ts';

export const USERS_PATH = '/Users';
/** Longer, and no request line would hold it. */
const CURSOR_LENGTH_MAX = 4096;
export const SCIM_HEADERS = { accept: 'application/scim+json, application/json;q=0.9, */*;q=0.1' } as const;

export type DirectoryOptions = {
  readonly name: string;
  readonly base: URL;
  readonly http: Http;
  readonly reading: Reading;
  readonly policy: RowPolicy;
  readonly timing: Timing;
};

export type Query = Readonly<Record<string, string | number>>;

/** One answer of `/Users`. */
export type Answer = {
  readonly rows: readonly RosterRow[];
  readonly received: number;
  readonly fingerprint: string;
  readonly declaredTotal?: number | undefined;
  readonly startIndex?: number | undefined;
  readonly nextCursor?: string | undefined;
};

/** What one reading asks of a SCIM server, and what it learns there. */
export class Directory {
  readonly tally: RowTally;
  readonly newest = new Newest();
  readonly #options: DirectoryOptions;

  constructor(options: DirectoryOptions) {
    this.#options = options;
    this.tally = new RowTally(options.policy);
  }

  get signal(): AbortSignal {
    return this.#options.reading.signal;
  }

  /** `refused` for one of the statuses by which a server says that it has nothing for this question. */
  async fetchList(query: Query, refusals: readonly number[] = []): Promise<Answer | 'refused'> {
    const { base, http, reading } = this.#options;
    const options = { headers: SCIM_HEADERS, alsoStatuses: refusals };
    const url = join(base, USERS_PATH, query);
    // Not every server takes a plus sign for a blank.
    url.search = url.search.replaceAll('+', '%20');
    const { json, status, headers } = await http.getJson(url, reading, options);
    if (refusals.includes(status)) return 'refused';
    const { total, received, startIndex, nextCursor } = this.#parse(json);
    const serverMs = Date.parse(headers.get('date') ?? '');
    this.newest.noteTime(serverMs);
    const rows = this.#toRows(received, serverMs);
    return {
      rows,
      received: received.length,
      fingerprint: fingerprintOf(rows.map((row) => row.externalId)),
      // Less than what it comes with is no total.
      declaredTotal: total !== undefined && total < received.length ? undefined : total,
      startIndex: readTotal(startIndex),
      nextCursor: this.#readCursor(nextCursor),
    };
  }

  /** One user, or `gone` where the server says in its own words that there is none: a gateway's 404 says nothing. */
  async fetchOne(id: string): Promise<RosterRow | 'gone'> {
    const { name, base, http } = this.#options;
    const reading = this.#options.reading.within(SINGLE_READ_BUDGET_MS);
    // A path would leave these out, and another resource would answer.
    if (id === '.' || id === '..') throw contract(name, 'a user cannot be asked for by its id');
    const url = join(base, `${USERS_PATH}/${encodeURIComponent(id)}`);
    const { json, status } = await http.getJson(url, reading, { headers: SCIM_HEADERS, alsoStatuses: [404] });
    if (status === 404 && NotFound.safeParse(json).success) return 'gone';
    // Before it is counted: a row without an id would spoil the listing, and this is none of its rows.
    const isIt = status !== 404 && readId(User.safeParse(json).data?.id) === id;
    const [row] = isIt ? this.#toRows([json], Number.NaN) : [];
    if (row?.externalId !== id) throw contract(name, 'the answer to a single read is another user, or none');
    return row;
  }

  #parse(json: unknown) {
    const page = ListResponse.safeParse(json).data;
    const total = readTotal(page?.totalResults);
    const received = page?.Resources ?? (total === 0 ? [] : undefined);
    if (page !== undefined && received !== undefined) return { ...page, total, received };
    const text = 'the answer has no list of resources; check baseUrl, which ends before /Users';
    throw contract(this.#options.name, text);
  }

  #toRows(received: readonly unknown[], serverMs: number): readonly RosterRow[] {
    const { policy, timing } = this.#options;
    const users = received.map((row) => User.safeParse(row).data);
    const rows = this.tally.addAll(users.map((user) => (user === undefined ? undefined : toAccount(user, policy))));
    for (const row of rows) this.newest.note(row, Number.isNaN(serverMs) ? timing.wallMs() : serverMs);
    return rows;
  }

  #readCursor(value: unknown): string | undefined {
    if (value === undefined || value === null || value === '') return undefined;
    const cursor = readId(value);
    if (cursor !== undefined && cursor.length <= CURSOR_LENGTH_MAX) return cursor;
    throw contract(this.#options.name, 'the place of the next page (nextCursor) is no text that could be sent back');
  }
}
