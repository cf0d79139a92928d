import { OperationalError, type ErrorCode } from '../../errors.ts';
import { join } from '../address.ts';
import { parseJson } from '../body.ts';
import { readBoolean, readTotal } from '../fields.ts';
import type { Http } from '../http.ts';
import type { Reading } from '../reading.ts';
import { SCIM_HEADERS } from './directory.ts';
import { ProviderConfig } from './schema.ts';

/** What a server announces. It decides how it is asked, never what is believed: answers prove themselves. */
export type Abilities = {
  readonly filters: boolean;
  readonly cursors: boolean;
  /** Rows to ask for at once. */
  readonly count: number;
};

const CONFIG_PATH = '/ServiceProviderConfig';
/** What the strictest of the known servers allow. */
const COUNT = 100;
const MODEST: Abilities = { filters: false, cursors: false, count: COUNT };
/** Nothing is announced, or not to us; whether there is a roster, only the roster says. */
const SILENT: ReadonlySet<ErrorCode> = new Set(['source-contract', 'source-forbidden', 'source-too-large']);
const CONFIG_BYTES_MAX = 1_048_576;
const ETAG = /^(?:W\/)?"[\x21\x23-\x7e]{0,200}"$/u;

/** `/ServiceProviderConfig` of one server, asked for again by its ETag: 304 means that what is known still holds. */
export class Provider {
  readonly #http: Http;
  readonly #url: URL;
  #known: { readonly abilities: Abilities; readonly etag: string } | undefined;

  constructor(http: Http, base: URL) {
    this.#http = http;
    this.#url = join(base, CONFIG_PATH);
  }

  /** Throws OperationalError where the server cannot be read at all. */
  async read(reading: Reading): Promise<Abilities> {
    const known = this.#known;
    const condition = known === undefined ? {} : { 'if-none-match': known.etag };
    try {
      const { bytes, status, headers } = await this.#http.getBytes(this.#url, reading, {
        headers: { ...SCIM_HEADERS, ...condition },
        alsoStatuses: [304],
        capBytes: CONFIG_BYTES_MAX,
      });
      if (known !== undefined && status === 304) return known.abilities;
      const abilities = toAbilities(bytes);
      const etag = headers.get('etag') ?? '';
      this.#known = ETAG.test(etag) ? { abilities, etag } : undefined;
      return abilities;
    } catch (error) {
      if (!(error instanceof OperationalError) || !SILENT.has(error.code)) throw error;
      this.#known = undefined;
      return MODEST;
    }
  }
}

function toAbilities(bytes: Uint8Array): Abilities {
  const parsed = parseJson(bytes);
  const config = parsed.kind === 'json' ? ProviderConfig.safeParse(parsed.json).data : undefined;
  if (config === undefined) return MODEST;
  const limits = [readTotal(config.filter?.maxResults), readTotal(config.pagination?.maxPageSize)];
  return {
    filters: readBoolean(config.filter?.supported) === true,
    cursors: readBoolean(config.pagination?.cursor) === true,
    // 0 is what some servers write for "no limit".
    count: Math.min(COUNT, ...limits.flatMap((limit) => (limit === undefined || limit === 0 ? [] : [limit]))),
  };
}
