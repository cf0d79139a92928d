import type pg from 'pg';
import type { ListingCounts } from '../core/listing.ts';
import type { IntakeKey } from './intake-stage.ts';

const BASELINE_WINDOW = '24 hours';

/** The listing that losses are counted against (contract §5). */
type Baseline = { readonly runId: number; readonly finishedAt: string; readonly present: number };

/** What one listing loses. Without a baseline, every row that was ever usable counts; under new key settings none. */
export type Losses = {
  readonly key: IntakeKey;
  readonly baseline: Baseline | undefined;
  readonly applyAbsence: boolean;
};

export type Counted = {
  readonly counts: ListingCounts;
  readonly baseline: Baseline | undefined;
  readonly applyAbsence: boolean;
};

// Pages move while they are read, so an id may come in two batches: the later copy counts. Its earlier hash is given back so
// that the listing's digest can forget it. By place and in the order of the index, so that it needs no statistics, of which a first reading has none.
const forgetRepeats = (table: 'stage' | 'stage_row'): string => `
  delete from rollcall.${table} s
   where s.ctid = any (array(
         select c.ctid from (
                select r.ctid, r.batch, max(r.batch) over (partition by r.external_id) as last
                  from rollcall.${table} r where r.source_id = $1 and r.epoch = $2) c
          where c.batch < c.last))
  returning s.content_hash`;
const FORGET_REPEATED_ROWS = `
  delete from rollcall.stage_row r
   where r.source_id = $1 and r.epoch = $2
     and not exists (select from rollcall.stage s
                      where s.source_id = $1 and s.epoch = $2 and s.external_id = r.external_id and s.batch = r.batch)`;

// Complete full listings since the last released change of key settings: the largest of the last day, else the last one.
const COMPLETE_RUNS = `
  select r.id, r.finished_at, r.present_usable,
         r.started_at > coalesce($2::timestamptz, now()) - interval '${BASELINE_WINDOW}' as recent
    from rollcall.sync_run r
   where r.source_id = $1 and r.mode = 'full' and r.verdict = 'complete'
     and r.finished_at > coalesce((select max(b.closed_at) from rollcall.breaker b
                                    where b.source_id = $1 and b.kind = 'baseline' and b.released), '-infinity')`;
// Of equals within the day the first, because what is lost a little at a time adds up. While a source breaker is open, its own baseline stays: a loss must not become believable by waiting until the day is over.
const BASELINE = `
  with run as (${COMPLETE_RUNS}),
       kept as (select (b.evidence ->> 'baseline_run')::bigint as id from rollcall.breaker b
                 where b.source_id = $1 and b.kind = 'source' and b.closed_at is null)
  select id, finished_at, present_usable from run
   order by id in (select kept.id from kept) desc, recent desc, case when recent then present_usable end desc,
            case when recent then id else -id end limit 1`;

// Present rows, less those a person has accepted as lost and that nothing has shown since: a complete listing after the release shows
// every row that it leaves present, and a version that begins after it was read from a row. Without this an empty listing could never
// be released. Asked of the rows and not of a run, so that neither a first listing cut short nor a new baseline switches it off.
const KNOWN_PRESENT = `
  select count(*) as count from rollcall.account a
   where a.source_id = $1 and a.gone_at is null
     and not exists (
       select from rollcall.breaker k
         join rollcall.breaker_loss l on l.breaker_id = k.id
        where k.source_id = $1 and k.kind = 'source' and k.released and l.external_id = a.external_id
          and k.closed_at > coalesce((select max(r.finished_at) from rollcall.sync_run r
                                       where r.source_id = $1 and r.mode = 'full' and r.verdict = 'complete'), '-infinity')
          and not exists (select from rollcall.account_version v
                           where v.source_id = $1 and v.external_id = a.external_id and v.valid_from > k.closed_at))`;

/** An address that does not parse is kept as it was given, and flagged; nobody was ever found by it. */
export const HAD_ADDRESS = `(cardinality(v.aliases) > 0 or (v.email is not null and not 'email_unparsable' = any (v.flags)))`;

/**
 * Version `v` is not of a full listing that was not believed, or a complete one has shown the row as it is since. What such a listing brought
 * is kept, because a row seen counts as present, but it is no evidence: else the right list could not come back after a wrong one.
 */
