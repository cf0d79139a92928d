import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

/** A page that people read: its path in the repository, and its text. */
export type Page = { readonly path: string; readonly text: string };
export type Fence = { readonly page: string; readonly line: number; readonly language: string; readonly text: string };
export type Inline = { readonly page: string; readonly line: number; readonly code: string };

export const ROOT = fileURLToPath(new URL('../..', import.meta.url));

/** README, CONTRIBUTING, CHANGELOG and everything under docs/. */
export function readPages(): readonly Page[] {
  const docs = readdirSync(path.join(ROOT, 'docs'), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.md'))
    .map((name) => path.posix.join('docs', name.replaceAll(path.sep, '/')))
    .toSorted();
  return ['README.md', 'CONTRIBUTING.md', 'CHANGELOG.md', ...docs].map(readPage);
}

export function readPage(name: string): Page {
  return { path: name, text: readFileSync(path.join(ROOT, name), 'utf8') };
}

/** Blocks between ``` marks; `language` is the word after the mark, or nothing. */
export function fencesOf({ path: page, text }: Page): readonly Fence[] {
  return [...text.matchAll(/^(?<indent> *)```(?<language>\w*)\n(?<body>[\s\S]*?)^\k<indent>```$/gmu)].map((found) => ({
    page,
    line: lineAt(text, found.index),
    language: found.groups?.['language'] ?? '',
    text: found.groups?.['body'] ?? '',
  }));
}

/** Code in the middle of a sentence or a table; a bar that is masked for its table is one again. */
export function inlinesOf(page: Page): readonly Inline[] {
  const prose = withoutFences(page.text);
  return [...prose.matchAll(/`(?<code>[^`\n]+)`/gu)].map((found) => ({
    page: page.path,
    line: lineAt(prose, found.index),
    code: (found.groups?.['code'] ?? '').replaceAll(String.raw`\|`, '|'),
  }));
}

/** Targets of links and pictures, as written. */
export function linksOf(page: Page): readonly Inline[] {
  const prose = withoutFences(page.text).replaceAll(/`[^`\n]+`/gu, (code) => ' '.repeat(code.length));
  return [...prose.matchAll(/\]\((?<target>[^()\s]+)\)/gu)].map((found) => ({
    page: page.path,
    line: lineAt(prose, found.index),
    code: found.groups?.['target'] ?? '',
  }));
}

/** Anchors that the headings make, as the common hosts of repositories make them. */
export function anchorsOf({ text }: Page): ReadonlySet<string> {
  const seen = new Map<string, number>();
  const anchors = [...withoutFences(text).matchAll(/^#{1,6} +(?<title>.+)$/gmu)].map((found) => {
    const anchor = toAnchor(found.groups?.['title'] ?? '');
    const before = seen.get(anchor) ?? 0;
    seen.set(anchor, before + 1);
    return before === 0 ? anchor : `${anchor}-${before}`;
  });
  return new Set(anchors);
}

function toAnchor(title: string): string {
  return title
    .trim()
    .toLowerCase()
    .replaceAll(/[^\p{L}\p{N}\s_-]/gu, '')
    .replaceAll(/\s/gu, '-');
}

/** The same number of lines, so that places stay. */
function withoutFences(text: string): string {
  return text.replaceAll(/^(?<indent> *)```\w*\n[\s\S]*?^\k<indent>```$/gmu, (block) =>
    '\n'.repeat(block.split('\n').length - 1),
  );
}

function lineAt(text: string, index: number): number {
  return text.slice(0, index).split('\n').length;
}
