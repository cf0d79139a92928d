import { setTimeout as sleep } from 'node:timers/promises';
import type pg from 'pg';
import type { Mode } from '../core/listing.ts';
import { OperationalError } from '../errors.ts';
import type { SourceSpec } from '../ports/sources.ts';
import type { Claim, ClaimWait, Intake, SourceStore, StoredSource } from '../ports/store.ts';
import type { Clock } from '../ports/surroundings.ts';
import type { Database } from './database.ts';
import { named } from './errors.ts';
import { openIntake } from './intake.ts';
import { introduceSource } from './introduce-source.ts';
import { findSource, syncSources } from './sync-sources.ts';

/** A claim that is not extended lapses: a dead process holds nobody up longer than this (contract §2). */
const CLAIM_LAPSE_MS = 60_000;
const CLAIM_POLL_MS = 500;

/** The sources and who may write them. */
export function createSourceStore({ pool }: Pick<Database, 'pool'>): SourceStore {
  return {
    syncSources: (specs: readonly SourceSpec[], now: Date): Promise<readonly StoredSource[]> =>
      named('make the sources known', () => syncSources(pool, specs, now)),
    findSource: (spec) => named('find a source', () => findSource(pool, spec)),
    introduce: (spec, among, now) => named('make a source known', introduceSource(pool, { spec, among }, now)),
    claim: (sourceId, holder, clock, wait) =>
      named('claim source', () => waitForClaim(pool, { sourceId, holder }, clock, wait)),
    extendClaim: (claim, now) => named('extend claim', () => extendClaim(pool, claim, now)),
    releaseClaim: (claim) =>
      named('release claim', async () => {
        await pool.query(
          `update rollcall.source set claimed_by = null, claim_expires_at = null where ${IS_HELD}`,
          heldBy(claim),
        );
      }),
    saveNotBefore: (sourceId, until) =>
      named('save not_before', async () => {
        await pool.query('update rollcall.source set not_before = $2 where id = $1', [sourceId, until.toISOString()]);
      }),
    openIntake: (claim: Claim, mode: Mode): Promise<Intake> => openIntake(pool, claim, mode),
  };
}

type Asked = { readonly sourceId: number; readonly holder: string };

async function waitForClaim(pool: pg.Pool, asked: Asked, clock: Clock, wait: ClaimWait): Promise<Claim> {
  const { ms: waitMs, signal } = wait;
  const triesMax = 1 + Math.ceil(waitMs / CLAIM_POLL_MS);
  for (let tries = 1; tries <= triesMax; tries += 1) {
    signal?.throwIfAborted();
    const claim = await takeClaim(pool, asked, clock());
    if (claim !== undefined) return claim;
    if (tries === triesMax) break;
    wait.waiting?.((triesMax - tries) * CLAIM_POLL_MS);
    await sleep(CLAIM_POLL_MS);
  }
  throw new OperationalError(
    'busy',
    `another process has been reading this source for ${waitMs / 1000} s; try again later`,
  );
}

/**
 * Each claim has a higher epoch than any before: a holder that was only paused is told apart for ever. A row that is locked belongs to
 * somebody who records a listing, for a minute where a million rows are new: it is asked for again, and not waited for in the statement,
 * whose own limit would end it as a failure of the database.
 */
async function takeClaim(pool: pg.Pool, { sourceId, holder }: Asked, now: Date): Promise<Claim | undefined> {
  const { rows } = await pool.query<{ epoch: number }>(
    `update rollcall.source set epoch = epoch + 1, claimed_by = $2, claim_expires_at = $4
      where id = (select id from rollcall.source
                   where id = $1 and (claimed_by is null or claim_expires_at <= $3) for no key update skip locked)
     returning epoch`,
    [sourceId, holder, now.toISOString(), lapseOf(now)],
  );
  const [claimed] = rows;
  return claimed === undefined ? undefined : { sourceId, holder, epoch: claimed.epoch };
}

async function extendClaim(pool: pg.Pool, claim: Claim, now: Date): Promise<void> {
  const { rowCount } = await pool.query(`update rollcall.source set claim_expires_at = $4 where ${IS_HELD}`, [
    ...heldBy(claim),
    lapseOf(now),
  ]);
  if (rowCount === 0) {
    throw new OperationalError(
      'claim-lost',
      'another process has taken over this source; its listing counts, not ours',
    );
  }
}

const IS_HELD = 'id = $1 and epoch = $2 and claimed_by = $3';

function heldBy({ sourceId, epoch, holder }: Claim): (string | number)[] {
  return [sourceId, epoch, holder];
}

function lapseOf(now: Date): string {
  return new Date(now.getTime() + CLAIM_LAPSE_MS).toISOString();
}
