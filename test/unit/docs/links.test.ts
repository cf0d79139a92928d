import { existsSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import { anchorsOf, fencesOf, linksOf, readPage, readPages, ROOT, type Inline } from '../../support/markdown.ts';

const PAGES = readPages();
const ANCHORS = new Map(PAGES.map((page) => [page.path, anchorsOf(page)]));

/** Where a link leads: a file of the repository and a heading of it. */
function targetOf({ page, code }: Inline): { readonly file: string; readonly anchor: string | undefined } {
  const [file = '', anchor] = decodeURIComponent(code).split('#');
  return { file: file === '' ? page : path.posix.join(path.posix.dirname(page), file), anchor };
}

function isOutside(code: string): boolean {
  return /^(?:https?|mailto):/u.test(code);
}

describe('every link of every page', () => {
  test.each(PAGES.map((page) => [page.path, page] as const))('%s', (_path, page) => {
    const dead = linksOf(page)
      .filter(({ code }) => !isOutside(code))
      .filter((link) => {
        const { file, anchor } = targetOf(link);
        if (!existsSync(path.join(ROOT, file))) return true;
        return anchor !== undefined && ANCHORS.get(file)?.has(anchor) !== true;
      });
    expect(dead).toEqual([]);
  });

  test('are links that this test can see', () => {
    expect(PAGES.flatMap(linksOf).length).toBeGreaterThan(100);
    expect(PAGES.flatMap(linksOf).filter(({ code }) => code.includes('#')).length).toBeGreaterThan(5);
  });
});

test('the index of docs has a line for each page but the decisions, and the README leads to the index', () => {
  const listed = linksOf(readPage('docs/README.md')).map((link) => targetOf(link).file);
  const pages = PAGES.map((page) => page.path).filter(
    (name) => name.startsWith('docs/') && !name.startsWith('docs/decisions/0') && name !== 'docs/README.md',
  );
  expect(pages.filter((page) => !listed.includes(page))).toEqual([]);
  expect(listed.filter((file, at) => listed.indexOf(file) !== at)).toEqual([]);
  expect(linksOf(readPage('README.md')).map((link) => targetOf(link).file)).toContain('docs/README.md');
});

test('every picture of the docs is shown somewhere', async () => {
  const { readdir } = await import('node:fs/promises');
  const shown = new Set(PAGES.flatMap(linksOf).map((link) => targetOf(link).file));
  const pictures = (await readdir(path.join(ROOT, 'docs/screenshots'))).map((name) => `docs/screenshots/${name}`);
  expect(pictures.filter((picture) => !shown.has(picture))).toEqual([]);
});

test('every block of code says what it is', () => {
  const known = new Set(['sh', 'sql', 'yaml', 'json', 'text', 'ts', 'html', 'csv']);
  const nameless = PAGES.flatMap(fencesOf).filter(({ language }) => !known.has(language));
  expect(nameless.map(({ page, line }) => `${page}:${line}`)).toEqual([]);
});
