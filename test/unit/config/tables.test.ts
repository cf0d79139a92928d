import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { VARIABLES } from '../../../src/config/environment.ts';
import { configJsonSchema } from '../../../src/config/json-schema.ts';
import { ConfigFile } from '../../../src/config/schema.ts';
import { SOURCE_TYPES } from '../../../src/config/source-schema.ts';
import { isBlock, listAt, type Block } from '../../../src/config/tree.ts';
import { RULES } from '../../../src/core/rule.ts';

function readProjectFile(path: string): string {
  return readFileSync(new URL(`../../../${path}`, import.meta.url), 'utf8');
}

/** First cells of the table rows between two markers; a missing marker is an error. */
function tableBetween(path: string, marker: string): readonly (readonly string[])[] {
  const parts = readProjectFile(path).split(new RegExp(`<!-- ${marker}:(?:begin|end) -->`));
  if (parts.length !== 3) throw new Error(`${path} has no <!-- ${marker}:begin --> … <!-- ${marker}:end -->`);
  return [...(parts[1] ?? '').matchAll(/^\| `(?<name>[^`]+)`\s*\|(?<rest>.*)\|$/gmu)].map(({ groups }) => [
    groups?.['name'] ?? '',
    (groups?.['rest'] ?? '').trim(),
  ]);
}

const variables = VARIABLES.map(({ name, meaning }) => [name, meaning]);

describe('environment variables', () => {
  test.each(['README.md', 'docs/configuration.md'])('are the same in the loader and in %s', (path) => {
    expect(tableBetween(path, 'env')).toEqual(variables);
  });

  test('are the same in the loader and in .env.example', () => {
    const names = [...readProjectFile('.env.example').matchAll(/^([A-Z_]+)=/gm)].map(([, name]) => name);
    expect(names).toEqual(variables.map(([name]) => name));
  });
});

type Keys = { readonly leaves: Set<string>; readonly blocks: Set<string> };

/** Every key of a JSON Schema, written as in the docs: `sources[].token`. */
function collectKeys(schema: Block, path: string, keys: Keys): void {
  const options = [...listAt(schema, 'oneOf'), ...listAt(schema, 'anyOf')].filter(isBlock);
  for (const option of options) collectKeys(option, path, keys);
  if (isBlock(schema['items'])) collectKeys(schema['items'], `${path}[]`, keys);
  if (!isBlock(schema['properties'])) return;
  for (const [key, value] of Object.entries(schema['properties'])) {
    const name = path === '' ? key : `${path}.${key}`;
    if (!isBlock(value)) continue;
    collectKeys(value, name, keys);
    const isBlockOnly = value['properties'] !== undefined;
    (isBlockOnly ? keys.blocks : keys.leaves).add(name);
  }
}

describe('keys of the file', () => {
  const schema = configJsonSchema();
  const keys: Keys = { leaves: new Set(), blocks: new Set() };
  collectKeys({ ...schema }, '', keys);
  const documented = tableBetween('docs/configuration.md', 'keys');
  const names = documented.map(([name]) => name ?? '');

  test('are in docs/configuration.md, all of them and once', () => {
    expect([...keys.leaves].filter((key) => !names.includes(key))).toEqual([]);
    expect(names.toSorted()).toEqual([...new Set(names)].toSorted());
  });

  test('in docs/configuration.md exist', () => {
    expect(names.filter((name) => !keys.leaves.has(name) && !keys.blocks.has(name))).toEqual([]);
  });

  test('are the same at the top in JSON Schema and config schema', () => {
    const properties = 'properties' in schema && isBlock(schema.properties) ? schema.properties : {};
    expect(Object.keys(properties)).toEqual(Object.keys(ConfigFile.shape));
  });

  test('say which rules and types this version has', () => {
    const rows = documented.filter(([name]) => /^rules\.[a-z_]+$/.test(name ?? ''));
    const available = rows.flatMap(([name = '', rest = '']) => (rest.includes('Not in this version') ? [] : [name]));
    expect(available.toSorted()).toEqual(RULES.map((rule) => `rules.${rule}`).toSorted());
    const types = documented.find(([name]) => name === 'sources[].type')?.[1] ?? '';
    for (const type of SOURCE_TYPES) expect(types).toContain(`\`${type}\``);
  });

  test('have a value that is a whole JSON Schema', () => {
    expect(schema).toMatchObject({
      $schema: 'https://json-schema.org/draft/2020-12/schema',
      type: 'object',
      required: ['sources'],
      additionalProperties: false,
    });
  });
});
