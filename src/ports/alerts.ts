import type { Alert } from './store.ts';

/** A job taken from the queue: exactly one of `done`, `failed` and a `fold` that is true follows. */
export type AlertJob = {
  readonly id: string;
  readonly alert: Alert;
  done(): Promise<void>;
  failed(error: Error): Promise<void>;
  /** See `Fold`. */
  readonly fold: Fold;
};
/** Puts this alert and all others that wait into one catch-up, which waits in their place. False: no other waits. */
type Fold = () => Promise<boolean>;

/** `first`: in full, unless it was read to its end meanwhile: of several processes that see a new source, one reads it. */
export type SyncMode = 'full' | 'delta' | 'first';

export interface Queue {
  /** Takes waiting alerts, oldest first, at most `limit`; a digest of the day not before its time. */
  takeAlerts(limit: number): Promise<readonly AlertJob[]>;
  /** Not delivered yet: waiting, to be tried again, or being sent by another process. Without a digest that waits for its time of the day. */
  waitingAlerts(): Promise<number>;
  /** Asks for a sync of a source, not before `startAfter`; one waiting job a source at most. */
  askSync(source: string, mode: SyncMode, startAfter?: Date): Promise<void>;
  /** 0: at once, also where one waits for a later moment. */
  askReconcile(delaySeconds: number): Promise<void>;
  /**
   * Asks for single rows, one waiting job an id at most. Where too many wait, the changes of these sources are asked for instead: they
   * show the same.
   */
  askHints(ids: readonly string[], sources: readonly string[]): Promise<void>;
  /** Hands jobs to the worker until `stop`. */
  work(handlers: JobHandlers): Promise<void>;
  /**
   * Takes no more jobs and lets those in hand end: for `graceMs` or until `hurry`, then they are aborted and put back (`cut`).
   * Resolves when their handlers have ended, or some seconds after the abort.
   */
  stop(graceMs: number, hurry?: AbortSignal): Promise<Stopped>;
  /** Nothing while jobs are taken, else why not, for people. */
  trouble(): string | undefined;
  /** Asks that old history be removed, once an hour however many workers ask. */
  askSweep(): Promise<void>;
  /** What was given up and not made up for since, by queue and code; the largest first. */
  deadLetters(): Promise<readonly DeadLetter[]>;
  /** Every queue, also those in which nothing waits. */
  depths(): Promise<readonly QueueDepth[]>;
}
export type DeadLetter = { readonly queue: string; readonly code: string; readonly count: number };
export type QueueDepth = {
  readonly queue: string;
  /** Not begun, those to be tried again included. */
  readonly waiting: number;
  /** How long the oldest that is due waits for somebody to take it. */
  readonly oldestSeconds: number;
};
export type Stopped = 'drained' | 'cut';
export type JobHandlers = {
  readonly sync: (job: { readonly source: string; readonly mode: SyncMode }, signal: AbortSignal) => Promise<void>;
  readonly hint: (ids: readonly string[], signal: AbortSignal) => Promise<void>;
  readonly reconcile: (signal: AbortSignal) => Promise<void>;
  readonly alert: (alert: Alert, signal: AbortSignal, fold: Fold) => Promise<void>;
  readonly sweep: (signal: AbortSignal) => Promise<void>;
};

/** Where people are told. A dry run and a missing webhook are other channels, chosen in wire.ts. */
export interface AlertChannel {
  readonly name: string;
  /**
   * Throws OperationalError: with `notBefore` the message is kept until then, because the channel does not take any (`slack-unavailable`,
   * `slack-unanswered`: it may have taken this one, `slack-gone`, `network-refused`); `slack-rejected` is this message's own fault.
   */
  send(message: ChannelMessage, signal: AbortSignal): Promise<void>;
}
/** `text` is the fallback and what a terminal shows; `blocks` is Slack Block Kit JSON. */
export type ChannelMessage = { readonly text: string; readonly blocks: readonly object[] };

/** How a channel stands, as all processes know it together: it outlives each of them. By the database's clock. */
export interface ChannelStore {
  /** The right to send one request. `evenIfFailing`: also before the time at which a failing or dead channel is tried again. */
  takeTurn(evenIfFailing: boolean): Promise<Turn>;
  /** What came of it, and in how many milliseconds the next may try. Without this nobody else sends for some seconds. */
  settle(turn: number, outcome: ChannelOutcome): Promise<number>;
  standing(): Promise<Standing>;
}
export type Turn =
  /** `unanswered`: the request before this one had no answer, whoever sent it. */
  | { readonly kind: 'yours'; readonly number: number; readonly unanswered: boolean }
  /** Somebody else is sending, or was asked to wait: then it says so. */
  | { readonly kind: 'wait'; readonly ms: number; readonly reason?: string | undefined }
  /** It does not work, and it is not yet time to try it again. */
  | { readonly kind: 'failing'; readonly ms: number; readonly isDead: boolean; readonly reason: string };
export type ChannelOutcome =
  /** It works, whatever it says of this message. */
  | { readonly kind: 'answered' }
  /** Told to wait. */
  | { readonly kind: 'told'; readonly reason: string; readonly waitMs: number }
  /** Cut by ourselves. */
  | { readonly kind: 'cut' }
  | { readonly kind: 'failing'; readonly reason: string; readonly unanswered: boolean }
  /** Only a person can mend it. */
  | { readonly kind: 'dead'; readonly reason: string };
/** Times are ISO; absent while it works. */
export type Standing = {
  readonly failingSince?: string | undefined;
  readonly failingMs: number;
  readonly deadSince?: string | undefined;
  readonly reason?: string | undefined;
};
