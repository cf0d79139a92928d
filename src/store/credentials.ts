import pLimit from 'p-limit';
import pg from 'pg';
import { OperationalError } from '../errors.ts';
import type { CredentialStore, StoredCredential, TokenSet } from '../ports/credentials.ts';
import type { SourceSpec } from '../ports/sources.ts';
import type { Clock } from '../ports/surroundings.ts';
import { type Database, inTransaction } from './database.ts';
import { named } from './errors.ts';
import { keyIdOf, seal, unseal, type Sealed } from './seal.ts';
import { findRow } from './sync-sources.ts';

/** `keys`: the first one seals, each of them opens. */
type Options = { readonly keys: readonly Uint8Array[]; readonly clock: Clock };

/** Each holds a connection while it asks a vendor; many sources that renew at once must leave some to the others. */
const RENEWALS_MAX = 2;

type Row = Sealed & { readonly id: number; readonly source: string; readonly state: 'live' | 'ended' };

const SELECT = `
  select s.id, s.name as source, c.state, c.ciphertext, c.nonce, c.tag, c.key_id as "keyId"
    from rollcall.credential c join rollcall.source s on s.id = c.source_id`;
/** Without those that have ended, and those of sources that were taken out: a change of keys leaves them as they are. What was signed in to
 * before any worker has read it (introduce-source.ts) is retired since it was made. */
const SELECT_LIVE = `${SELECT} where c.state = 'live' and (s.retired_at is null or s.retired_at = s.created_at) order by s.name`;
const SELECT_ONE = `${SELECT} where s.name = $1`;

/** The OAuth tokens, sealed in table `credential`. */
export function createCredentialStore({ pool }: Pick<Database, 'pool'>, options: Options): CredentialStore {
  const { keys, clock } = options;
  const underWay = new Set<Promise<unknown>>();
  const limit = pLimit(RENEWALS_MAX);
  let isLeaving = false;
  return {
    settled: async () => {
      isLeaving = true;
      await Promise.allSettled(underWay);
    },
    load: async (source) => {
      const { rows } = await named('load a credential', pool.query<Row>(SELECT_ONE, [source]));
      return rows[0] === undefined ? undefined : open(keys, rows[0]);
    },
    renew: async (source, decide) => {
      const renewal = limit(async () => {
        // What was given to a process that ends would be lost.
        if (isLeaving) throw new OperationalError('busy', 'the process is being ended');
        return await inTransaction(pool, 'renew a credential', (client) => renew(client, { source, decide, options }));
      });
      underWay.add(renewal);
      try {
        return await renewal;
      } finally {
        underWay.delete(renewal);
      }
    },
    sealedByOthers: async () => {
      const { rows } = await named('look at the credentials', pool.query<Row>(SELECT_LIVE));
      return rows.filter((row) => !isOurs(keys, row)).map(({ source }) => source);
    },
    signIn: async (source, tokens, author) => {
      await inTransaction(pool, 'store a credential', async (client) => {
        const id = await findSource(client, source);
        await save(client, id, { tokens, options });
        await client.query(
          `insert into rollcall.audit (at, author, action, subject, reason, detail) values ($1, $2, 'login', $3, '', '{}')`,
          [clock().toISOString(), author, `source ${source}`],
        );
      });
    },
  };
}

type Renewal = {
  readonly source: string;
  readonly decide: Parameters<CredentialStore['renew']>[1];
  readonly options: Options;
};

async function renew(client: pg.PoolClient, renewal: Renewal): Promise<StoredCredential | undefined> {
  const { source, decide, options } = renewal;
  const row = await lockOne(client, source);
  if (row === undefined) return undefined;
  const stored = open(options.keys, row);
  const change = await decide(stored);
  if (change.kind === 'keep') return stored;
  if (change.kind === 'store') {
    await save(client, row.id, { tokens: change.tokens, options });
    return { kind: 'tokens', tokens: change.tokens };
  }
  const sql = `update rollcall.credential set state = 'ended', updated_at = $2 where source_id = $1`;
  await client.query(sql, [row.id, options.clock().toISOString()]);
  return { kind: 'ended' };
}

type Named = Pick<SourceSpec, 'name' | 'formerly'>;
/** `among`: all configured sources, of which `sources` sign in. */
type KeysToCheck = Options & {
  readonly sources: readonly Named[];
  readonly among: readonly Named[];
  readonly keep?: boolean | undefined;
};

/**
 * Before the worker starts: every stored credential of these sources opens, and is sealed with the newest key. Throws `config-invalid` when none of the
 * keys opens one: going on would end as an alert about people whose accounts nobody can read.
 */
