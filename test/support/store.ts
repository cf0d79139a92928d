import type { Database } from '../../src/store/database.ts';
import { createSourceStore } from '../../src/store/sources.ts';
import { judgeListing } from '../../src/core/verdict.ts';
import type { ListingCounts, ListingEnd, Mode, Verdict } from '../../src/core/listing.ts';
import type { RosterRow } from '../../src/core/row.ts';
import type { SourceSpec } from '../../src/ports/sources.ts';
import type { Recorded, SourceStore, StoredSource } from '../../src/ports/store.ts';
import { aListingEnd } from './builders.ts';
import { migrateUrl, openTestDatabase } from './database.ts';
import { createMigratedDatabase } from './postgres.ts';

/** A migrated database of its own, open; disposing of it closes and drops. */
export type TestStore = Database & {
  readonly url: string;
  readonly sources: SourceStore;
  [Symbol.asyncDispose](): Promise<void>;
};

/** `open`: by another way than the plain one. */
export async function openTestStore(open: (url: string) => Database = openTestDatabase): Promise<TestStore> {
  const database = await createMigratedDatabase(migrateUrl);
  const opened = open(database.url);
  return {
    ...opened,
    url: database.url,
    sources: createSourceStore(opened),
    [Symbol.asyncDispose]: async () => {
      await opened.close();
      await database[Symbol.asyncDispose]();
    },
  };
}

export function aSpec(overrides: Partial<SourceSpec> = {}): SourceSpec {
  return {
    name: 'nimble',
    type: 'nimble',
    authoritative: false,
    audited: false,
    minRows: 0,
    schedule: '*/15 * * * *',
    correlateEmployeeId: false,
    keyDigest: 'key-1',
    credential: true,
    ...overrides,
  };
}

export type Listed = {
  readonly mode?: Mode | undefined;
  /** Each inner list is one batch. */
  readonly batches: readonly (readonly RosterRow[])[];
  readonly at: Date;
  readonly startedAt?: Date | undefined;
  readonly end?: Partial<ListingEnd> | undefined;
  /** Instead of the verdict that the core finds. */
  readonly verdict?: Verdict | undefined;
  readonly watermark?: string | undefined;
};
export type Read = { readonly counts: ListingCounts; readonly verdict: Verdict; readonly recorded: Recorded };

/** Claims, stages, counts, judges (ratio 0.2) and records one listing, as the worker does. */
export async function read(store: TestStore, source: StoredSource, listed: Listed): Promise<Read> {
  const { at, mode = 'full' } = listed;
  const claim = await store.sources.claim(source.id, 'test', () => at, { ms: 0 });
  const intake = await store.sources.openIntake(claim, mode);
  try {
    for (const batch of listed.batches) await intake.stage(batch);
    const end = aListingEnd({ rowsSeen: listed.batches.flat().length, ...listed.end });
    const ended = end.outcome.kind === 'ended' && listed.verdict?.kind !== 'incomplete';
    const counts = await intake.count(mode === 'full' && ended, at);
    const verdict = listed.verdict ?? judgeListing(end, counts, { mode, minRows: 0, ratio: 0.2 });
    const recorded = await intake.record({
      mode,
      end,
      verdict,
      startedAt: listed.startedAt ?? at,
      finishedAt: at,
      watermark: listed.watermark,
    });
    return { counts, verdict, recorded };
  } finally {
    await intake.discard();
    await store.sources.releaseClaim(claim);
  }
}

/** What a person does with `breaker release`, as far as the store's counting is concerned. */
export async function release(store: TestStore, breakerId: number, at: Date): Promise<void> {
  await store.pool.query(
    `update rollcall.breaker set closed_at = $2, closed_by = 'kim', released = true, reason = 'checked' where id = $1`,
    [breakerId, at],
  );
}
