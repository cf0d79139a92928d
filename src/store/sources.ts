import { setTimeout as sleep } from 'node:timers/promises';
import { and, eq, isNull, lte, or, sql } from 'drizzle-orm';
import type { NodePgDatabase } from 'drizzle-orm/node-postgres';
import type { Mode } from '../core/listing.ts';
import { OperationalError } from '../errors.ts';
import type { Claim, Clock, Intake, SourceSpec, SourceStore, StoredSource } from '../ports.ts';
import type { Database } from './database.ts';
import { named } from './errors.ts';
import { openIntake } from './intake.ts';
import { source } from './schema/rosters.ts';
import { syncSources } from './sync-sources.ts';

/** A claim that is not extended lapses: a dead process holds nobody up longer than this (contract §2). */
const CLAIM_LAPSE_MS = 60_000;
const CLAIM_POLL_MS = 500;

/** The sources and who may write them. */
export function createSourceStore({ pool, db }: Database): SourceStore {
  return {
    syncSources: (specs: readonly SourceSpec[], now: Date): Promise<readonly StoredSource[]> =>
      named('make the sources known', () => syncSources(db, specs, now)),
    claim: (sourceId, holder, clock, waitMs) =>
      named('claim source', () => waitForClaim(db, { sourceId, holder }, clock, waitMs)),
    extendClaim: (claim, now) => named('extend claim', () => extendClaim(db, claim, now)),
    releaseClaim: (claim) =>
      named('release claim', async () => {
        await db.update(source).set({ claimedBy: null, claimExpiresAt: null }).where(isHeld(claim));
      }),
    saveNotBefore: (sourceId, until) =>
      named('save not_before', async () => {
        await db.update(source).set({ notBefore: until.toISOString() }).where(eq(source.id, sourceId));
      }),
    openIntake: (claim: Claim, mode: Mode): Promise<Intake> => openIntake(pool, claim, mode),
  };
}

type Asked = { readonly sourceId: number; readonly holder: string };

async function waitForClaim(db: NodePgDatabase, asked: Asked, clock: Clock, waitMs: number): Promise<Claim> {
  const triesMax = 1 + Math.ceil(waitMs / CLAIM_POLL_MS);
  for (let tries = 1; tries <= triesMax; tries += 1) {
    const claim = await takeClaim(db, asked, clock());
    if (claim !== undefined) return claim;
    if (tries < triesMax) await sleep(CLAIM_POLL_MS);
  }
  throw new OperationalError(
    'busy',
    `another process has been reading this source for ${waitMs / 1000} s; try again later`,
  );
}

/** Each claim has a higher epoch than any before: a holder that was only paused is told apart for ever. */
async function takeClaim(db: NodePgDatabase, { sourceId, holder }: Asked, now: Date): Promise<Claim | undefined> {
  const isFree = or(isNull(source.claimedBy), lte(source.claimExpiresAt, now.toISOString()));
  const [claimed] = await db
    .update(source)
    .set({ epoch: sql`${source.epoch} + 1`, claimedBy: holder, claimExpiresAt: lapseOf(now) })
    .where(and(eq(source.id, sourceId), isFree))
    .returning({ epoch: source.epoch });
  return claimed === undefined ? undefined : { sourceId, holder, epoch: claimed.epoch };
}

async function extendClaim(db: NodePgDatabase, claim: Claim, now: Date): Promise<void> {
  const extended = await db
    .update(source)
    .set({ claimExpiresAt: lapseOf(now) })
    .where(isHeld(claim))
    .returning({ id: source.id });
  if (extended.length === 0) {
    throw new OperationalError(
      'claim-lost',
      'another process has taken over this source; its listing counts, not ours',
    );
  }
}

function isHeld(claim: Claim) {
  return and(eq(source.id, claim.sourceId), eq(source.epoch, claim.epoch), eq(source.claimedBy, claim.holder));
}

function lapseOf(now: Date): string {
  return new Date(now.getTime() + CLAIM_LAPSE_MS).toISOString();
}
