import type { Json } from '../core/case.ts';

/** Each fact with its path. */
export function flattenEvidence(evidence: { readonly [key: string]: Json }): readonly (readonly [string, Json])[] {
  return Object.entries(evidence).flatMap(([key, value]) => flatten(key, value, 0));
}

/** Deeper than any rule's evidence is. */
const DEPTH_MAX = 4;

function flatten(path: string, value: Json, depth: number): readonly (readonly [string, Json])[] {
  if (depth >= DEPTH_MAX || value === null || typeof value !== 'object') return [[path, value]];
  const isPlainList = Array.isArray(value) && value.every((each) => each === null || typeof each !== 'object');
  if (isPlainList) return [[path, value]];
  return Object.entries(value).flatMap(([key, each]: [string, Json]) => flatten(`${path}.${key}`, each, depth + 1));
}

/** JSON of an event or a link in one line. */
export function renderDetail(detail: { readonly [key: string]: Json }): string {
  return Object.entries(detail)
    .map(([key, value]) => `${key} ${toCell(value)}`)
    .join(', ');
}

/** A JSON value as a cell: `-` where there is nothing. */
export function toCell(value: Json | undefined): string {
  if (value === undefined || value === null || value === '') return '-';
  if (Array.isArray(value)) return value.length === 0 ? '-' : value.map((item: Json) => toCell(item)).join(', ');
  return typeof value === 'string' ? value : JSON.stringify(value);
}