const BELIEVED = `
  (not exists (select from rollcall.sync_run r where r.id = v.from_run and r.mode = 'full' and r.verdict = 'suspicious')
   or exists (select from rollcall.sync_run r
               where r.source_id = $1 and r.mode = 'full' and r.verdict = 'complete'
                 and r.id > v.from_run and (v.to_run is null or v.to_run > r.id)))`;

/**
 * An id that came back is no longer covered: after the release ($1 source; k its breaker) it has, as usable as it was in the baseline
 * (o.before), a version that begins, or one that a complete full listing found.
 */
const CAME_BACK = `
  select from rollcall.account_version v
   where v.source_id = $1 and v.external_id = o.external_id
     and v.status <> 'inactive' and (v.status <> 'unknown' or o.before = 'unknown') and (${HAD_ADDRESS} or not o.had_address)
     and ((v.valid_from > k.closed_at and ${BELIEVED})
          or exists (select from rollcall.sync_run r
                      where r.source_id = $1 and r.mode = 'full' and r.verdict = 'complete' and r.finished_at > k.closed_at
                        and r.id >= v.from_run and (v.to_run is null or v.to_run > r.id)))`;

/** Whether a release covers the loss of row `o`, which was as `o.before` and `o.had_address` say. $1: source; `finished`: the end of the baseline. */
export const coveredSince = (finished: string): string => `
  exists (select from rollcall.breaker k
            join rollcall.breaker_loss l on l.breaker_id = k.id
           where k.source_id = $1 and k.kind = 'source' and k.released and k.closed_at > coalesce(${finished}::timestamptz, '-infinity')
             and l.external_id = o.external_id and not exists (${CAME_BACK}))`;

/** Asked where there is no baseline: then the rows are those of other key settings, and their ids are not to be expected. */
const HAS_NEW_KEYS = `
  exists (select from rollcall.breaker b where b.source_id = $1 and b.kind = 'baseline' and b.released)`;

const HAS_ADDRESS = `key_kinds && array['email', 'alias']`;
const HAS_ADDRESS_NOW = `
  case when r.external_id is not null then r.${HAS_ADDRESS}
       else exists (select from rollcall.account_key k
                     where k.source_id = $1 and k.external_id = a.external_id and k.kind in ('email', 'alias')) end`;

/**
 * The version that counts as what there was: that of the baseline (`run`), else, for a row `c` that came later by a reading of changes or a
 * listing cut short, its first usable and believed one since. Without any baseline every row that was ever usable counts.
 */
export const before = (run: string): string => `
  select v.status, ${HAD_ADDRESS} as had_address from rollcall.account_version v
   where v.source_id = $1 and v.external_id = c.external_id
     and (v.to_run is null or v.to_run > coalesce(${run}, 0))
     and (v.from_run <= coalesce(${run}, 0) or (v.status <> 'inactive' and ${BELIEVED}))
   order by v.from_run limit 1`;

/**
 * The ids of the baseline ($3, finished $4), and those that came after it, that this listing leaves absent ($5: only if absence counts),
 * inactive, turned unknown, or without any address while they had one: a renamed column or a right that a token lost takes them from
 * everybody, and then nobody new can be linked. Without those that a release covers. Only rows that can have changed since then are looked at.
 */
export const LOST = `
  with candidate as (
    select external_id from rollcall.stage_row r
     where source_id = $1 and epoch = $2 and (status in ('inactive', 'unknown') or not ${HAS_ADDRESS})
    union
    select external_id from rollcall.account_version
     where source_id = $1 and valid_to >= coalesce($4::timestamptz, '-infinity') and to_run > coalesce($3, 0)
    union
    select external_id from rollcall.stage where $5 and source_id = $1 and epoch = $2 and difference = 'absent'),
  outcome as (
    select c.external_id, b.status as before, b.had_address,
           case when case when a.gone_at is null then $5 and coalesce(s.difference = 'absent', false)
                          else s.external_id is null end then 'absent'
                when b.had_address and not (${HAS_ADDRESS_NOW}) then 'nameless'
                else coalesce(r.status, a.status) end as after
      from candidate c
      join lateral (${before('$3')}) b on b.status <> 'inactive'
      join rollcall.account a on a.source_id = $1 and a.external_id = c.external_id
      left join rollcall.stage s on s.source_id = $1 and s.epoch = $2 and s.external_id = c.external_id
      left join rollcall.stage_row r on r.source_id = $1 and r.epoch = $2 and r.external_id = c.external_id)
  select o.external_id from outcome o
   where (o.after in ('absent', 'nameless', 'inactive') or (o.after = 'unknown' and o.before <> 'unknown'))
     and not ${coveredSince('$4')} and not ($3 is null and ${HAS_NEW_KEYS})`;

