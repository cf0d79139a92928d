import { mkdtemp, rm, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { RosterRow } from '../../../../src/core/row.ts';
import { judgeListing } from '../../../../src/core/verdict.ts';
import { createNimbusSource, type NimbusSettings } from '../../../../src/sources/nimbus/client.ts';
import { someCounts } from '../../../support/builders.ts';
import { collect, NO_POLICY } from '../../../support/listing.ts';

let directory = '';
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'rollcall-nimbus-'));
});
afterAll(async () => {
  await rm(directory, { recursive: true });
});

let files = 0;
async function listOf(content: string | Uint8Array, settings: Partial<NimbusSettings> = {}) {
  files += 1;
  const path = join(directory, `employees-${files}.csv`);
  await writeFile(path, content);
  return await collect(createNimbusSource({ name: 'nimbus', path, sentinels: [], policy: NO_POLICY, ...settings }));
}

/** A CSV as a grid of the product writes it, from lines that read like the screen. */
function grid(...lines: readonly string[]): string {
  return lines
    .map((line) =>
      line
        .split('|')
        .map((cell) => `"${cell.trim()}"`)
        .join(','),
    )
    .join('\r\n');
}

const HEADER =
  'Login Code|Salutation|First Name|Surname|Email|Position|Mobile|Notes|Team|API User|Allow Login|Password Strength';
const JANE = 'JDOE|Ms|Jane|Doe|Jane.Doe@Example.com|Partner|0400 canary|canary note|Tax|No|Yes|Strong';
const XERO = 'xero-sync||Xero|Integration|xero@example.com|||||Yes|Yes|Strong';
const LEAVER = 'MWEBB|Mr|Marcus|Webb|marcus.webb@example.com||||||No|Need Password';

function only(rows: readonly RosterRow[]): RosterRow {
  const [row, ...others] = rows;
  if (row === undefined || others.length > 0) throw new Error(`${rows.length} rows where one is expected`);
  return row;
}

describe('the Employees grid', () => {
  test('gives people, API Users and those who may not log in any more', async () => {
    const { rows, end } = await listOf(grid(HEADER, JANE, XERO, LEAVER));
    expect(rows).toEqual([
      expect.objectContaining({
        externalId: 'JDOE',
        givenName: 'Jane',
        familyName: 'Doe',
        email: 'jane.doe@example.com',
        aliases: [],
        kind: 'human',
        status: 'active',
        flags: [],
      }),
      expect.objectContaining({ externalId: 'xero-sync', kind: 'service', status: 'active' }),
      expect.objectContaining({ externalId: 'MWEBB', kind: 'human', status: 'inactive' }),
    ]);
    expect(end).toMatchObject({
      rowsSeen: 3,
      rowsWithoutId: 0,
      atOnce: true,
      outcome: { kind: 'ended' },
      warnings: [],
    });
  });

  test('gives nothing of the columns that are private or not in the contract', async () => {
    const { rows } = await listOf(grid(HEADER, JANE));
    expect(only(rows)).toMatchObject({ title: undefined, department: undefined, role: undefined });
    expect(JSON.stringify(rows)).not.toMatch(/canary|Partner|Tax|Ms|Strong/);
  });

  test.each<[string, (text: string) => string]>([
    ['a BOM', (text) => `\uFEFF${text}`],
    ['LF', (text) => text.replaceAll('\r\n', '\n')],
    ['semicolons', (text) => text.replaceAll('","', '";"')],
    ['no quotes', (text) => text.replaceAll('"', '')],
    [
      'other case, blanks and underscores in its headers',
      (text) =>
        text
          .replace('Login Code', ' LOGINCODE ')
          .replace('First Name', 'first_name')
          .replace('Allow Login', 'allow  login'),
    ],
    [
      'columns in another order',
      (text) =>
        text
          .split('\r\n')
          .map((line) => line.split(',').toReversed().join(','))
          .join('\r\n'),
    ],
    ['lines of separators at its end', (text) => `${text}\r\n,,,,,,,,,,,\r\n`],
  ])('with %s is the same list', async (_name, write) => {
    const plain = await listOf(grid(HEADER, JANE, XERO, LEAVER));
    const { rows, end } = await listOf(write(grid(HEADER, JANE, XERO, LEAVER)));
    expect(rows).toEqual(plain.rows);
    expect(end).toMatchObject({ rowsSeen: 3, rowsWithoutId: 0, outcome: { kind: 'ended' } });
  });

  test('keeps quotes, commas and line ends inside a cell', async () => {
    const { rows } = await listOf('Login Code,Surname\r\n"a,1","O""Neil\r\nSmith"\r\n');
    expect(only(rows)).toMatchObject({ externalId: 'a,1', familyName: 'O"Neil Smith' });
  });

  test('has the age of its file', async () => {
    const path = join(directory, 'old.csv');
    await writeFile(path, grid(HEADER, JANE));
    await utimes(path, new Date('2026-01-02T03:04:05Z'), new Date('2026-01-02T03:04:05Z'));
    const { end } = await collect(createNimbusSource({ name: 'nimbus', path, sentinels: [], policy: NO_POLICY }));
    expect(end.modifiedAt).toBe('2026-01-02T03:04:05.000Z');
  });
});

