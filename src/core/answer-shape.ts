/** What an answer looks like: names of keys and counts of rows, never a value. */
export type AnswerShape =
  | { readonly kind: 'object'; readonly keys: Names; readonly list?: ShapeOfList | undefined }
  | { readonly kind: 'list'; readonly list: ShapeOfList }
  | { readonly kind: 'value' };

/** Names that look like names, and how many others there are: a key may be a person's address. */
type Names = { readonly shown: readonly string[]; readonly others: number };

type ShapeOfList = {
  /** The key it is under; absent where the list is the whole answer. */
  readonly key?: string | undefined;
  readonly rows: number;
  /** Keys that hold something in at least one row. */
  readonly fields: Names;
};

const SHOWN_MAX = 12;
/** Of a page; more say nothing new. */
const ROWS_LOOKED_AT = 100;
/** A name of a field: an address, a sentence or a number is none. */
const FIELD_NAME = /^[A-Za-z_][A-Za-z_.:-]{0,39}\d{0,2}$/u;

export function toShape(json: unknown): AnswerShape {
  if (Array.isArray(json)) return { kind: 'list', list: toList(json) };
  if (!isRecord(json)) return { kind: 'value' };
  const keys = Object.keys(json);
  const key = keys.find((each) => Array.isArray(json[each]));
  const rows = key === undefined ? undefined : json[key];
  const list = Array.isArray(rows) ? { ...toList(rows), key } : undefined;
  return { kind: 'object', keys: toNames(keys), list };
}

/** `an object with the keys meta, people; 30 rows under people, with id, email`. */
export function describeShape(shape: AnswerShape | undefined): string {
  if (shape === undefined) return 'an answer that is not JSON';
  if (shape.kind === 'value') return 'a single value instead of an object';
  if (shape.kind === 'list') return `a bare list of ${describeList(shape.list)}`;
  const keys = describeNames(shape.keys);
  if (keys === '') return 'an empty object';
  const object = `an object with the ${shape.keys.shown.length === 1 && shape.keys.others === 0 ? 'key' : 'keys'} ${keys}`;
  const { list } = shape;
  return list?.key === undefined || !shape.keys.shown.includes(list.key)
    ? object
    : `${object}; under ${list.key} ${describeList(list)}`;
}

/** Whether one of these fields holds something in one row at least; SCIM's names have no case. */
export function hasField(shape: AnswerShape | undefined, ...names: readonly string[]): boolean {
  const shown = listOf(shape)?.fields.shown.map((name) => name.toLowerCase()) ?? [];
  return names.some((name) => shown.includes(name));
}

export function rowsOf(shape: AnswerShape | undefined): number | undefined {
  return listOf(shape)?.rows;
}

function listOf(shape: AnswerShape | undefined): ShapeOfList | undefined {
  return shape === undefined || shape.kind === 'value' ? undefined : shape.list;
}

function toList(rows: readonly unknown[]): ShapeOfList {
  const fields = new Set<string>();
  for (const row of rows.slice(0, ROWS_LOOKED_AT)) {
    if (!isRecord(row)) continue;
    for (const [name, value] of Object.entries(row)) {
      if (value !== null && value !== '' && value !== undefined) fields.add(name);
    }
  }
  const known = [...fields].filter((name) => FIELD_NAME.test(name));
  return { rows: rows.length, fields: { shown: known, others: fields.size - known.length } };
}

function toNames(keys: readonly string[]): Names {
  const shown = keys.filter((key) => FIELD_NAME.test(key));
  return { shown, others: keys.length - shown.length };
}

function describeList({ rows, fields }: ShapeOfList): string {
  const count = `${rows} ${rows === 1 ? 'row' : 'rows'}`;
  const names = describeNames(fields);
  return names === '' ? count : `${count} with ${names}`;
}

function describeNames({ shown, others }: Names): string {
  const first = shown.slice(0, SHOWN_MAX);
  const more = others + shown.length - first.length;
  if (more === 0) return first.join(', ');
  return first.length === 0 ? `${more} keys that are no names of fields` : `${first.join(', ')} and ${more} more`;
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
