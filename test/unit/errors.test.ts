import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { ERROR_CODES, errorPage } from '../../src/errors.ts';

const PAGE = readFileSync(new URL('../../docs/errors.md', import.meta.url), 'utf8');
const README = readFileSync(new URL('../../README.md', import.meta.url), 'utf8');
const CODES = Object.entries(ERROR_CODES);

/** Heading → text below it. */
const SECTIONS = new Map(
  PAGE.split(/^## /mu)
    .slice(1)
    .map((section) => {
      const [heading = '', ...lines] = section.split('\n');
      return [heading, lines.join('\n').trim()] as const;
    }),
);

describe('every error code has its page', () => {
  test.each(CODES)('%s: what it is, what was done, what to do', (code, { exit, retry, alert }) => {
    const text = SECTIONS.get(code);
    const [facts] = text?.split('\n') ?? [];
    const retried = retry ? 'tried again' : 'not tried again';
    expect(facts).toBe(`Exit code ${exit} · ${retried} · ${alert ? 'told' : 'not told'}`);
    expect(text).toMatch(/^Do: \S/mu);
    expect(errorPage(code)).toBe(`docs/errors.md#${code}`);
  });

  test('and there is a page for a bug, and none for a code that is not', () => {
    const known = new Set<string>([...CODES.map(([code]) => code), 'bug', 'Exit codes']);
    expect([...SECTIONS.keys()].filter((heading) => !known.has(heading))).toEqual([]);
    expect(SECTIONS.get('bug')).toContain('Exit code 1 · not tried again · not told');
  });
});

test('the table of exit codes is that of the program, and the README has the same ones', () => {
  const table = /exits:begin -->(.*)<!-- exits:end/su.exec(PAGE)?.[1] ?? '';
  const rows = [...table.matchAll(/^\| (\d[\d, ]*?) +\| .*? +\|(.*)\|$/gmu)];
  const documented = new Map(
    rows.map(([, exit = '', codes = '']) => [exit, [...codes.matchAll(/`([a-z-]+)`/gu)].map(([, code]) => code)]),
  );
  expect([...documented.keys()]).toEqual(['0', '1', '2', '3', '64', '75', '77', '78', '130, 143']);
  for (const [exit, codes] of documented) {
    expect(codes).toEqual(CODES.filter(([, each]) => String(each.exit) === exit).map(([code]) => code));
  }
  const said = /^Exit codes.*?\n\n/msu.exec(README)?.[0] ?? '';
  const inReadme = [...said.matchAll(/\b\d{1,3}\b/gu)].map(([number]) => number);
  expect(new Set(inReadme)).toEqual(new Set([...documented.keys()].flatMap((exit) => exit.split(', '))));
});
