import { setTimeout as sleep } from 'node:timers/promises';
import { type ErrorCode, OperationalError } from '../errors.ts';
import type { ChannelOutcome, ChannelStore, Turn } from '../ports/alerts.ts';
import type { Clock } from '../ports/surroundings.ts';

export type TakenTurn = {
  readonly unanswered: boolean;
  readonly settle: (outcome: ChannelOutcome) => Promise<number>;
};

/** Somebody else is sending, or has just sent. What takes longer is waited for in the queue. */
const WAIT_MAX_MS = 15_000;
/** In all, when others are always quicker. */
const TRIES_MAX = 40;
/** Two that wait for the same moment find out who is first sooner than the other's whole turn. */
const STEP_MIN_MS = 20;

/** Waits for the right to send one request, which all processes share. */
export function createTurns(channel: ChannelStore, clock: Clock): { take(signal: AbortSignal): Promise<TakenTurn> } {
  // A person has started this process, and may have mended the channel: its first request goes out whatever was known before.
  let isFirst = true;
  return {
    take: async (signal) => {
      for (let tries = 1; tries <= TRIES_MAX; tries += 1) {
        const turn = await takeOrGoWithout(channel, isFirst);
        if (turn.kind === 'none') return WITHOUT_TURN;
        if (turn.kind === 'yours') {
          isFirst = false;
          const { number, unanswered } = turn;
          return { unanswered, settle: (outcome) => channel.settle(number, outcome) };
        }
        if (turn.kind === 'failing') throw kept(turn.isDead ? 'slack-gone' : 'slack-unavailable', turn.reason, turn.ms);
        if (turn.ms > WAIT_MAX_MS) throw kept('slack-unavailable', turn.reason ?? 'Slack has asked to wait', turn.ms);
        // Nobody has failed: whoever takes it next may send it at once.
        if (!(await waited(turn.ms, signal)))
          throw kept('slack-unavailable', 'there was no time left to send to Slack', 0);
      }
      throw kept('slack-unavailable', 'others send all the time', WAIT_MAX_MS);
    },
  };

  function kept(code: 'slack-gone' | 'slack-unavailable', reason: string, ms: number): OperationalError {
    return new OperationalError(code, reason, { notBefore: new Date(clock().getTime() + ms) });
  }
}

/** What the database cannot write down is no turn: what then has to be told is just that. */
const UNWRITABLE = new Set<ErrorCode>(['database-full', 'database-read-only']);
const WITHOUT_TURN: TakenTurn = { unanswered: false, settle: async () => await Promise.resolve(0) };

async function takeOrGoWithout(
  channel: ChannelStore,
  evenIfFailing: boolean,
): Promise<Turn | { readonly kind: 'none' }> {
  try {
    return await channel.takeTurn(evenIfFailing);
  } catch (error) {
    if (error instanceof OperationalError && UNWRITABLE.has(error.code)) return { kind: 'none' };
    throw error;
  }
}

async function waited(ms: number, signal: AbortSignal): Promise<boolean> {
  try {
    await sleep(Math.max(STEP_MIN_MS, ms), undefined, { signal });
    return true;
  } catch {
    return false;
  }
}