export async function checkKeys({ pool }: Pick<Database, 'pool'>, options: KeysToCheck): Promise<void> {
  const newest = options.keys[0];
  if (newest === undefined) return;
  await inTransaction(pool, 'check the keys', async (client) => {
    const sql = `${SELECT} where s.name = any ($1) order by s.id for update of c`;
    const { rows } = await client.query<Row>(sql, [await namesNow(client, options)]);
    for (const row of rows) {
      const stored = open(options.keys, row);
      if (stored.kind === 'ended' || row.keyId === keyIdOf(newest) || options.keep === true) continue;
      await save(client, row.id, { tokens: stored.tokens, options });
    }
  });
}

/** What the database calls these sources before this start may rename them. */
async function namesNow(client: pg.PoolClient, { sources, among }: KeysToCheck): Promise<readonly string[]> {
  const { rows: known } = await client.query<{ name: string }>('select name from rollcall.source');
  const names = new Set(among.map(({ name }) => name));
  return sources.flatMap((source) => findRow(known, source, names)?.name ?? []);
}

/** A lock on the row, not an advisory one: it ends with the transaction, behind a transaction pooler too. */
async function lockOne(client: pg.PoolClient, source: string): Promise<Row | undefined> {
  try {
    return (await client.query<Row>(`${SELECT_ONE} for update of c`, [source])).rows[0];
  } catch (error) {
    // Waited for longer than `lock_timeout`: nothing is wrong with the database.
    if (!(error instanceof pg.DatabaseError) || error.code !== '55P03') throw error;
    throw new OperationalError('busy', 'another process is renewing the token');
  }
}

function isOurs(keys: readonly Uint8Array[], row: Row): boolean {
  return unseal(keys, placeOf(row.id), row) !== undefined;
}

function open(keys: readonly Uint8Array[], row: Row): StoredCredential {
  if (row.state === 'ended') return { kind: 'ended' };
  const text = unseal(keys, placeOf(row.id), row);
  const tokens = text === undefined ? undefined : parseTokens(text);
  if (tokens !== undefined) return { kind: 'tokens', tokens };
  throw new OperationalError(
    'config-invalid',
    `the stored tokens of ${row.source} do not open with this ROLLCALL_KEY; set the key they were stored with as ROLLCALL_KEY_PREVIOUS, or, if it is lost, run \`rollcall login ${row.source} --new-key\``,
  );
}

type Saving = { readonly tokens: TokenSet; readonly options: Options };

async function save(client: pg.PoolClient, id: number, { tokens, options }: Saving): Promise<void> {
  const [key] = options.keys;
  if (key === undefined) throw new Error('a credential is stored without a key');
  const { ciphertext, nonce, tag, keyId } = seal(key, placeOf(id), JSON.stringify(tokens));
  await client.query(
    `insert into rollcall.credential (source_id, ciphertext, nonce, tag, key_id, state, expires_at, updated_at)
     values ($1, $2, $3, $4, $5, 'live', $6, $7)
     on conflict (source_id) do update set ciphertext = excluded.ciphertext, nonce = excluded.nonce, tag = excluded.tag,
       key_id = excluded.key_id, state = excluded.state, expires_at = excluded.expires_at, updated_at = excluded.updated_at`,
    [id, ciphertext, nonce, tag, keyId, tokens.expiresAt, options.clock().toISOString()],
  );
}

async function findSource(client: pg.PoolClient, name: string): Promise<number> {
  const { rows } = await client.query<{ id: number }>('select id from rollcall.source where name = $1', [name]);
  const [row] = rows;
  if (row === undefined) throw new Error('a login for a source that was not made known');
  return row.id;
}

/** By the source's own number, which a new name does not change. */
function placeOf(sourceId: number): string {
  return `rollcall credential of source ${sourceId}`;
}

function parseTokens(text: string): TokenSet | undefined {
  const value: unknown = JSON.parse(text);
  if (typeof value !== 'object' || value === null) return undefined;
  const { access, refresh, grantedBy, obtainedAt, expiresAt } = {
    access: 0,
    refresh: undefined,
    grantedBy: 0,
    obtainedAt: 0,
    expiresAt: 0,
    ...value,
  };
  if (typeof access !== 'string' || typeof obtainedAt !== 'string' || typeof expiresAt !== 'string') return undefined;
  if (refresh !== undefined && typeof refresh !== 'string') return undefined;
  if (typeof grantedBy !== 'string') return undefined;
  return { access, refresh, grantedBy, obtainedAt, expiresAt };
}
