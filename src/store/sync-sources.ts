import { and, eq, isNull, max, sql } from 'drizzle-orm';
import type { NodePgDatabase } from 'drizzle-orm/node-postgres';
import type { SourceSpec, StoredSource } from '../ports.ts';
import { breaker } from './schema/findings.ts';
import { source, syncRun } from './schema/rosters.ts';

/** "rollsrcs" cut to an int: two processes that start together make the sources known one after the other. */
const SOURCES_LOCK = 0x73726373;

type SourceRow = typeof source.$inferSelect;
type Wanted = Pick<
  SourceRow,
  | 'name'
  | 'type'
  | 'authoritative'
  | 'audited'
  | 'rank'
  | 'correlateEmployeeId'
  | 'keyDigest'
  | 'maxAgeMs'
  | 'retiredAt'
>;

/**
 * Makes the configured sources known. A source taken out of the configuration is retired, one that comes back under its name
 * or as `formerly` keeps its history, and changed key settings open a baseline breaker once there is something to compare with.
 */
export async function syncSources(
  db: NodePgDatabase,
  specs: readonly SourceSpec[],
  now: Date,
): Promise<readonly StoredSource[]> {
  return db.transaction(async (tx) => {
    await tx.execute(sql`select pg_advisory_xact_lock(${SOURCES_LOCK})`);
    const known = await tx.select().from(source);
    const names = new Set(specs.map((spec) => spec.name));
    const lastComplete = await loadLastComplete(tx);
    const stored: StoredSource[] = [];
    for (const [rank, spec] of specs.entries()) {
      const row = findRow(known, spec, names);
      const saved = row === undefined ? await insertSource(tx, wantedOf(spec, rank), now) : row;
      const lastCompleteAt = lastComplete.get(saved.id);
      if (row !== undefined) await updateSource(tx, row, { wanted: wantedOf(spec, rank), lastCompleteAt }, now);
      const isSameKey = saved.keyDigest === spec.keyDigest;
      stored.push({
        ...spec,
        id: saved.id,
        notBefore: saved.notBefore ?? undefined,
        // A watermark of other key settings points into another roster.
        watermark: isSameKey ? (saved.watermark ?? undefined) : undefined,
        lastCompleteAt,
      });
    }
    const kept = new Set(stored.map(({ id }) => id));
    for (const row of known) {
      if (kept.has(row.id) || row.retiredAt !== null) continue;
      await tx.update(source).set({ retiredAt: now.toISOString() }).where(eq(source.id, row.id));
    }
    return stored;
  });
}

/** By name; else by the former name, unless another configured source bears that name now. */
function findRow(known: readonly SourceRow[], spec: SourceSpec, names: ReadonlySet<string>): SourceRow | undefined {
  const same = known.find((row) => row.name === spec.name);
  if (same !== undefined || spec.formerly === undefined || names.has(spec.formerly)) return same;
  return known.find((row) => row.name === spec.formerly);
}

function wantedOf(spec: SourceSpec, rank: number): Wanted {
  return {
    name: spec.name,
    type: spec.type,
    authoritative: spec.authoritative,
    audited: spec.audited,
    rank,
    correlateEmployeeId: spec.correlateEmployeeId,
    keyDigest: spec.keyDigest,
    maxAgeMs: spec.maxAgeMs ?? null,
    retiredAt: null,
  };
}

async function insertSource(tx: NodePgDatabase, wanted: Wanted, now: Date): Promise<SourceRow> {
  const [row] = await tx
    .insert(source)
    .values({ ...wanted, createdAt: now.toISOString() })
    .returning();
  if (row === undefined) throw new Error('no source row');
  return row;
}

async function updateSource(
  tx: NodePgDatabase,
  row: SourceRow,
  { wanted, lastCompleteAt }: { readonly wanted: Wanted; readonly lastCompleteAt: string | undefined },
  now: Date,
): Promise<void> {
  const isOtherKey = row.keyDigest !== wanted.keyDigest;
  if (isOtherKey || !isUnchanged(row, wanted)) {
    await tx
      .update(source)
      .set(isOtherKey ? { ...wanted, watermark: null } : wanted)
      .where(eq(source.id, row.id));
  }
  if (isOtherKey && lastCompleteAt !== undefined) await openBaselineBreaker(tx, row, wanted, now);
}

function isUnchanged(row: SourceRow, wanted: Wanted): boolean {
  return (
    row.name === wanted.name &&
    row.type === wanted.type &&
    row.authoritative === wanted.authoritative &&
    row.audited === wanted.audited &&
    row.rank === wanted.rank &&
    row.correlateEmployeeId === wanted.correlateEmployeeId &&
    row.maxAgeMs === wanted.maxAgeMs &&
    row.retiredAt === wanted.retiredAt
  );
}

/** Finish of each source's last complete full listing. */
async function loadLastComplete(tx: NodePgDatabase): Promise<ReadonlyMap<number, string>> {
  const runs = await tx
    .select({ sourceId: syncRun.sourceId, at: max(syncRun.finishedAt) })
    .from(syncRun)
    .where(and(eq(syncRun.mode, 'full'), eq(syncRun.verdict, 'complete')))
    .groupBy(syncRun.sourceId);
  return new Map(runs.flatMap(({ sourceId, at }) => (at === null ? [] : [[sourceId, at] as const])));
}

/** What was read under other settings is no measure for what comes; a person says when to begin anew (contract §5). */
async function openBaselineBreaker(tx: NodePgDatabase, row: SourceRow, wanted: Wanted, now: Date): Promise<void> {
  const isOpen = and(eq(breaker.sourceId, row.id), eq(breaker.kind, 'baseline'), isNull(breaker.closedAt));
  const open = await tx.select({ id: breaker.id }).from(breaker).where(isOpen);
  if (open.length > 0) return;
  await tx.insert(breaker).values({
    sourceId: row.id,
    kind: 'baseline',
    trippedAt: now.toISOString(),
    evidence: { type_before: row.type, type_now: wanted.type, reason: 'type, rosterPath or key columns have changed' },
  });
}