export function lostParameters({ key, baseline, applyAbsence }: Losses): readonly unknown[] {
  return [key.sourceId, key.epoch, baseline?.runId, baseline?.finishedAt, applyAbsence];
}

export async function countLosses(client: pg.PoolClient, losses: Losses): Promise<number> {
  return await countOf(client, `select count(*) as count from (${LOST}) lost`, lostParameters(losses));
}

/** Leaves one staged row an id; returns the content hashes of the copies that do not count. */
export async function settleRepeats(
  client: pg.PoolClient,
  key: IntakeKey,
  isFirstRead: boolean,
): Promise<readonly Buffer[]> {
  const table = isFirstRead ? 'stage_row' : 'stage';
  const { rows } = await client.query<{ content_hash: Buffer }>(forgetRepeats(table), [key.sourceId, key.epoch]);
  if (rows.length > 0 && !isFirstRead) await client.query(FORGET_REPEATED_ROWS, [key.sourceId, key.epoch]);
  return rows.map((row) => row.content_hash);
}

/** The figures that the verdict is judged by. `now`: the end of the 24 hours of the baseline; the server's clock if not told. */
export async function countListing(
  client: pg.PoolClient,
  key: IntakeKey,
  asked: {
    readonly distinctIds: number;
    readonly applyAbsence: boolean;
    /** Present rows, where that is known already. */
    readonly present?: number | undefined;
    readonly now?: Date | undefined;
  },
): Promise<Counted> {
  const { applyAbsence } = asked;
  const baseline = await loadBaseline(client, key.sourceId, asked.now);
  const counts = {
    distinctIds: asked.distinctIds,
    // What a person has accepted as lost matters to an empty listing alone.
    knownPresent:
      asked.distinctIds > 0 && asked.present !== undefined
        ? asked.present
        : await countOf(client, KNOWN_PRESENT, [key.sourceId]),
    baseline: baseline?.present ?? (await countKnown(client, key.sourceId)),
    lost: await countLosses(client, { key, baseline, applyAbsence }),
  };
  return { counts, baseline, applyAbsence };
}

export async function loadBaseline(client: pg.PoolClient, sourceId: number, now?: Date): Promise<Baseline | undefined> {
  const { rows } = await client.query<BaselineRow>(BASELINE, [sourceId, now?.toISOString()]);
  const [run] = rows;
  return run === undefined ? undefined : { runId: run.id, finishedAt: run.finished_at, present: run.present_usable };
}

const USABLE = `select count(*) as count from rollcall.account where source_id = $1 and gone_at is null and status <> 'inactive'`;

/** Each run says what was left when it had written, and nobody else makes a row usable or not. */
const LAST_USABLE = 'select present_usable from rollcall.sync_run where source_id = $1 order by id desc limit 1';

/** Rows present and not inactive: `n` of the listing that is recorded, which has changed so many rows. */
export async function countUsable(client: pg.PoolClient, sourceId: number, changed: number): Promise<number> {
  if (changed === 0) {
    const { rows } = await client.query<{ present_usable: number }>(LAST_USABLE, [sourceId]);
    if (rows[0] !== undefined) return rows[0].present_usable;
  }
  return await countOf(client, USABLE, [sourceId]);
}

const KNOWN = `
  select count(*) as count from rollcall.account c
   where c.source_id = $1 and c.gone_at is null and c.status <> 'inactive' and not ${HAS_NEW_KEYS}
     and exists (select from rollcall.account_version v
                  where v.source_id = $1 and v.external_id = c.external_id and ${BELIEVED})`;

/** `n` where no listing was complete yet; none under new key settings. */
export async function countKnown(client: pg.PoolClient, sourceId: number): Promise<number> {
  return await countOf(client, KNOWN, [sourceId]);
}

async function countOf(client: pg.PoolClient, query: string, parameters: readonly unknown[]): Promise<number> {
  const { rows } = await client.query<{ count: number }>(query, [...parameters]);
  return rows[0]?.count ?? 0;
}

type BaselineRow = { readonly id: number; readonly finished_at: string; readonly present_usable: number };
