import type pg from 'pg';
import type { Mode, Verdict } from '../core/listing.ts';
import type { RosterRow } from '../core/row.ts';
import type { Alert, Claim, Intake, RecordListing, Recorded } from '../ports/store.ts';
import { analyze, ANALYZE_ROWS_MIN } from './analyze.ts';
import { beginStaging, checkStaged, checkStillStaged, claimLost } from './check-staged.ts';
import type { IsThere } from './commit-outcome.ts';
import { inTransaction, longStatements } from './database.ts';
import { enqueueAlerts } from './enqueue-alerts.ts';
import { named } from './errors.ts';
import { type Forgotten, loadForgotten } from './forgotten.ts';
import { findAbsent, forgetAbsent } from './intake-absent.ts';
import {
  type AbsenceProof,
  applyAbsences,
  applyFirstRead,
  applyRows,
  refreshInstants,
  type Run,
} from './intake-apply.ts';
import { cover, recoverBreaker, tripBreaker, withholdLosses } from './intake-breaker.ts';
import { type Counted, countListing, countLosses, countUsable, settleRepeats } from './intake-count.ts';
import { insertRun, isRun, nextRun } from './intake-run.ts';
import { findMissing } from './intake-missing.ts';
import { hashRows, type IntakeKey, stageBatch } from './intake-stage.ts';
import { type KnownRows, loadKnownRows } from './known-rows.ts';
import { ShownRows } from './shown-rows.ts';
import { saveTokenOwner } from './token-owner.ts';

const ANALYZE_SHARE = 0.1;

/** Everything here is done to the staging tables and in one transaction, and nothing outside it. */
const AGAIN = { again: true } as const;

/** Of an intake that nobody claimed, because nothing of it is ever committed: no claim has this epoch. */
const REHEARSAL_EPOCH = -1;

/** An intake for a rehearsal: takes no claim, keeps no watermark, and locks no row that a worker waits for between its listings. */
export async function rehearseIntake(pool: pg.Pool, sourceId: number, mode: Mode): Promise<Intake> {
  return openIntake(pool, { sourceId, epoch: REHEARSAL_EPOCH, holder: 'rehearsal' }, mode);
}

/** Opens an intake for a claim; what a dead or earlier intake of the source left staged is removed. One at a time a claim. */
export async function openIntake(pool: pg.Pool, claim: Claim, mode: Mode): Promise<Intake> {
  const key = { sourceId: claim.sourceId, epoch: claim.epoch };
  return await named('open intake', async () => {
    await unstage(pool, 'source_id = $1 and epoch <= $2', key);
    await beginStaging(pool, key);
    const forgotten = await loadForgotten(pool, key.sourceId);
    const { rows } = await pool.query<{ known: boolean }>(
      'select exists (select from rollcall.account where source_id = $1) as known',
      [key.sourceId],
    );
    // Also where nobody is left of it: what comes now must be marked as changed.
    const isFirstRead = rows[0]?.known !== true && forgotten === undefined;
    // A reading of changes shows few rows: to ask for these costs less than to learn of all.
    const known = isFirstRead || mode !== 'full' ? undefined : await loadKnownRows(pool, key.sourceId);
    return new StagedIntake(pool, { key, mode, isFirstRead, forgotten, known });
  });
}

type Opened = {
  readonly key: IntakeKey;
  readonly mode: Mode;
  readonly isFirstRead: boolean;
  readonly forgotten: Forgotten | undefined;
  readonly known: KnownRows | undefined;
};

class StagedIntake implements Intake {
  readonly #pool: pg.Pool;
  readonly #key: IntakeKey;
  readonly #mode: Mode;
  readonly #isFirstRead: boolean;
  readonly #forgotten: Forgotten | undefined;
  readonly #known: KnownRows | undefined;
  readonly #shown: ShownRows;
  #batches = 0;
  /** Rows staged as differing, copies included. */
  #content = 0;
  #volatile = 0;
  #counted: Counted | undefined;
  #absent: number | undefined;

  constructor(pool: pg.Pool, { key, mode, isFirstRead, forgotten, known }: Opened) {
    this.#pool = pool;
    this.#key = key;
    this.#mode = mode;
    this.#isFirstRead = isFirstRead;
    this.#forgotten = forgotten;
    this.#known = known;
    this.#shown = new ShownRows(known, isFirstRead);
  }

