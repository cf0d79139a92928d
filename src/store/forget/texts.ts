import type pg from 'pg';
import type { Json } from '../../core/case.ts';
import { scrubJson } from '../../core/forget.ts';
import type { PersonTraces } from './traces.ts';

/** Where people and rules have written sentences: columns of text and of JSON, by the columns that name a row. */
const TABLES = [
  { table: 'waiver', key: 'id', texts: ['reason', 'author', 'ended_because'], jsons: [] },
  { table: 'audit', key: 'id', texts: ['author', 'subject', 'reason'], jsons: ['detail'] },
  { table: 'breaker', key: 'id', texts: ['closed_by', 'reason'], jsons: ['evidence'] },
  { table: 'finding_event', key: 'id', texts: [], jsons: ['detail'] },
  { table: 'drift_report', key: 'id', texts: [], jsons: ['verdicts', 'withheld'] },
  {
    table: 'finding',
    key: 'id',
    texts: ['account_email', 'account_name', 'identity_email', 'summary'],
    jsons: ['evidence'],
  },
  { table: 'link', key: 'ctid', texts: ['author', 'reason'], jsons: ['evidence'] },
] as const;

type Table = (typeof TABLES)[number];
type Row = { readonly key: string } & { readonly [column: string]: Json };

/** Takes a person out of the texts about others; returns how many rows said something. */
export async function scrubTexts(client: pg.PoolClient, traces: PersonTraces): Promise<number> {
  let changed = 0;
  for (const table of TABLES) changed += await scrubTable(client, table, traces);
  return changed;
}

async function scrubTable(
  client: pg.PoolClient,
  table: Table,
  { words, values, scrub }: PersonTraces,
): Promise<number> {
  const columns = [...table.texts, ...table.jsons];
  // As JSON writes them, too.
  const needles = [...new Set([...words, ...values].flatMap((word) => [word, JSON.stringify(word).slice(1, -1)]))];
  const { rows } = await client.query<Row>(
    `select t.${table.key}::text as key, ${columns.map((column) => `t.${column}`).join(', ')} from rollcall.${table.table} t
      where exists (select from unnest($1::text[]) n
                     where strpos(lower(concat_ws(E'\\n', ${columns.map((column) => `t.${column}::text`).join(', ')})), n) > 0)`,
    [needles.map((needle) => needle.toLowerCase())],
  );
  let changed = 0;
  for (const row of rows) {
    const before = columns.map((column) => row[column] ?? null);
    const after = before.map((value) => scrubJson(value, scrub));
    if (JSON.stringify(before) === JSON.stringify(after)) continue;
    const isJson = (at: number): boolean => at >= table.texts.length;
    const set = columns.map((column, at) => `${column} = $${at + 2}${isJson(at) ? '::jsonb' : ''}`).join(', ');
    await client.query(`update rollcall.${table.table} set ${set} where ${table.key}::text = $1`, [
      row.key,
      ...after.map((value, at) => (isJson(at) ? JSON.stringify(value) : value)),
    ]);
    changed += 1;
  }
  return changed;
}