describe('a tick', () => {
  test.each(['yes', 'YES', 'true', 'True', '1', 'x', 'X', 'ticked', 'Ticked', ' yes '])('%j is yes', async (word) => {
    const { rows, end } = await listOf(grid('Login Code|API User|Allow Login', `a|${word}|${word}`));
    expect(only(rows)).toMatchObject({ kind: 'service', status: 'active', flags: [] });
    expect(end.warnings).not.toContainEqual(expect.stringContaining('status'));
  });

  test.each(['', ' ', 'no', 'NO', 'false', '0', 'unticked'])('%j is no', async (word) => {
    const { rows } = await listOf(grid('Login Code|API User|Allow Login', `a|${word}|${word}`));
    expect(only(rows)).toMatchObject({ kind: 'human', status: 'inactive', flags: [] });
  });

  test.each(['maybe', 'yes, please', '2', 'disabled', '-'])('%j is neither: unknown, and flagged', async (word) => {
    const { rows, end } = await listOf(grid('Login Code|API User|Allow Login', `a|${word}|${word}`));
    expect(only(rows)).toMatchObject({
      kind: 'unknown',
      status: 'unknown',
      flags: ['field_unreadable', 'status_unknown_word'],
    });
    expect(end.outcome).toEqual({ kind: 'ended' });
    expect(end.warnings).toContainEqual(expect.stringContaining('does not know the status'));
  });
});

describe('a column that is not in the export', () => {
  test('leaves status and kind unknown, and says so', async () => {
    const { rows, end } = await listOf(grid('Login Code|Email', 'a|jane@example.com'));
    expect(only(rows)).toMatchObject({ status: 'unknown', kind: 'unknown', email: 'jane@example.com', flags: [] });
    expect(end.outcome).toEqual({ kind: 'ended' });
    expect(end.warnings).toEqual([
      'the export has no column "API User": API Users are not told from people, unless serviceAccounts lists them',
      'the export has no column "Allow Login": whether an employee can log in is unknown, which counts as usable',
    ]);
  });

  test.each([
    ['Login Code', grid('Login|Email', 'a|jane@example.com'), 'has no column "Login Code"'],
    ['any line', '', 'is empty'],
    ['any row', grid(HEADER), 'has a header but no rows'],
  ])('and is %s makes the file none', async (_name, content, why) => {
    const { rows, end } = await listOf(content);
    expect(rows).toEqual([]);
    expect(end.outcome).toEqual({ kind: 'broken', code: 'source-file', detail: expect.stringContaining(why) });
  });

  test('is no matter where it is one of those that are not read', async () => {
    const { end } = await listOf(grid('Login Code|API User|Allow Login|Email|Notes|Notes', 'a|||a@example.com|n|n'));
    expect(end).toMatchObject({ outcome: { kind: 'ended' }, warnings: [] });
  });
});

test('two columns of one name are not chosen from', async () => {
  const { rows, end } = await listOf(grid('Login Code|Allow Login|Allow login', 'a|yes|no'));
  expect(rows).toEqual([]);
  expect(end.outcome).toMatchObject({
    code: 'source-file',
    detail: expect.stringContaining('two columns "Allow Login"'),
  });
});

