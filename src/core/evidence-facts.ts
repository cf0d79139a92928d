import { CONTENT_FIELDS } from './record-fields.ts';

/** The facts that a run's digest covers, by their columns and in its order; the digest of the run before stands before them. */
export const RUN_FACTS = [
  'id',
  'source_id',
  'mode',
  'endpoint',
  'parameters',
  'pages',
  'requests',
  'rows_seen',
  'rows_without_id',
  'distinct_ids',
  'declared_total',
  'present_usable',
  'verdict',
  'code',
  'reason',
  'warnings',
  'started_at',
  'finished_at',
  'as_of',
  'rows_changed',
  'rows_gone',
  'listing_digest',
] as const;

/** What a row's content hash covers, by its columns and in its order; of `flags` all but the one that speaks of instants. */
export const HASHED_FIELDS = [...CONTENT_FIELDS, 'flags'] as const;
const UNHASHED_FLAG = 'timestamp_unreadable';

type Columns = { readonly [column: string]: unknown };

/** The text of which a run's digest is the SHA-256. */
export function runText(row: Columns): string {
  const facts = RUN_FACTS.map((column) => row[column] ?? null);
  return `${typeof row['previous_digest'] === 'string' ? row['previous_digest'] : ''}\n${JSON.stringify(facts)}`;
}

/** The text of which a row's content hash is the SHA-256, from the columns of its version (`contentText` of a row that was just read). */
export function rowText(row: Columns): string {
  const fields = HASHED_FIELDS.map((column) => (column === 'flags' ? hashedFlags(row) : (row[column] ?? null)));
  return JSON.stringify(fields);
}

function hashedFlags({ flags }: Columns): readonly unknown[] {
  return Array.isArray(flags) ? flags.filter((flag) => flag !== UNHASHED_FLAG) : [];
}
