import { createHash } from 'node:crypto';
import type { ChannelOutcome, ChannelStore, Standing, Turn } from '../ports/alerts.ts';
import type { Database } from './database.ts';
import { named } from './errors.ts';

/** Slack takes one message a second from a webhook. Counted from an answer: what was sent may have been under way for long. */
const GAP_MS = 1_000;
/** Longer than a request may take. After it a process that holds the turn counts as dead. */
const TURN_MS = 12_000;
/** A channel that fails is tried again after this, doubled with each failure. */
const RETRY_MIN_S = 30;
const RETRY_MAX_S = 600;
const DOUBLINGS_MAX = 10;
/** A dead one once a day: an administrator may have brought it back, and no worker has to be started anew for that. */
const DEAD_RETRY_S = 86_400;

const MAKE_KNOWN = 'insert into rollcall.alert_channel (id) values ($1) on conflict (id) do nothing';

// `clock_timestamp()`: two processes that ask at once are served one after the other, and the second one must see what time it is then.
const TAKE = `
  update rollcall.alert_channel
     set turn = turn + 1, not_before = clock_timestamp() + $3 * interval '1 millisecond'
   where id = $1
     and coalesce(not_before <= clock_timestamp(), true)
     and ($2 or coalesce(retry_at <= clock_timestamp(), true))
  returning turn, unanswered`;

const LOOK = `
  select ${msUntil('not_before')} as wait, ${msUntil('retry_at')} as retry,
         failing_since, dead_since, reason,
         coalesce((extract(epoch from clock_timestamp() - failing_since) * 1000)::bigint, 0) as failing
    from rollcall.alert_channel where id = $1`;

// A turn that lapsed is another's by now: its time stays, unless what was told lasts longer.
const NEXT = `
  not_before = case when turn = $2 then clock_timestamp() + $3 * interval '1 millisecond'
                    else greatest(not_before, clock_timestamp() + $3 * interval '1 millisecond') end`;
const SETTLE = {
  answered: `retry_at = null, failures = 0, failing_since = null, dead_since = null, reason = null, unanswered = false`,
  // Only the next answer ends it: a limit that comes again and again is an outage to who waits for a message.
  told: `
    failing_since = coalesce(failing_since, clock_timestamp()), unanswered = false,
    reason = case when dead_since is null then $4 else reason end`,
  cut: 'unanswered = true',
  failing: `
    failures = failures + 1, failing_since = coalesce(failing_since, clock_timestamp()), unanswered = $5,
    reason = case when dead_since is null then $4 else reason end,
    retry_at = clock_timestamp()
             + least(${RETRY_MAX_S}, ${RETRY_MIN_S} * 2 ^ least(failures, ${DOUBLINGS_MAX})) * interval '1 second'`,
  dead: `
    failing_since = coalesce(failing_since, clock_timestamp()), dead_since = coalesce(dead_since, clock_timestamp()),
    reason = $4, unanswered = false, retry_at = clock_timestamp() + ${DEAD_RETRY_S} * interval '1 second'`,
} as const satisfies Record<ChannelOutcome['kind'], string>;

type Row = {
  readonly wait: number;
  readonly retry: number;
  readonly failing_since: string | null;
  readonly dead_since: string | null;
  readonly reason: string | null;
  readonly failing: number;
};

/** One row an address; the address itself is a secret and stays out of the database. */
export function createChannelStore({ pool }: Pick<Database, 'pool'>, address: string): ChannelStore {
  const id = createHash('sha256').update(address).digest('hex');
  const look = async (): Promise<Row | undefined> => (await pool.query<Row>(LOOK, [id])).rows[0];
  return {
    takeTurn: (evenIfFailing) =>
      named('wait for a turn to send', async () => {
        await pool.query(MAKE_KNOWN, [id]);
        const { rows } = await pool.query<{ turn: number; unanswered: boolean }>(TAKE, [id, evenIfFailing, TURN_MS]);
        const [mine] = rows;
        if (mine !== undefined) return { kind: 'yours', number: mine.turn, unanswered: mine.unanswered };
        return toTurn(await look(), evenIfFailing);
      }),
    settle: (turn, outcome) =>
      named('say how sending ended', async () => {
        const { kind } = outcome;
        const gapMs = kind === 'told' ? Math.max(GAP_MS, outcome.waitMs) : GAP_MS;
        const told = 'reason' in outcome ? [outcome.reason] : [];
        const silence = kind === 'failing' ? [outcome.unanswered] : [];
        const { rows } = await pool.query<{ ms: number }>(
          `update rollcall.alert_channel set ${NEXT}, ${SETTLE[kind]} where id = $1
           returning ${msUntil('greatest(not_before, retry_at)')} as ms`,
          [id, turn, gapMs, ...told, ...silence],
        );
        return rows[0]?.ms ?? gapMs;
      }),
    standing: () => named('look at the channel', async () => toStanding(await look())),
  };
}

function toTurn(row: Row | undefined, evenIfFailing: boolean): Turn {
  if (row === undefined) return { kind: 'wait', ms: GAP_MS };
  const { wait, retry, reason, dead_since: deadSince } = row;
  if (!evenIfFailing && retry > wait) {
    return { kind: 'failing', ms: retry, isDead: deadSince !== null, reason: reason ?? 'it failed' };
  }
  return { kind: 'wait', ms: Math.max(0, wait), reason: reason ?? undefined };
}

function toStanding(row: Row | undefined): Standing {
  return {
    failingMs: row?.failing ?? 0,
    failingSince: row?.failing_since ?? undefined,
    deadSince: row?.dead_since ?? undefined,
    reason: row?.reason ?? undefined,
  };
}

function msUntil(column: string): string {
  return `coalesce(ceil(extract(epoch from ${column} - clock_timestamp()) * 1000)::bigint, 0)`;
}
