import { bigint, boolean, integer, text } from 'drizzle-orm/pg-core';
import { instant } from './columns.ts';
import { rollcall } from './rosters.ts';

/**
 * How the way to people stands, for all processes and across restarts: whose turn it is, how long to wait, whether it is dead. One row an
 * address, which is never here itself: a new one is another row, and begins well.
 */
export const alertChannel = rollcall.table('alert_channel', {
  /** Digest of the webhook's address. */
  id: text('id').primaryKey(),
  /** Counts requests: only who had the last turn may say how it ended. */
  turn: bigint('turn', { mode: 'number' }).notNull().default(0),
  /** Nobody sends before this: one message a second, somebody is sending, or Slack has said so. */
  notBefore: instant('not_before'),
  /** While it fails: when it is tried again. */
  retryAt: instant('retry_at'),
  failures: integer('failures').notNull().default(0),
  failingSince: instant('failing_since'),
  deadSince: instant('dead_since'),
  /** Our own sentence about the last failure. */
  reason: text('reason'),
  /** The last request had no answer: it may have been taken all the same. */
  unanswered: boolean('unanswered').notNull().default(false),
});
