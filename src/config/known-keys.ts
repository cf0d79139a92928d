import { z } from 'zod';
import type { Path } from './faults.ts';
import { ConfigFile } from './schema.ts';
import { isBlock, listAt, type Block } from './tree.ts';

/** The keys the schema knows in the block at `path`; a source's type decides among the blocks it may be. */
export function knownKeysAt(path: Path, tree: unknown): readonly string[] {
  const root: unknown = z.toJSONSchema(ConfigFile, { io: 'input', unrepresentable: 'any' });
  let schemas: readonly Block[] = isBlock(root) ? [root] : [];
  let value = tree;
  for (const step of path) {
    schemas = schemas.flatMap((schema) => stepInto(schema, step, value));
    value = valueAt(value, step);
  }
  return schemas.flatMap((schema) => branches(schema, value)).flatMap((schema) => Object.keys(propertiesOf(schema)));
}

function stepInto(schema: Block, step: string | number, value: unknown): readonly Block[] {
  return branches(schema, value).flatMap((branch) => {
    const next = typeof step === 'number' ? branch['items'] : propertiesOf(branch)[step];
    return isBlock(next) ? [next] : [];
  });
}

/** The alternatives of a schema that fit the value's `type`. */
function branches(schema: Block, value: unknown): readonly Block[] {
  const options = [...listAt(schema, 'oneOf'), ...listAt(schema, 'anyOf')].filter(isBlock);
  if (options.length === 0) return [schema];
  const type = isBlock(value) ? value['type'] : undefined;
  return options.filter((option) => {
    const declared = propertiesOf(option)['type'];
    return !isBlock(declared) || declared['const'] === type;
  });
}

function propertiesOf(schema: Block): Block {
  const properties = schema['properties'];
  return isBlock(properties) ? properties : {};
}

function valueAt(value: unknown, step: string | number): unknown {
  if (Array.isArray(value)) return typeof step === 'number' ? value[step] : undefined;
  return isBlock(value) ? value[String(step)] : undefined;
}
