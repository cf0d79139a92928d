import { expect, test } from 'vitest';
import { migrateRoles } from '../../src/store/roles.ts';
import { renderTable, showIn } from '../support/document.ts';
import { openTestStore, type TestStore } from '../support/store.ts';

// docs/data-dictionary.md is what the catalogue says that `rollcall_reader` may read: nothing of it is written by hand.

const PAGE = new URL('../../docs/data-dictionary.md', import.meta.url);
const PLACE = ['<!-- catalogue:begin, written by UPDATE_DOCS=1 -->', '<!-- catalogue:end -->'] as const;

type Relation = { readonly oid: number; readonly name: string; readonly kind: string; readonly says: string | null };
type Column = {
  readonly name: string;
  readonly type: string;
  readonly required: boolean;
  readonly says: string | null;
};

const RELATIONS = `
  select c.oid::int, c.relname as name, c.relkind as kind, obj_description(c.oid, 'pg_class') as says
    from pg_class c
   where c.relnamespace = 'rollcall'::regnamespace and c.relkind in ('r', 'v', 'm', 'p')
     and has_any_column_privilege('rollcall_reader', c.oid, 'select')
   order by c.relkind = 'r', c.relname`;
const COLUMNS = `
  select a.attname as name, format_type(a.atttypid, a.atttypmod) as type, a.attnotnull as required,
         col_description(a.attrelid, a.attnum) as says
    from pg_attribute a
   where a.attrelid = $1 and a.attnum > 0 and not a.attisdropped
   order by a.attnum`;
const ROUTINES = `
  select p.proname as name, pg_get_function_arguments(p.oid) as arguments, pg_get_function_result(p.oid) as result,
         obj_description(p.oid, 'pg_proc') as says
    from pg_proc p
   where p.pronamespace = 'rollcall'::regnamespace and has_function_privilege('rollcall_reader', p.oid, 'execute')
   order by p.proname`;

async function describeCatalogue({ pool }: TestStore): Promise<{ readonly text: string; readonly unsaid: string[] }> {
  const unsaid: string[] = [];
  const say = (name: string, says: string | null): string => {
    if (says === null || says.trim() === '') unsaid.push(name);
    return (says ?? '').replaceAll('|', String.raw`\|`);
  };
  const parts: string[] = [];
  for (const { oid, name, kind, says } of (await pool.query<Relation>(RELATIONS)).rows) {
    const columns = (await pool.query<Column>(COLUMNS, [oid])).rows;
    // Postgres knows of no column of a view whether it is ever empty.
    const isTable = kind === 'r';
    const rows = columns.map((each) => [
      `\`${each.name}\``,
      `\`${each.type}\``,
      ...(isTable ? [each.required ? 'no' : 'yes'] : []),
      say(`${name}.${each.name}`, each.says),
    ]);
    const header = ['Column', 'Type', ...(isTable ? ['May be null'] : []), 'Meaning'];
    parts.push(`## ${name}`, `${isTable ? 'Table' : 'View'}. ${say(name, says)}`, renderTable(header, rows));
  }
  for (const each of (
    await pool.query<Record<'name' | 'arguments' | 'result', string> & { says: string | null }>(ROUTINES)
  ).rows) {
    const signature = `\`${each.name}(${each.arguments})\` gives \`${each.result}\`.`;
    parts.push(`## ${each.name}`, `Function ${signature} ${say(each.name, each.says)}`);
  }
  return { text: parts.join('\n\n'), unsaid };
}

test('the data dictionary is the catalogue, and everything in it has a comment', async () => {
  await using store = await openTestStore();
  await migrateRoles(store.pool);

  const { text, unsaid } = await describeCatalogue(store);

  expect(unsaid).toEqual([]);
  for (const name of ['drift_findings', 'roster', 'account_version', 'roster_at']) expect(text).toContain(`## ${name}`);
  const { published, current } = await showIn(PAGE, PLACE, text);
  expect(published).toBe(current);
});
