import type pg from 'pg';

/** One statement of a transaction, and how many rows its plan has touched: of all nodes, all loops, also what was thrown away. */
export type Worked = { readonly text: string; readonly rows: number };

type PlanNode = {
  readonly 'Actual Rows': number;
  readonly 'Actual Loops': number;
  readonly 'Rows Removed by Filter'?: number;
  readonly 'Rows Removed by Join Filter'?: number;
  readonly 'Rows Removed by Index Recheck'?: number;
  readonly Plans?: readonly PlanNode[];
};
type PlanRow = { readonly 'QUERY PLAN': readonly { readonly Plan: PlanNode }[] };

const MEASURED = /^\s*(?:with|insert|update|delete|select|declare)\b/i;

/**
 * Measures each statement in a transaction of this pool by running it twice, the first time under EXPLAIN ANALYZE in a savepoint. Rows
 * touched instead of time: a plan that goes wrong shows with some thousand rows, on a machine of any speed.
 */
export function measureStatements(pool: pg.Pool): readonly Worked[] {
  const worked: Worked[] = [];
  const known = new WeakSet<pg.PoolClient>();
  pool.on('acquire', (client) => {
    if (known.has(client)) return;
    known.add(client);
    measure(client, worked);
  });
  return worked;
}

function measure(client: pg.PoolClient, worked: Worked[]): void {
  const plain = client.query.bind(client);
  let isInTransaction = false;
  const explain = async (text: string, values: unknown[]): Promise<void> => {
    await plain('savepoint measured');
    const { rows } = await plain<PlanRow>(`explain (analyze, timing off, format json) ${text}`, values);
    await plain('rollback to savepoint measured');
    const [plan] = rows[0]?.['QUERY PLAN'] ?? [];
    if (plan === undefined) throw new Error('EXPLAIN gave no plan');
    worked.push({ text, rows: rowsOf(plan.Plan) });
  };
  const query = (...args: readonly unknown[]): unknown => {
    const [text, values] = args;
    if (text === 'begin') isInTransaction = true;
    if (text === 'commit' || text === 'rollback') isInTransaction = false;
    const pass = (): unknown => Reflect.apply(plain, client, args);
    if (!isInTransaction || typeof text !== 'string' || !MEASURED.test(text)) return pass();
    return explain(text, Array.isArray(values) ? values : []).then(pass);
  };
  Object.assign(client, { query });
}

/** The same for reads that are in no transaction: each statement of the pool itself. */
export function measureReads(pool: pg.Pool): Worked[] {
  const worked: Worked[] = [];
  const plain = pool.query.bind(pool);
  const query = async (text: string, values: unknown[] = []): Promise<unknown> => {
    const { rows } = await plain<PlanRow>(`explain (analyze, timing off, format json) ${text}`, values);
    const [plan] = rows[0]?.['QUERY PLAN'] ?? [];
    if (plan === undefined) throw new Error('EXPLAIN gave no plan');
    worked.push({ text, rows: rowsOf(plan.Plan) });
    return plain(text, values);
  };
  Object.assign(pool, { query });
  return worked;
}

function rowsOf(node: PlanNode): number {
  const each =
    node['Actual Rows'] +
    (node['Rows Removed by Filter'] ?? 0) +
    (node['Rows Removed by Join Filter'] ?? 0) +
    (node['Rows Removed by Index Recheck'] ?? 0);
  return (node.Plans ?? []).reduce((sum, child) => sum + rowsOf(child), each * node['Actual Loops']);
}
