import { createHash } from 'node:crypto';
import type { RowPolicy } from '../../core/row.ts';
import { OperationalError } from '../../errors.ts';
import type { Source } from '../../ports/sources.ts';
import { parseAddress } from '../address.ts';
import { parseColumnSettings, resolveColumns, type ColumnSettings } from '../columns.ts';
import { contract } from '../failures.ts';
import { listAtOnce, type Batch } from '../list-at-once.ts';
import { findRepeated, readRow, selectColumns, type Selection } from './rows.ts';
import { openSession, type Limits, type Session } from './session.ts';
import {
  describeStatement,
  fetchStatement,
  openStatement,
  placeInQuery,
  ROW_BYTES_MAX,
  trimQuery,
} from './statements.ts';

type SqlLimits = Limits & {
  readonly batchRows: number;
  readonly rowsMax: number;
  /** From the first to the last row. */
  readonly readMs: number;
};

/** Twice the largest roster that Rollcall is measured with: more is a query that joins what it should not. */
const LIMITS: SqlLimits = {
  connectMs: 10_000,
  statementMs: 60_000,
  answerMs: 15_000,
  lockMs: 10_000,
  idleMs: 5 * 60_000,
  batchRows: 1_000,
  rowsMax: 2_000_000,
  readMs: 30 * 60_000,
};

export type SqlSettings = {
  readonly name: string;
  readonly url: string;
  readonly query: string;
  /** Our field: their column. */
  readonly columns?: Readonly<Record<string, string>> | undefined;
  readonly policy: RowPolicy;
  readonly limits?: Partial<SqlLimits> | undefined;
};

/** The rows of one query as a roster. It is read by a cursor, so its size costs time and no memory. */
export function createSqlSource({ name, url, query, policy, ...settings }: SqlSettings): Source {
  const columns = parseColumnSettings(settings.columns ?? {});
  if ('fault' in columns) throw new OperationalError('config-invalid', `${name}: ${columns.fault}`);
  const limits = { ...LIMITS, ...settings.limits };
  const text = trimQuery(query);
  return {
    name,
    list: (request) =>
      listAtOnce(request, {
        endpoint: describeAddress(parseAddress(name, 'url', url)),
        // The text itself may hold more than an auditor needs to see; that it was the same one shows in this.
        parameters: { query_sha256: createHash('sha256').update(text).digest('hex') },
        policy,
        read: async function* (reading) {
          await using session = await openSession({ source: name, url, limits, signal: reading.signal });
          reading.countRequest();
          const selection = await describe(session, { name, text, columns });
          await session.ask(openStatement(text, selection.columns));
          return yield* fetchAll(session, selection, { name, limits });
        },
      }),
  };
}

type Asked = { readonly name: string; readonly text: string; readonly columns: ColumnSettings };

async function describe(session: Session, { name, text, columns }: Asked): Promise<Selection> {
  const { columns: result } = await session.ask(describeStatement(text), (position) => placeInQuery(text, position));
  const repeated = findRepeated(result);
  if (repeated !== undefined) {
    throw contract(name, `the result of query has two columns "${repeated}"; rename one with "as", or take it out`);
  }
  const resolved = resolveColumns(
    result.map((column) => column.name),
    columns,
  );
  if ('fault' in resolved) throw contract(name, `the result of query ${resolved.fault}`);
  return selectColumns(result, resolved);
}

type Fetching = { readonly name: string; readonly limits: SqlLimits };

async function* fetchAll(
  session: Session,
  { places }: Selection,
  { name, limits }: Fetching,
): AsyncGenerator<Batch, readonly string[], undefined> {
  const until = performance.now() + limits.readMs;
  let tooLarge = 0;
  for (let seen = 0; seen <= limits.rowsMax;) {
    const { rows } = await session.ask(fetchStatement(limits.batchRows));
    if (rows.length === 0) return describeTooLarge(tooLarge);
    seen += rows.length;
    if (seen > limits.rowsMax) break;
    if (performance.now() > until) {
      throw new OperationalError(
        'source-unavailable',
        `${name}: query gave rows for longer than ${limits.readMs / 60_000} min`,
      );
    }
    const lines = rows.map(([line]) => line ?? null);
    tooLarge += lines.filter((line) => line === null).length;
    yield lines.map((line) => readRow(line, places));
  }
  throw new OperationalError(
    'source-too-large',
    `${name}: query gives more than ${limits.rowsMax} rows; rows that are left out silently would look like people who left`,
  );
}

function describeTooLarge(rows: number): readonly string[] {
  return rows === 0 ? [] : [`${rows} of the rows have more than ${ROW_BYTES_MAX / 1024} KiB and were not read`];
}

/** Evidence: server and database, without user, password and options. */
function describeAddress({ protocol, host, pathname }: URL): string {
  return `${protocol}//${host}${pathname}`;
}