  async stage(listed: readonly RosterRow[], now = new Date()): Promise<void> {
    this.#counted = undefined;
    const rows = this.#forgotten?.sift(listed, now) ?? listed;
    if (rows.length === 0) return;
    this.#batches += 1;
    this.#absent = undefined;
    const hashed = hashRows(rows).filter((row) => !this.#shown.isKnown(row));
    if (hashed.length === 0) return;
    const batch = { number: this.#batches, rows: hashed, isFirstRead: this.#isFirstRead };
    const staged = await inTransaction(
      this.#pool,
      'stage rows',
      (client) => stageBatch(client, this.#key, batch),
      AGAIN,
    );
    this.#shown.addStaged(hashed, staged);
    this.#content += staged.content;
    this.#volatile += staged.volatile;
  }

  async count(applyAbsence: boolean, now?: Date): Promise<Counted['counts']> {
    const count = async (client: pg.PoolClient) => {
      await longStatements(client);
      await forgetAbsent(client, this.#key);
      // Of a first reading no statement joins what is staged to anything.
      if (this.#shown.staged >= ANALYZE_ROWS_MIN && !this.#isFirstRead) await analyze(client, 'stage');
      const repeats =
        this.#shown.mayRepeat && this.#batches > 1 ? await settleRepeats(client, this.#key, this.#isFirstRead) : [];
      const distinctIds = this.#shown.count - repeats.length + this.#passedOver;
      if (this.#isFirstRead) await checkStillStaged(client, this.#key);
      else await checkStaged(client, this.#key, this.#shown.staged - repeats.length);
      const present = this.#isFirstRead ? 0 : this.#known?.count;
      const absent = applyAbsence ? await this.#findAbsent(client) : undefined;
      return {
        repeats,
        absent,
        counted: await countListing(client, this.#key, { distinctIds, applyAbsence, present, now }),
      };
    };
    const { counted, repeats, absent } = await inTransaction(this.#pool, 'count listing', count, AGAIN);
    this.#shown.remove(repeats);
    this.#counted = counted;
    this.#absent = absent;
    return counted.counts;
  }

  async missing(ratio: number, now?: Date): Promise<readonly string[]> {
    const find = async (client: pg.PoolClient) => {
      await longStatements(client);
      await forgetAbsent(client, this.#key);
      await this.#findAbsent(client);
      return await findMissing(client, this.#key, { ratio, now });
    };
    return await inTransaction(this.#pool, 'find missing rows', find, AGAIN);
  }

  async #findAbsent(client: pg.PoolClient): Promise<number> {
    return this.#isFirstRead ? 0 : await findAbsent(client, this.#key, this.#known);
  }

  async record(outcome: RecordListing): Promise<Recorded> {
    const { verdict } = outcome;
    if (this.#counted === undefined) await this.count(outcome.mode === 'full' && verdict.kind === 'complete');
    let digest = '';
    const write = async (client: pg.PoolClient): Promise<Recorded> => {
      await longStatements(client);
      await checkStillStaged(client, this.#key);
      if (!this.#isRehearsal) await this.#lockSource(client);
      const run = await nextRun(client, this.#key.sourceId, outcome);
      const breakers = await this.#brake(client, run, outcome);
      const withheld = await this.#withholdUnproven(client, verdict);
      const changed = await this.#applyRows(client, run);
      const complete = verdict.kind === 'complete' && outcome.mode === 'full';
      const gone = complete ? await this.#applyAbsences(client, run, outcome) : 0;
      const figures = {
        distinctIds: this.#shown.count + this.#passedOver,
        presentUsable: await countUsable(client, this.#key.sourceId, changed + gone),
        changed,
        gone,
        listingDigest: this.#shown.toDigest(),
      };
      const end = { ...outcome.end, warnings: [...outcome.end.warnings, ...withheld, ...this.#passedWords] };
      digest = await insertRun(client, this.#key.sourceId, run, { outcome: { ...outcome, end }, figures });
      if (!this.#isRehearsal) await this.#saveProgress(client, outcome);
      await this.#forgotten?.settle(client, { complete, singly: outcome.end.confirmedGone !== undefined });
      if (outcome.owner !== undefined) await saveTokenOwner(client, this.#key.sourceId, outcome.owner);
      await enqueueAlerts(client, alertsOf(breakers));
      await unstage(client, 'source_id = $1 and epoch = $2', this.#key);
      if (changed + gone >= Math.max(ANALYZE_ROWS_MIN, ANALYZE_SHARE * figures.distinctIds)) {
        await analyze(client, 'roster');
      }
      return { runId: run.id, changed, gone, ...breakers };
    };
    // By its digest: after a crash another listing may have got the number.
    const isThere: IsThere<Recorded> = ({ runId }, pool) => isRun(pool, runId, digest);
    return inTransaction(this.#pool, 'record listing', write, { ...AGAIN, isThere });
  }

  async discard(): Promise<void> {
    await named('discard intake', () => unstage(this.#pool, 'source_id = $1 and epoch = $2', this.#key));
  }

  async #applyRows(client: pg.PoolClient, run: Run): Promise<number> {
    if (this.#isFirstRead) return await applyFirstRead(client, this.#key, run, this.#shown.count);
    const changed = this.#content > 0 ? await applyRows(client, this.#key, run) : 0;
    if (this.#volatile > 0) await refreshInstants(client, this.#key);
    return changed;
  }

  /** Of a listing that shows all there is. */
  async #applyAbsences(client: pg.PoolClient, run: Run, outcome: RecordListing): Promise<number> {
    if (this.#isFirstRead || (this.#absent ?? (await this.#findAbsent(client))) === 0) return 0;
    return await applyAbsences(client, this.#key, run, this.#proof(outcome));
  }

  /** Rows of people who were forgotten: they arrived, and are not kept. */
  get #passedOver(): number {
    return this.#forgotten?.count ?? 0;
  }

  get #passedWords(): readonly string[] {
    const count = this.#passedOver;
    return count === 0 ? [] : [`rows of people who were forgotten, counted and not kept: ${count}`];
  }

  get #isRehearsal(): boolean {
    return this.#key.epoch === REHEARSAL_EPOCH;
  }

  #proof({ end }: RecordListing): AbsenceProof {
    return { confirmedGone: end.confirmedGone, baselineFinishedAt: this.#counted?.baseline?.finishedAt };
  }

  /** The fence: whoever has lost the claim, even if only paused, cannot write. */
  async #lockSource(client: pg.PoolClient): Promise<void> {
    const { rows } = await client.query<{ epoch: number }>(
      // Not `for update`: that would wait for whoever inserts a row that refers to the source, for as long as a reconciliation.
      'select epoch from rollcall.source where id = $1 for no key update',
      [this.#key.sourceId],
    );
    if (rows[0]?.epoch === this.#key.epoch) return;
    throw claimLost();
  }

  async #brake(client: pg.PoolClient, run: Run, { verdict, end }: RecordListing): Promise<Breakers> {
    if (verdict.kind === 'complete' && this.#mode === 'full') {
      return { recoveredBreakerId: await recoverBreaker(client, this.#key.sourceId, run) };
    }
    const counted = this.#counted;
    if (verdict.kind !== 'suspicious' || counted === undefined) return {};
    const losses = { key: this.#key, baseline: counted.baseline, applyAbsence: counted.applyAbsence };
    const trippedBreakerId = await tripBreaker(client, run, { ...verdict, isEmpty: this.#shown.count === 0 }, losses);
    if (trippedBreakerId !== undefined) await cover(client, trippedBreakerId, end.unproven ?? []);
    await withholdLosses(client, losses);
    return { trippedBreakerId };
  }

  /** Too many rows switched off at once are no more believable in a listing cut short: not applied, and said in its evidence. */
  async #withholdUnproven(client: pg.PoolClient, verdict: Verdict): Promise<readonly string[]> {
    if (verdict.kind !== 'incomplete' && verdict.kind !== 'deferred') return [];
    // What it does not show is not lost, also where an ended listing was counted as if it were.
    const losses = { key: this.#key, baseline: this.#counted?.baseline, applyAbsence: false };
    const lost = await countLosses(client, losses);
    if (lost <= (verdict.lossLimit ?? Number.POSITIVE_INFINITY)) return [];
    await withholdLosses(client, losses);
    return [
      `${lost} rows gone, inactive or unknown at once are more than the breaker allows: none of them was switched off`,
    ];
  }

  async #saveProgress(client: pg.PoolClient, { verdict, watermark }: RecordListing): Promise<void> {
    await client.query(
      `update rollcall.source set watermark = coalesce($2, watermark), not_before = $3
        where id = $1 and (watermark is distinct from coalesce($2, watermark) or not_before is distinct from $3)`,
      [
        this.#key.sourceId,
        this.#forgotten?.clean(watermark) ?? watermark,
        verdict.kind === 'deferred' ? verdict.until : undefined,
      ],
    );
  }
}

type Breakers = Pick<Recorded, 'trippedBreakerId' | 'recoveredBreakerId'>;

function alertsOf({ trippedBreakerId, recoveredBreakerId }: Breakers): readonly Alert[] {
  return [
    ...(trippedBreakerId === undefined ? [] : [{ kind: 'breaker' as const, breakerId: trippedBreakerId }]),
    ...(recoveredBreakerId === undefined ? [] : [{ kind: 'recovery' as const, breakerId: recoveredBreakerId }]),
  ];
}

async function unstage(client: pg.Pool | pg.PoolClient, where: string, key: IntakeKey): Promise<void> {
  await client.query(`delete from rollcall.stage where ${where}`, [key.sourceId, key.epoch]);
  await client.query(`delete from rollcall.stage_row where ${where}`, [key.sourceId, key.epoch]);
}
