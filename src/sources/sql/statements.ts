/** A column of the result, as the server describes it. */
export type ResultColumn = { readonly name: string; readonly typeOid: number };

/** Longer than any person's row; what is longer does not come over, so that a batch has a size. */
export const ROW_BYTES_MAX = 65_536;

const CURSOR = 'rollcall_rows';
const DESCRIBE_BEFORE = 'select * from (\n';

/** The configured query, without the semicolon that people end it with. Any other one is left for the server to refuse. */
export function trimQuery(query: string): string {
  return query.replace(/[\s;]+$/u, '');
}

/**
 * Asks for the columns alone. As a subquery the text can be nothing but a SELECT, VALUES or TABLE; that it cannot be several statements is
 * the extended protocol's doing. The line end keeps a comment at its end from swallowing our bracket.
 */
export function describeStatement(query: string): string {
  return `${DESCRIBE_BEFORE}${query}\n) as roster limit 0`;
}

/**
 * A row becomes one JSON text, so that it is Postgres that writes dates, times, lists and numbers, always in the same way, and no driver
 * makes a `Date` of them. Columns that nobody maps are not even computed.
 */
export function openStatement(query: string, columns: readonly ResultColumn[]): string {
  const cells = columns.map(cellOf).join(', ');
  return `declare ${CURSOR} no scroll cursor for
select case when octet_length(line) <= ${ROW_BYTES_MAX} then line end
from (select json_build_array(${cells})::text as line from (
${query}
) as roster offset 0) as lines`;
}

export function fetchStatement(rows: number): string {
  return `fetch forward ${rows} from ${CURSOR}`;
}

/** `infinity` is how a database says "no end"; as text it would be a date that cannot be read. */
function cellOf({ name, typeOid }: ResultColumn): string {
  const column = `roster."${name.replaceAll('"', '""')}"`;
  return TIMES.has(typeOid) ? `case when isfinite(${column}) then ${column} end` : column;
}

/** date, timestamp, timestamptz. These numbers are part of Postgres' protocol. */
const TIMES: ReadonlySet<number> = new Set([1082, 1114, 1184]);

/** Where in the query the server points to, when it says so of `describeStatement`: it counts characters, from 1. */
export function placeInQuery(query: string, position: string | undefined): string {
  const at = Number(position) - DESCRIBE_BEFORE.length - 1;
  const characters = Array.from(query);
  if (!Number.isInteger(at) || at < 0 || at > characters.length) return '';
  const before = characters.slice(0, at).join('').split('\n');
  return `, line ${before.length}, column ${Array.from(before.at(-1) ?? '').length + 1} of query`;
}
