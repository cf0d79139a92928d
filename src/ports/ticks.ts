import type { Instant } from '../core/row.ts';

/** The key of the configuration that a schedule stands under. */
export type ScheduleKey = 'schedule' | 'fullSchedule';
export type TickKey = { readonly sourceId: number; readonly key: ScheduleKey };
/** The last fire of a schedule that anybody took; the first time, the moment at which it was made known. */
export type LastFire = TickKey & { readonly lastFire: Instant };

/** One fire of a schedule that is due. */
export type Fire = LastFire & {
  readonly source: string;
  readonly at: Date;
  /** How many fires came too late or not at all; this one takes their place. */
  readonly missed: number;
};

/** `not_elected`: another worker has taken it. `coalesced`: the source is being read, or waits to be; that reading counts. */
export type Taken = 'asked' | 'coalesced' | 'not_elected';

export type TickCount = {
  readonly source: string;
  readonly schedule: ScheduleKey;
  readonly lastFire: Instant;
  readonly missed: number;
  readonly coalesced: number;
};

/** What the database remembers of the schedules, for all workers together. */
export interface TickStore {
  /** Of these schedules, with the database's own time: all workers go by one clock. A schedule that is new is remembered as fired now. */
  load(keys: readonly TickKey[]): Promise<{ readonly now: Instant; readonly fires: readonly LastFire[] }>;
  /** Takes a fire and asks for its job in one transaction, once however many workers try. */
  take(fire: Fire): Promise<Taken>;
  /** How the schedules of the configured sources go, for metrics. */
  counts(): Promise<readonly TickCount[]>;
  /** Forgets a fire that is in the future: the clock was wrong. From now on is counted. */
  forget(fire: LastFire): Promise<void>;
}
