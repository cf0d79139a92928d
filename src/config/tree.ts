import type { Path } from './faults.ts';

/** A block of the file before it is checked. */
export type Block = Readonly<Record<string, unknown>>;

export function isBlock(value: unknown): value is Block {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** The block at a key, or an empty one: what is of another kind is the schema's fault to tell. */
export function blockAt(block: Block, key: string): Block {
  const value = block[key];
  return isBlock(value) ? value : {};
}

export function listAt(block: Block, key: string): readonly unknown[] {
  const value: unknown = block[key];
  return Array.isArray(value) ? value : [];
}

export function textAt(block: Block, key: string): string | undefined {
  const value = block[key];
  return typeof value === 'string' && value !== '' ? value : undefined;
}

/** A copy with the value set, making blocks on the way. */
export function withValue(block: Block, path: readonly [string, ...string[]], value: unknown): Block {
  const [key, ...rest] = path;
  const [next, ...others] = rest;
  if (next === undefined) return { ...block, [key]: value };
  return { ...block, [key]: withValue(blockAt(block, key), [next, ...others], value) };
}

/** A path as a key of a Map. */
export function pathKey(path: Path): string {
  return JSON.stringify(path);
}
