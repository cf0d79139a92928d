import type pg from 'pg';

/** Ten million batches: more than any roster, and yet an end. */
const BATCHES_MAX = 10_000_000;

export type CursorQuery = {
  /** Part of the statement, so a constant of the program. Unique within its transaction. */
  readonly name: string;
  readonly text: string;
  readonly values: readonly unknown[];
  readonly batchRows: number;
};

/**
 * The rows of one statement in batches, through a cursor on the server: memory here and there stays flat whatever the result's
 * size. Needs an open transaction. What is written meanwhile on the same connection does not change what is still to come.
 */
export async function* fetchBatches<Row extends pg.QueryResultRow>(
  client: pg.ClientBase,
  query: CursorQuery,
): AsyncGenerator<readonly Row[], void, undefined> {
  await client.query(`declare ${query.name} no scroll cursor for ${query.text}`, [...query.values]);
  for (let batch = 0; batch < BATCHES_MAX; batch += 1) {
    const { rows } = await client.query<Row>(`fetch ${query.batchRows} from ${query.name}`);
    if (rows.length > 0) yield rows;
    if (rows.length < query.batchRows) {
      await client.query(`close ${query.name}`);
      return;
    }
  }
  throw new Error(`the cursor ${query.name} does not end`);
}
