/** The fields of contract §3 that a list can give, by the name that its column has when nobody says otherwise. */
const FIELD_OF_HEADER = {
  id: 'id',
  external_id: 'id',
  email: 'email',
  aliases: 'aliases',
  employee_id: 'employee_id',
  given_name: 'given_name',
  family_name: 'family_name',
  display_name: 'display_name',
  name: 'name',
  status: 'status',
  kind: 'kind',
  role: 'role',
  title: 'title',
  department: 'department',
  manager_id: 'manager_id',
  start_date: 'start_date',
  end_date: 'end_date',
  last_active_at: 'last_active_at',
  source_created_at: 'source_created_at',
  source_updated_at: 'source_updated_at',
} as const;

export type Field = (typeof FIELD_OF_HEADER)[keyof typeof FIELD_OF_HEADER];

/** Where each field is: its place among the headers. */
export type Columns = ReadonlyMap<Field, number>;

/** `columns` of the configuration: our field to their header. */
export type ColumnSettings = ReadonlyMap<Field, string>;

/** Nothing, or why a configured name is no field. */
export function parseColumnSettings(
  settings: Readonly<Record<string, string>>,
): ColumnSettings | { readonly fault: string } {
  const columns = new Map<Field, string>();
  for (const [name, header] of Object.entries(settings)) {
    const field = AUTOMATIC.get(foldHeader(name));
    if (field === undefined) {
      return { fault: `columns.${name} is no field; fields are ${Object.keys(FIELD_OF_HEADER).join(', ')}` };
    }
    columns.set(field, header);
  }
  return columns;
}

/** Finds the fields among the headers of a list, or says why this list is not to be read. */
export function resolveColumns(
  headers: readonly string[],
  settings: ColumnSettings,
): Columns | { readonly fault: string } {
  const columns = new Map<Field, number>();
  for (const [place, header] of headers.entries()) {
    for (const field of fieldsOf(header, settings)) {
      if (columns.has(field))
        return { fault: `has two columns for ${field}; take one out, or name one by columns.${field}` };
      columns.set(field, place);
    }
  }
  const missing = [...settings].find(([field]) => !columns.has(field));
  if (missing !== undefined) return { fault: `has no column "${missing[1]}", which columns.${missing[0]} names` };
  if (columns.has('id') || columns.has('email')) return columns;
  return { fault: 'has neither an id nor an email column; name yours under columns' };
}

/** One header may be told to serve several fields; a field that is told to be elsewhere is not taken from its own name. */
function fieldsOf(header: string, settings: ColumnSettings): readonly Field[] {
  const folded = foldHeader(header);
  const told = [...settings].filter(([, wanted]) => foldHeader(wanted) === folded).map(([field]) => field);
  const automatic = AUTOMATIC.get(folded);
  if (told.length > 0 || automatic === undefined || settings.has(automatic)) return told;
  return [automatic];
}

/** Case, blanks, underscores and hyphens make no difference: `E-Mail`, `Given Name` and `given_name` are what people write. */
export function foldHeader(header: string): string {
  return header
    .normalize('NFC')
    .toLowerCase()
    .replaceAll(/[\s_-]+/gu, '');
}

const AUTOMATIC: ReadonlyMap<string, Field> = new Map(
  Object.entries(FIELD_OF_HEADER).map(([header, field]) => [foldHeader(header), field]),
);
