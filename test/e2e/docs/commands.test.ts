import { existsSync } from 'node:fs';
import path from 'node:path';
import pLimit from 'p-limit';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { fencesOf, readPages, ROOT } from '../../support/markdown.ts';
import { type DocsCompany, openDocsCompany, type Ran } from './docs-company.ts';
import { documentedCommands } from './documented.ts';
import { ELSEWHERE } from './elsewhere.ts';
import { toRunnable } from './stand-ins.ts';

// Every command that a page tells somebody to type is typed here, and ends with the exit code that the page says.

const PAGES = readPages().filter(({ path: name }) => name !== 'CHANGELOG.md');
const COMMANDS = documentedCommands(PAGES);
const HERE = COMMANDS.filter(({ text }) => !ELSEWHERE.has(text));
const SQL = PAGES.flatMap(fencesOf).filter(({ language }) => language === 'sql');
const AT_ONCE = 3;
/** What bash says where a program is not installed, such as python3 on a small machine. */
const NOT_FOUND = 127;

let company: DocsCompany | undefined;
const ran = new Map<string, Promise<Ran>>();

beforeAll(async () => {
  const opened = await openDocsCompany();
  company = opened;
  const limit = pLimit(AT_ONCE);
  for (const { text } of HERE) {
    const running = limit(() => opened.run(toRunnable(text)));
    running.catch(() => undefined);
    ran.set(text, running);
  }
});
afterAll(async () => {
  await Promise.allSettled(ran.values());
  // Undefined where it could not be opened.
  await company?.[Symbol.asyncDispose]();
});

describe('every command of the docs', () => {
  test.each(HERE)('$text ends with $code ($places)', async ({ text, code }) => {
    const result = await ran.get(text);
    if (result?.code === NOT_FOUND && text.startsWith('python3')) return;
    // With what it said, or a failure would be a riddle.
    expect({ code: result?.code, said: result?.said }).toEqual({ code, said: expect.any(String) });
  });

  test('that is not run here is documented still, and tested elsewhere', () => {
    const documented = new Set(COMMANDS.map(({ text }) => text));
    expect([...ELSEWHERE.keys()].filter((text) => !documented.has(text))).toEqual([]);
    const places = [...new Set([...ELSEWHERE.values()].map(({ testedIn }) => testedIn))];
    expect(places.filter((place) => !existsSync(path.join(ROOT, place)))).toEqual([]);
  });

  test('is seen: all of the program but what needs a person', () => {
    const names = new Set(HERE.map(({ text }) => /^rollcall (?:--config \S+ )?(\w+)/u.exec(text)?.[1]));
    for (const name of 'run start report findings explain waive link roster breaker evidence forget doctor config migrate'.split(
      ' ',
    )) {
      expect(names).toContain(name);
    }
  });
});

describe('every block of SQL', () => {
  test.each(SQL)('$page:$line', async ({ text }) => {
    const sql = (name: string): string =>
      `${THEIR_TABLE};\n${text.replaceAll('on database hr', `on database ${name}`)}`;
    await expect(company?.query(sql)).resolves.toBe(undefined);
  });
});

/** The table of the example in docs/sources/sql.md. */
const THEIR_TABLE = `create table contractors (contractor_no text, work_email text, first_name text, last_name text,
  blocked boolean, contract_end date)`;
