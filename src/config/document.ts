import { LineCounter, parseDocument, visit, type Document } from 'yaml';
import { markReferences } from './reference.ts';
import { walkNodes, type Places } from './document-tree.ts';
import type { EnvironmentReader } from './environment.ts';
import type { Fault, Place } from './faults.ts';

export type ConfigDocument = {
  /** Plain values with `${NAME}` replaced; undefined when the text is no YAML at all. */
  readonly tree: unknown;
  readonly places: Places;
  /** Path → variables that were not set there, so that the key counts as absent. */
  readonly absent: ReadonlyMap<string, readonly string[]>;
  /** Faults of the text itself, with a place instead of a path. */
  readonly broken: readonly (Place & { readonly message: string })[];
  readonly faults: readonly Fault[];
};

// After a few, the parser has lost its way and complains of every word.
const BROKEN_MAX = 3;

/** Reads YAML text and keeps the line of every key. */
export function parseConfigText(text: string, environment: EnvironmentReader): ConfigDocument {
  const lines = new LineCounter();
  // Pretty errors quote the line, and a line may hold a secret. Keys are text, as in JSON.
  const document = parseDocument(markReferences(text), {
    lineCounter: lines,
    prettyErrors: false,
    stringKeys: true,
    uniqueKeys: true,
  });
  const placeOf = (offset: number): Place => {
    const { line, col } = lines.linePos(offset);
    return { line, column: col };
  };
  const broken = [...document.errors, ...document.warnings].map(({ code, pos }) => ({
    ...placeOf(pos[0]),
    message: YAML_FAULTS[code] ?? `is not valid YAML (${code.toLowerCase().replaceAll('_', ' ')})`,
  }));
  broken.push(...findAliasFaults(document, placeOf));
  if (broken.length > 0) {
    const first = broken.slice(0, BROKEN_MAX);
    return { tree: undefined, places: new Map(), absent: new Map(), broken: first, faults: [] };
  }
  return { ...walkNodes(document, environment, placeOf), broken };
}

// Our own sentences, because the library's may quote the text.
const YAML_FAULTS: Readonly<Record<string, string>> = {
  DUPLICATE_KEY: 'this key is there twice in its block; keep one',
  TAB_AS_INDENT: 'is indented with a tab; use blanks',
  UNEXPECTED_TOKEN: 'something here belongs to no value; is a quote, bracket or comma missing, or one too many?',
  MISSING_CHAR: 'a closing quote, bracket or comma is missing before this place',
  BAD_INDENT: 'is indented differently from its neighbours, or a bracket before it was not closed',
  BAD_DQ_ESCAPE: 'this backslash sequence means nothing between double quotes; use single quotes',
  BLOCK_AS_IMPLICIT_KEY: 'a second colon on this line; put the value in quotes',
  MULTILINE_IMPLICIT_KEY: 'a key went over the end of its line; is a colon missing?',
  MULTIPLE_DOCS: 'a second document begins here (---); keep one',
  NON_STRING_KEY: 'a key must be a plain word',
  BAD_SCALAR_START: 'a value cannot begin with this character; put it in quotes',
  TAG_RESOLVE_FAILED: 'tags (!word) are not understood; for a secret write ${NAME} and set NAME or NAME_FILE',
  BAD_ALIAS: 'this alias (*name) has no anchor (&name) before it',
};

function findAliasFaults(document: Document, placeOf: (offset: number) => Place): (Place & { message: string })[] {
  const found: (Place & { message: string })[] = [];
  visit(document, {
    Alias: (_key, alias) => {
      if (alias.resolve(document) !== undefined) return;
      found.push({ ...placeOf(alias.range?.[0] ?? 0), message: YAML_FAULTS['BAD_ALIAS'] ?? '' });
    },
  });
  if (found.length > 0 || document.errors.length > 0) return found;
  try {
    // The library counts what aliases unfold to and stops a bomb; its default limit is kept.
    document.toJS();
  } catch {
    found.push({ line: 1, column: 1, message: 'aliases (*name) unfold to too much; write the values out' });
  }
  return found;
}
