import { createHash, randomBytes } from 'node:crypto';
import type pg from 'pg';
import type { RowRef } from '../../core/case.ts';
import { rowText } from '../../core/evidence-facts.ts';
import { isUsableRow } from '../../core/forget.ts';
import { OperationalError } from '../../errors.ts';
import type { Eraser, ForgetRequest, Forgotten, ForgottenRow } from '../../ports/erasure.ts';
import type { Claim, SourceStore } from '../../ports/store.ts';
import { type Database, inTransaction, longStatements } from '../database.ts';
import { hashesOf } from '../forgotten.ts';
import { JOBS_SCHEMA } from '../jobs-schema.ts';
import type { ActiveSource } from '../reconcile/context.ts';
import { loadActiveSources } from '../reconcile/load-sources.ts';
import { JOIN_VERSION, keyOf, ROW_COLUMNS, type RowRecord, toArrays, toRosterRow } from '../reconcile/roster-row.ts';
import { refuseHarm } from './guards.ts';
import { checkClaims, lockReports, lockRows } from './locks.ts';
import { findPerson, type Person, type SourceNames } from './person.ts';
import {
  BLANK_FINDINGS,
  BLANK_LINK_DECISIONS,
  FORGET_MOVES,
  FORGET_WATERMARKS,
  MARK_OTHERS,
  REMOVALS,
  REPORTS_OF,
  UNNAME_FINDINGS,
  WITHOUT_MANAGER,
} from './statements.ts';
import { scrubTexts } from './texts.ts';
import { loadTraces, type PersonTraces } from './traces.ts';

/** As long as a tick waits for a source (contract §2). */
const CLAIM_WAIT_MS = 30_000;
const SALT_BYTES = 32;

/** Somebody decides about a link of the person meanwhile: then who the person is, is asked again. */
const ATTEMPTS_MAX = 3;
const OVERTAKEN = new Error('somebody else was first');

/** Thrown to roll a dry run back without a failure. */
const ROLL_BACK = new Error('rolled back on purpose');

type Removed = Readonly<Record<string, number>>;

export function createEraser({ pool }: Pick<Database, 'pool'>, sources: SourceStore, holder: string): Eraser {
  return {
    forget: async (request) => {
      for (let attempt = 1; attempt <= ATTEMPTS_MAX; attempt += 1) {
        try {
          return await attemptOnce({ pool, sources, holder }, request);
        } catch (error) {
          if (error !== OVERTAKEN) throw error;
        }
      }
      throw new OperationalError(
        'busy',
        'links of this person are decided about again and again; try again in a minute',
      );
    },
  };
}

type Tools = { readonly pool: pg.Pool; readonly sources: SourceStore; readonly holder: string };

async function attemptOnce({ pool, sources, holder }: Tools, request: ForgetRequest): Promise<Forgotten> {
  const clock = (): Date => request.now;
  // Refused before anybody is kept from reading.
  const { person } = await inTransaction(pool, 'find a person', (client) => findAllowed(client, request));
  // A dry run keeps nothing, and so waits for nobody.
  const rows = request.dryRun ? [] : person.rows;
  // A listing that is being read holds the rows already, and would bring them back.
  const claims: Claim[] = [];
  try {
    for (const id of new Set(rows.map(({ sourceId }) => sourceId))) {
      claims.push(await sources.claim(id, holder, clock, { ms: CLAIM_WAIT_MS }));
    }
    return await forgetClaimed(pool, request, { rows, claims });
  } finally {
    for (const claim of claims) await sources.releaseClaim(claim);
  }
}

/** What is kept from changing: the person's rows as they were found, and their sources. Nothing for a dry run. */
type Kept = { readonly rows: readonly RowRef[]; readonly claims: readonly Claim[] };
type Found = { readonly person: Person; readonly names: SourceNames; readonly traces: PersonTraces };

async function findAllowed(client: pg.PoolClient, request: ForgetRequest): Promise<Found> {
  const asked = { client, sources: await loadActiveSources(client) };
  const names = await namesIn(client);
  const person = await findPerson(asked, request.person, names);
  const traces = await loadTraces(client, person.rows, names);
  await refuseHarm(asked, request, { rows: person.rows, traces, names });
  return { person, names, traces };
}

