import { expect, test } from 'vitest';
import { RULES } from '../../../src/core/rule.ts';
import { showIn } from '../../support/document.ts';
import { anchorsOf, readPage } from '../../support/markdown.ts';
import { type Key, renderRules } from '../../support/rule-page.ts';

const PAGE = new URL('../../../docs/rules.md', import.meta.url);
const PLACE = ['<!-- rules:begin, written by UPDATE_DOCS=1 -->', '<!-- rules:end -->'] as const;

/** docs/configuration.md says what the keys mean, and a test holds it to the schema. */
function readKeys(): readonly Key[] {
  const rows = readPage('docs/configuration.md').text.matchAll(
    /^\| `(?<name>rules\.[^`]+)`\s*\|(?<meaning>.*)\|(?<byDefault>.*)\|$/gmu,
  );
  return [...rows].map(({ groups = {} }) => ({
    name: groups['name'] ?? '',
    meaning: groups['meaning']?.trim() ?? '',
    byDefault: groups['byDefault']?.trim() ?? '',
  }));
}

test('docs/rules.md says of every rule what the program does', async () => {
  const keys = readKeys();
  expect(new Set(keys.map(({ name }) => name.split('.')[1]))).toEqual(new Set(RULES));
  const { published, current } = await showIn(PAGE, PLACE, renderRules(keys));
  expect(published).toBe(current);
});

test('every rule has an anchor there, and the README leads to it', () => {
  expect([...anchorsOf(readPage('docs/rules.md'))]).toEqual(expect.arrayContaining([...RULES]));
  expect(readPage('README.md').text).toContain('(docs/rules.md)');
});
