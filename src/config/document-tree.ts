import { isAlias, isMap, isScalar, isSeq, type Document } from 'yaml';
import type { EnvironmentReader } from './environment.ts';
import type { Fault, Path, Place } from './faults.ts';
import { resolveReferences, unmarkReferences } from './reference.ts';
import { pathKey } from './tree.ts';

/** Path → where it is written: its key, or its value in a list. */
export type Places = ReadonlyMap<string, Place>;

export type WalkedTree = {
  readonly tree: unknown;
  readonly places: Places;
  readonly absent: ReadonlyMap<string, readonly string[]>;
  readonly faults: readonly Fault[];
};

const DEPTH_MAX = 12;
// Anchors may repeat a block, and a block may contain itself: both end here.
const NODES_MAX = 100_000;

type Walk = {
  readonly document: Document;
  readonly environment: EnvironmentReader;
  readonly placeOf: (offset: number) => Place;
  readonly places: Map<string, Place>;
  readonly absent: Map<string, readonly string[]>;
  readonly faults: Fault[];
  nodes: number;
};

/** Turns nodes into plain values, replaces `${NAME}` in them, and notes where each came from. */
export function walkNodes(
  document: Document,
  environment: EnvironmentReader,
  placeOf: (offset: number) => Place,
): WalkedTree {
  const walk: Walk = { document, environment, placeOf, places: new Map(), absent: new Map(), faults: [], nodes: 0 };
  const tree = toValue(walk, document.contents, []);
  return { tree: tree ?? {}, places: walk.places, absent: walk.absent, faults: walk.faults };
}

/** undefined: the key is absent. So is one with nothing behind its colon, as where every line of a block is commented out. */
function toValue(walk: Walk, node: unknown, path: Path): unknown {
  walk.nodes += 1;
  if (path.length > DEPTH_MAX || walk.nodes > NODES_MAX) {
    if (walk.nodes <= NODES_MAX + 1) walk.faults.push({ path, message: 'is nested too deep' });
    return undefined;
  }
  const target = isAlias(node) ? node.resolve(walk.document) : node;
  if (isMap(target)) return toBlock(walk, target.items, path);
  if (isSeq(target)) return toList(walk, target.items, path);
  if (!isScalar(target)) return undefined;
  if (typeof target.value === 'string') return substitute(walk, target.value, path);
  return target.value ?? undefined;
}

type Pairs = readonly { readonly key: unknown; readonly value: unknown }[];

function toBlock(walk: Walk, pairs: Pairs, path: Path): unknown {
  const entries: [string, unknown][] = [];
  for (const { key, value } of pairs) {
    const name = isScalar(key) ? unmarkReferences(String(key.value)) : '';
    const here = [...path, name];
    mark(walk, key, here);
    const converted = toValue(walk, value, here);
    if (converted !== undefined) entries.push([name, converted]);
    // A misspelt key must be told of even when nothing stands behind it.
    else if (!walk.absent.has(pathKey(here))) entries.push([name, undefined]);
  }
  // Not an assignment: `__proto__` must become a key like any other.
  return Object.fromEntries(entries);
}

function toList(walk: Walk, nodes: readonly unknown[], path: Path): unknown {
  const values: unknown[] = [];
  for (const node of nodes) {
    const here = [...path, values.length];
    mark(walk, node, here);
    const value = toValue(walk, node, here);
    if (value !== undefined) values.push(value);
  }
  return values;
}

function mark(walk: Walk, node: unknown, path: Path): void {
  const offset = isScalar(node) || isMap(node) || isSeq(node) || isAlias(node) ? node.range?.[0] : undefined;
  if (offset !== undefined) walk.places.set(pathKey(path), walk.placeOf(offset));
}

/** The result is text and stays text: what a variable holds is never read as YAML. */
function substitute(walk: Walk, template: string, path: Path): string | undefined {
  const resolved = resolveReferences(template, walk.environment.read);
  if ('text' in resolved) return resolved.text;
  if ('unset' in resolved) walk.absent.set(pathKey(path), resolved.unset);
  else
    walk.faults.push({ path, message: 'holds a ${…} that is not of the form ${NAME}; there are no defaults inside' });
  return undefined;
}