async function forgetClaimed(pool: pg.Pool, request: ForgetRequest, kept: Kept): Promise<Forgotten> {
  const outcome: { forgotten?: Forgotten } = {};
  try {
    const work = async (client: pg.PoolClient): Promise<void> => {
      outcome.forgotten = await forgetIn(client, request, kept);
      if (request.dryRun) throw ROLL_BACK;
    };
    await inTransaction(pool, 'forget a person', work, { again: true });
  } catch (error) {
    if (error !== ROLL_BACK) throw error;
  }
  if (outcome.forgotten === undefined) throw new Error('a transaction ended without an outcome');
  return outcome.forgotten;
}

async function forgetIn(client: pg.PoolClient, request: ForgetRequest, kept: Kept): Promise<Forgotten> {
  await longStatements(client);
  await lockReports(client);
  const { person, names, traces } = await findHeld(client, request, kept);
  const rows = await loadRows(client, person.rows);
  const judged = new Set((await loadActiveSources(client)).filter(isJudged).map(({ id }) => id));
  await remember(client, rows, request.now);
  const removed = await removeAll(client, { person, names, traces, now: request.now });
  await audit(client, request, {
    traces,
    removed,
    sources: new Set(person.rows.map((row) => names.get(row.sourceId))),
  });
  const describe = (ref: RowRef): string => `${names.get(ref.sourceId) ?? '?'}/${ref.externalId}`;
  const toShown = (row: RowRecord): ForgottenRow => ({
    source: names.get(row.source_id) ?? '?',
    external_id: row.external_id,
    listed: row.present,
    status: row.status,
    usable: judged.has(row.source_id) && row.present && isUsableRow(toRosterRow(row), false, ''),
  });
  return { rows: rows.map(toShown), removed, alike: person.alike.map(describe) };
}

/**
 * The person by rows that nobody links to or from any more until this ends. Which rows those are rests on links: what was decided while this
 * waited for them may have made an account theirs, or somebody else's.
 */
async function findHeld(client: pg.PoolClient, request: ForgetRequest, { rows, claims }: Kept): Promise<Found> {
  if (request.dryRun) return await findAllowed(client, request);
  await checkClaims(client, rows, claims);
  await lockRows(client, rows);
  const found = await findAllowed(client, request);
  if (keysOf(found.person.rows) !== keysOf(rows)) throw OVERTAKEN;
  return found;
}

const keysOf = (refs: readonly RowRef[]): string => refs.map(keyOf).toSorted().join('\n');

/** Its rows are accounts. */
function isJudged({ authoritative, audited }: ActiveSource): boolean {
  return !authoritative || audited;
}

async function namesIn(client: pg.PoolClient): Promise<SourceNames> {
  const { rows } = await client.query<{ id: number; name: string }>('select id, name from rollcall.source order by id');
  return new Map(rows.map(({ id, name }) => [id, name]));
}

async function loadRows(client: pg.PoolClient, refs: readonly RowRef[]): Promise<readonly RowRecord[]> {
  const { rows } = await client.query<RowRecord>(
    `select ${ROW_COLUMNS} from unnest($1::int[], $2::text[]) as r (source_id, external_id)
       join rollcall.account a on a.source_id = r.source_id and a.external_id = r.external_id ${JOIN_VERSION} order by 1, 2`,
    [...toArrays(refs)],
  );
  return rows;
}

