import type pg from 'pg';
import { epochMs } from '../../core/dates.ts';
import { secondFrom } from '../../core/moment-text.ts';
import { OperationalError } from '../../errors.ts';
import type {
  EvidenceDataset,
  EvidencePeriod,
  EvidenceRow,
  EvidenceSnapshot,
  EvidenceSource,
  EvidenceStore,
} from '../../ports/evidence.ts';
import { fetchBatches } from '../cursor.ts';
import { type Database, inTransaction, longStatements } from '../database.ts';
import { STATEMENTS, type Statement } from './datasets.ts';

const BATCH_ROWS = 2_000;
/** Files are written between two statements, to a disk that may be slow. */
const IDLE_MS = 600_000;

const SOURCES = `
  select s.id, s.name, s.type, s.authoritative, k.runs_after, k.versions_since
    from rollcall.source s left join rollcall.kept_history k on k.source_id = s.id order by s.id`;

/** An empty population says that nobody left; before the first reading nobody knew. */
const KNOWN = `
  select exists (select from rollcall.account_version where valid_from <= $1) or coalesce(min(finished_at) <= $1, false) as known,
         min(finished_at) as first
    from rollcall.sync_run where mode = 'full' and verdict = 'complete'`;

type SourceRow = EvidenceSource & { readonly versions_since: string | null };

/** Everything is read in one REPEATABLE READ transaction: the tables agree with one another, whatever is written meanwhile. */
export function createEvidenceStore({ pool }: Pick<Database, 'pool'>): EvidenceStore {
  return {
    snapshot: (period, use) =>
      inTransaction(pool, 'collect evidence', async (client) => {
        await client.query('set transaction isolation level repeatable read, read only');
        await longStatements(client);
        await client.query(
          `set local idle_in_transaction_session_timeout = ${IDLE_MS}; set local cursor_tuple_fraction = 1`,
        );
        return await use(await openSnapshot(client, period));
      }),
  };
}

async function openSnapshot(client: pg.PoolClient, period: EvidencePeriod): Promise<EvidenceSnapshot> {
  const { rows } = await client.query<SourceRow>(SOURCES);
  for (const { name, versions_since: since } of rows) {
    if (since !== null && epochMs(since) > epochMs(period.start)) throw forgottenBy(name, since);
  }
  await refuseUnread(client, period);
  const sources = rows.map(({ versions_since: _since, ...source }) => source);
  const setting = await client.query<{ hours: number }>('select leaver_sla_hours as hours from rollcall.setting');
  return {
    slaHours: setting.rows[0]?.hours ?? 0,
    sources,
    datasets: STATEMENTS.map((statement) => toDataset(client, statement, period)),
  };
}

async function refuseUnread(client: pg.PoolClient, { to, end }: EvidencePeriod): Promise<void> {
  const { rows } = await client.query<{ known: boolean; first: string | null }>(KNOWN, [end]);
  const [{ known, first } = { known: true, first: null }] = rows;
  if (known) return;
  const since =
    first === null ? 'no source was read to its end yet' : `the first complete reading ended at ${secondFrom(first)}`;
  throw new OperationalError('not-found', `nothing is known of the days to ${to}: ${since}. End later with --to`);
}

function toDataset(client: pg.PoolClient, statement: Statement, period: EvidencePeriod): EvidenceDataset {
  const { name, columns, text } = statement;
  return {
    name,
    columns,
    rows: () =>
      fetchBatches<EvidenceRow>(client, {
        name: `evidence_${name}`,
        text: `select ${columns.join(', ')} from (${text}) t`,
        values: [period.start, period.end],
        batchRows: BATCH_ROWS,
      }),
  };
}

function forgottenBy(source: string, since: string): OperationalError {
  return new OperationalError(
    'not-found',
    `the roster of ${source} is kept since ${secondFrom(since)}, and the period begins before: older versions were removed after retention.versionsDays. Begin later with --from`,
  );
}