describe('a login code', () => {
  test('that is an address is one to be found by, beside the e-mail or in its stead', async () => {
    const { rows } = await listOf(
      grid(
        'Login Code|Email',
        'Jane@Example.com|jane.doe@example.com',
        'joe@example.com|',
        'kim@example.com|KIM@example.com',
      ),
    );
    expect(rows.map(({ externalId, email, aliases }) => [externalId, email, aliases])).toEqual([
      ['Jane@Example.com', 'jane.doe@example.com', ['jane@example.com']],
      ['joe@example.com', undefined, ['joe@example.com']],
      ['kim@example.com', 'kim@example.com', []],
    ]);
  });

  test('that is blank is none, and the e-mail is no id in its stead: the listing is incomplete', async () => {
    const { rows, end } = await listOf(grid('Login Code|Email', ' |jane@example.com', 'b|joe@example.com'));
    expect(rows.map(({ externalId }) => externalId)).toEqual(['b']);
    expect(judgeListing(end, someCounts({ distinctIds: 1 }), { mode: 'full', minRows: 0, ratio: 0.2 })).toMatchObject({
      kind: 'incomplete',
    });
  });

  test('that occurs twice makes the listing incomplete', async () => {
    const { end } = await listOf(grid('Login Code|Email', 'a|jane@example.com', 'a|joe@example.com'));
    expect(judgeListing(end, someCounts({ distinctIds: 1 }), { mode: 'full', minRows: 0, ratio: 0.2 })).toMatchObject({
      kind: 'incomplete',
      reason: expect.stringContaining('more than once'),
    });
  });

  test('of serviceAccounts is a service account, whatever the grid says', async () => {
    const policy = { ...NO_POLICY, serviceAccounts: new Set(['JDOE']) };
    const { rows } = await listOf(grid(HEADER, JANE), { policy });
    expect(only(rows).kind).toBe('service');
  });
});

describe('a filtered export', () => {
  const content = grid(HEADER, JANE, XERO, LEAVER);

  test('is told by the sentinels that it lacks; who is on it still counts as seen', async () => {
    const { ids, end } = await listOf(content, { sentinels: ['JDOE', 'first-admin', 'archive'] });
    expect(ids).toEqual(['JDOE', 'xero-sync', 'MWEBB']);
    expect(end.outcome).toEqual({
      kind: 'broken',
      code: 'source-file',
      detail: expect.stringMatching(/lacks first-admin, archive of sentinels.*filter/),
    });
    expect(judgeListing(end, someCounts({ distinctIds: 3 }), { mode: 'full', minRows: 0, ratio: 0.2 })).toMatchObject({
      kind: 'incomplete',
    });
  });

  test.each([[['JDOE']], [[' JDOE ', 'MWEBB', 'xero-sync']], [[]]])(
    'is none where all of %j are there',
    async (sentinels) => {
      const { end } = await listOf(content, { sentinels });
      expect(end.outcome).toEqual({ kind: 'ended' });
    },
  );

  test.each(['jdoe', 'JDO', 'Jane'])('is not told apart by %j: a login code counts as it is written', async (code) => {
    const { end } = await listOf(content, { sentinels: [code] });
    expect(end.outcome.kind).toBe('broken');
  });

  test('names a few of many sentinels', async () => {
    const { end } = await listOf(content, { sentinels: Array.from({ length: 14 }, (_, at) => `s-${at + 1}`) });
    expect(end.outcome).toMatchObject({ detail: expect.stringContaining('s-9, s-10 and 4 more') });
  });
});

test('is read to the end beyond one batch, and the last row counts as a sentinel', async () => {
  const lines = Array.from({ length: 2_345 }, (_, at) => `code-${at}|yes`);
  const { batches, end } = await listOf(grid('Login Code|Allow Login', ...lines), { sentinels: ['code-2344'] });
  expect(batches).toEqual([1000, 1000, 345]);
  expect(end).toMatchObject({ rowsSeen: 2_345, outcome: { kind: 'ended' } });
});

test('half a file is no file', async () => {
  const whole = grid(HEADER, JANE, XERO, LEAVER);
  const { rows, end } = await listOf(whole.slice(0, -60));
  expect(rows).toEqual([]);
  expect(end.outcome).toMatchObject({ kind: 'broken', code: 'source-file' });
});

test('a workbook with another name is no CSV', async () => {
  const { end } = await listOf(Uint8Array.from([0x50, 0x4b, 3, 4, 0xff, 0xfe, 0, 0x91]));
  expect(end.outcome).toMatchObject({ code: 'source-file', detail: expect.stringContaining('is not UTF-8') });
});