/** Salted hashes of the rows that are listed still, so that they are known when they come again, and nobody by them. */
async function remember(client: pg.PoolClient, rows: readonly RowRecord[], now: Date): Promise<void> {
  await client.query('update rollcall.setting set forget_salt = $1 where forget_salt is null', [
    randomBytes(SALT_BYTES),
  ]);
  const { rows: settings } = await client.query<{ salt: Buffer }>('select forget_salt as salt from rollcall.setting');
  const salt = settings[0]?.salt;
  if (salt === undefined) throw new Error('the row of settings is gone');
  const sources = await client.query<{ id: number; authoritative: boolean }>(
    'select id, authoritative from rollcall.source',
  );
  const authorities = new Set(sources.rows.filter(({ authoritative }) => authoritative).map(({ id }) => id));
  const today = now.toISOString().slice(0, 'YYYY-MM-DD'.length);
  for (const record of rows.filter(({ present }) => present)) {
    const [row, sourceId] = [toRosterRow(record), record.source_id];
    const usable = isUsableRow(row, authorities.has(sourceId), today);
    const { mark, addresses, givenName } = hashesOf(salt, { row, sourceId, usable });
    await client.query(
      `insert into rollcall.forgotten (source_id, mark, addresses, given_name, usable, forgotten_at)
       values ($1, decode($2, 'hex'), array(select decode(a, 'hex') from unnest($3::text[]) a), decode($4, 'hex'), $5, $6)
       on conflict (source_id, mark) do update set addresses = excluded.addresses, given_name = excluded.given_name, usable = excluded.usable, missed = 0`,
      [sourceId, mark, addresses, givenName, usable, now],
    );
  }
}

type Removal = {
  readonly person: Person;
  readonly names: SourceNames;
  readonly traces: PersonTraces;
  readonly now: Date;
};

async function removeAll(client: pg.PoolClient, { person, names, traces, now }: Removal): Promise<Removed> {
  const refs = toArrays(person.rows);
  const { rows: blanked } = await client.query<Record<string, number>>(BLANK_FINDINGS, [...refs, now]);
  const removed: Record<string, number> = { ...blanked[0] };
  await client.query(UNNAME_FINDINGS, [...refs]);
  const described = person.rows.map((row) => `${names.get(row.sourceId) ?? ''}/${row.externalId}`);
  const links = await client.query(BLANK_LINK_DECISIONS, [...refs, described]);
  removed['decisions'] = (removed['decisions'] ?? 0) + (links.rowCount ?? 0);
  await client.query(MARK_OTHERS, [...refs]);
  await client.query(FORGET_WATERMARKS, [...refs]);
  await client.query(FORGET_MOVES, [...refs]);
  removed['reports without a manager'] = await forgetManager(client, person.rows);
  for (const [what, statement] of REMOVALS) removed[what] = (await client.query(statement, [...refs])).rowCount ?? 0;
  removed['jobs'] = await removeJobs(client, person.rows);
  removed['texts'] = await scrubTexts(client, traces);
  return removed;
}

type ReportRow = { readonly source_id: number; readonly external_id: string; readonly from_run: number };

/** Their reports name them by id. The hash of such a version follows what it says now, so that the next listing finds it unchanged. */
async function forgetManager(client: pg.PoolClient, rows: readonly RowRef[]): Promise<number> {
  const { rows: reports } = await client.query<ReportRow>(REPORTS_OF, [...toArrays(rows)]);
  if (reports.length === 0) return 0;
  const hashes = reports.map((report) => createHash('sha256').update(rowText(report)).digest('hex'));
  await client.query(WITHOUT_MANAGER, [
    ...toArrays(reports.map((report) => ({ sourceId: report.source_id, externalId: report.external_id }))),
    reports.map((report) => report.from_run),
    hashes,
  ]);
  return new Set(reports.map((report) => keyOf({ sourceId: report.source_id, externalId: report.external_id }))).size;
}

/** What a webhook or an event hinted at is asked for by its id. */
async function removeJobs(client: pg.PoolClient, rows: readonly RowRef[]): Promise<number> {
  const { rowCount } = await client.query(
    `delete from ${JOBS_SCHEMA}.job where data ->> 'id' = any ($1::text[]) or singleton_key = any ($1::text[])`,
    [rows.map(({ externalId }) => externalId)],
  );
  return rowCount ?? 0;
}

type Done = {
  readonly traces: PersonTraces;
  readonly removed: Removed;
  readonly sources: ReadonlySet<string | undefined>;
};

/** That it was done, by whom and why; not of whom. */
async function audit(client: pg.PoolClient, request: ForgetRequest, { traces, removed, sources }: Done): Promise<void> {
  await client.query(
    `insert into rollcall.audit (at, author, action, subject, reason, detail) values ($1, $2, 'forget', 'a person', $3, $4)`,
    [
      request.now,
      traces.scrub(request.author),
      traces.scrub(request.reason),
      JSON.stringify({ sources: [...sources], removed }),
    ],
  );
}
