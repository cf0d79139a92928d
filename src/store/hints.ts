import type pg from 'pg';
import type { PgBoss } from 'pg-boss';
import { JOBS_SCHEMA } from './jobs-schema.ts';

export const HINT_QUEUE = 'hint';
/** At 90 requests a minute these take two minutes; where more wait, reading the changes by pages is quicker. */
const WAITING_MAX = 200;

// Ids that wait already add nothing: their jobs coalesce.
const COUNT_WAITING = `
  select count(*) as waiting, count(*) filter (where state = 'created' and singleton_key = any ($2::text[])) as known
    from ${JOBS_SCHEMA}.job where name = $1 and state in ('created', 'retry')`;

type Batch = { readonly ids: Set<string>; readonly written: Promise<'waiting' | 'too many'> };

/**
 * Stores hints, one job an id. Calls that come while one is written are written together by the next, so that a flood costs two
 * statements a round trip and not two a call; each call is answered when its ids are stored.
 */
export class Hints {
  readonly #pool: pg.Pool;
  readonly #boss: PgBoss;
  readonly #overflow: (sources: readonly string[], hints: number) => Promise<void>;
  #gathering: Batch | undefined;
  #last: Promise<unknown> = Promise.resolve();

  /** `overflow` is told once for all calls of a batch that found too many waiting. */
  constructor(pool: pg.Pool, boss: PgBoss, overflow: (sources: readonly string[], hints: number) => Promise<void>) {
    this.#pool = pool;
    this.#boss = boss;
    this.#overflow = overflow;
  }

  async ask(ids: readonly string[], sources: readonly string[]): Promise<void> {
    this.#gathering ??= this.#open(sources);
    const { written } = this.#gathering;
    for (const id of ids) this.#gathering.ids.add(id);
    await written;
  }

  #open(sources: readonly string[]): Batch {
    const ids = new Set<string>();
    const written = this.#last.then(async () => {
      this.#gathering = undefined;
      const result = await this.#write([...ids]);
      if (result === 'too many') await this.#overflow(sources, ids.size);
      return result;
    });
    this.#last = written.catch(() => undefined);
    return { ids, written };
  }

  async #write(ids: readonly string[]): Promise<'waiting' | 'too many'> {
    const { rows } = await this.#pool.query<{ waiting: number; known: number }>(COUNT_WAITING, [HINT_QUEUE, ids]);
    const { waiting = 0, known = 0 } = rows[0] ?? {};
    if (waiting + ids.length - known > WAITING_MAX) return 'too many';
    await this.#boss.insert(
      HINT_QUEUE,
      ids.map((id) => ({ data: { id }, singletonKey: id })),
    );
    return 'waiting';
  }
}
