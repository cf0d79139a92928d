import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { createFileSource } from '../../../../src/sources/file/client.ts';
import { collect, NO_POLICY } from '../../../support/listing.ts';

let directory = '';
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'rollcall-json-'));
});
afterEach(async () => {
  await rm(directory, { recursive: true });
});

async function listOf(text: string, columns: Readonly<Record<string, string>> = {}) {
  const path = join(directory, 'list.json');
  await writeFile(path, text);
  return await collect(createFileSource({ name: 'directory', path, allow: [], policy: NO_POLICY, columns }));
}

async function json(document: unknown) {
  return await listOf(JSON.stringify(document));
}

describe('a JSON file', () => {
  const jane = { id: 7, email: 'jane@example.com', 'Given Name': 'Jane', aliases: ['j@example.com'], status: true };
  test.each<[string, unknown]>([
    ['a list', [jane]],
    ...['identities', 'users', 'people', 'rows', 'data'].map((key): [string, unknown] => [
      `a list under ${key}`,
      { [key]: [jane], meta: {} },
    ]),
  ])('may be %s', async (_name, document) => {
    const { rows, end } = await json(document);
    expect(rows).toMatchObject([
      {
        externalId: '7',
        email: 'jane@example.com',
        givenName: 'Jane',
        aliases: ['j@example.com'],
        status: 'active',
        flags: [],
      },
    ]);
    expect(end.outcome).toEqual({ kind: 'ended' });
  });

  test.each<[string, string, string]>([
    ['empty', '', 'directory: the file is empty'],
    ['cut short', '[{"id": 7}, {"id"', 'directory: the file is not JSON'],
    ['not UTF-8', '\u00ff', 'directory: the file is not UTF-8'],
  ])('that is %s is a fault of the file', async (_name, text, detail) => {
    const path = join(directory, 'list.json');
    await writeFile(path, text, 'latin1');
    const { rows, end } = await collect(createFileSource({ name: 'directory', path, allow: [], policy: NO_POLICY }));
    expect(rows).toEqual([]);
    expect(end.outcome).toMatchObject({ kind: 'broken', code: 'source-file', detail: expect.stringContaining(detail) });
  });

  test('its rows may have different keys, and what is no row is counted', async () => {
    const { ids, end } = await json([
      { email: 'a@example.com' },
      { email: 'b@example.com', title: 'T' },
      'text',
      null,
      {},
    ]);
    expect(ids).toEqual(['a@example.com', 'b@example.com']);
    expect(end).toMatchObject({ rowsSeen: 5, rowsWithoutId: 3 });
  });

  test('where one row has an id, the others need one', async () => {
    const { ids, end } = await json([{ email: 'a@example.com' }, { id: 'x' }, { id: null, email: 'b@example.com' }]);
    expect([ids, end.rowsWithoutId]).toEqual([['x'], 2]);
  });

  test('a key that every object inherits is no cell of a row without it', async () => {
    const text = '[{"id":"1","constructor":"CTO"},{"id":"2"}]';
    const listing = await listOf(text, { title: 'constructor' });
    expect(listing.rows).toMatchObject([{ title: 'CTO' }, { title: undefined, flags: [] }]);
  });

  test('where each row has a key of its own costs no more than its rows', { timeout: 40_000 }, async () => {
    const rows = Array.from({ length: 60_000 }, (_unused, at) => ({ id: at, [`extra-${at}`]: 'x' }));
    expect((await json(rows)).ids).toHaveLength(60_000);
  });

  test('an empty list is a well-formed listing, which the verdict judges', async () => {
    expect((await json([])).end).toMatchObject({ rowsSeen: 0, outcome: { kind: 'ended' } });
  });

  test('ids beyond 2^53 stay exact', async () => {
    expect((await listOf('[{"id":9007199254740993}]')).ids).toEqual(['9007199254740993']);
  });

  test('__proto__ is only a key', async () => {
    const { rows } = await listOf('[{"__proto__":{"id":"evil"},"email":"a@example.com"}]');
    expect(rows).toMatchObject([{ externalId: 'a@example.com' }]);
    expect(Reflect.get({}, 'id')).toBeUndefined();
  });

  test.each([
    ['half a document', '[{"id":"7"},{"id":'],
    ['a text', '"jane"'],
    ['no list', '{"people":{"id":"7"}}'],
    ['two lists', '{"people":[{"id":"7"}],"users":[{"id":"8"}]}'],
    ['rows without id and email', '[{"name":"Jane"}]'],
    ['nothing', ''],
  ])('%s gives no row at all', async (_name, text) => {
    const { rows, end } = await listOf(text);
    expect(rows).toEqual([]);
    expect(end.outcome).toMatchObject({ kind: 'broken', code: 'source-file' });
  });
});
