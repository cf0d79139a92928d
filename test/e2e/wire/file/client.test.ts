import { execFileSync } from 'node:child_process';
import { appendFile, mkdir, mkdtemp, rm, utimes, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { judgeListing } from '../../../../src/core/verdict.ts';
import type { ListRequest } from '../../../../src/ports/sources.ts';
import { createFileSource, type FileSettings } from '../../../../src/sources/file/client.ts';
import { someCounts } from '../../../support/builders.ts';
import { serveScript } from '../../../support/http-server.ts';
import { collect, fakeTiming, NO_POLICY } from '../../../support/listing.ts';

let directory = '';
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'rollcall-file-'));
});
afterAll(async () => {
  await rm(directory, { recursive: true });
});

let files = 0;
async function fileOf(content: string | Uint8Array, extension = 'csv'): Promise<string> {
  files += 1;
  const path = join(directory, `list-${files}.${extension}`);
  await writeFile(path, content);
  return path;
}

function aSource(settings: Partial<FileSettings>) {
  return createFileSource({
    name: 'directory',
    allow: ['127.0.0.1'],
    policy: NO_POLICY,
    timing: fakeTiming(),
    ...settings,
  });
}

async function listOf(
  content: string | Uint8Array,
  settings: Partial<FileSettings> = {},
  request: Partial<ListRequest> = {},
) {
  return await collect(aSource({ path: await fileOf(content, settings.format ?? 'csv'), ...settings }), request);
}

const HEADER = 'id,email,given_name,family_name,status';
const JANE = '7,jane@example.com,Jane,Doe,active';

describe('a CSV file', () => {
  test('is read by its headers, in any case, with blanks or underscores', async () => {
    const { rows, end } = await listOf(
      'ID,E-Mail,Given Name,FAMILY_NAME,display name,Status,Employee ID,Start Date,end_date,Manager Id,Title,Department,Role,Kind,Aliases,Office\n' +
        '7, Jane.Doe@Example.com ,Jane,Doe,J.,Active,E1,2022-01-10,12/31/2026,9,CTO,IT,admin,human,j@example.com; jd@example.com|x@example.org,Berlin\n',
    );
    expect(rows).toEqual([
      expect.objectContaining({
        externalId: '7',
        email: 'jane.doe@example.com',
        givenName: 'Jane',
        familyName: 'Doe',
        displayName: 'J.',
        status: 'active',
        employeeId: 'E1',
        startDate: '2022-01-10',
        endDate: '2026-12-31',
        managerId: '9',
        title: 'CTO',
        department: 'IT',
        role: 'admin',
        privileged: true,
        kind: 'human',
        aliases: ['j@example.com', 'jd@example.com', 'x@example.org'],
        flags: [],
      }),
    ]);
    expect(JSON.stringify(rows)).not.toContain('Berlin');
    expect(end).toMatchObject({
      pages: 1,
      requests: 0,
      rowsSeen: 1,
      rowsWithoutId: 0,
      outcome: { kind: 'ended' },
      warnings: [],
    });
  });

  test.each<[string, string]>([
    ['with a BOM', `\uFEFF${HEADER}\n${JANE}\n`],
    ['with CRLF', `${HEADER}\r\n${JANE}\r\n`],
    ['with CR alone', `${HEADER}\r${JANE}\r`],
    ['without a last line end', `${HEADER}\n${JANE}`],
    ['with quotes', '"id","email","given_name","family_name","status"\n"7","jane@example.com","Jane","Doe","active"\n'],
    ['with semicolons', `${HEADER}\n${JANE}\n`.replaceAll(',', ';')],
    ['with tabs', `${HEADER}\n${JANE}\n`.replaceAll(',', '\t')],
    ['with lines of separators at its end', `${HEADER}\n${JANE}\n,,,,\n\n`],
  ])('%s is the same list', async (_name, content) => {
    const { rows, end } = await listOf(content);
    expect(rows).toEqual([
      expect.objectContaining({ externalId: '7', email: 'jane@example.com', familyName: 'Doe', flags: [] }),
    ]);
    expect(end).toMatchObject({ rowsSeen: 1, outcome: { kind: 'ended' } });
  });

  test('keeps a separator, a line end and a quote inside quotes, emoji, and drops a NUL', async () => {
    const { rows } = await listOf(`${HEADER}\n7,jane@example.com,"Doe, ""J""\nx",D\0oe 🎉,active\n`);
    expect(rows).toMatchObject([{ givenName: 'Doe, "J" x', familyName: 'Doe 🎉', flags: ['text_cleaned'] }]);
  });

  test.each<[string, string, string]>([
    ['inside a quoted cell', `${HEADER}\n${JANE}\n8,"ann@exa`, 'cut off'],
    ['inside its last line', `${HEADER}\n${JANE}\n8,ann@exa`, 'fewer cells'],
    ['with a stray quote', `${HEADER}\n${JANE}\n8,ann"@example.com,A,B,active\n`, 'stray quote'],
    ['with a line that is too long', `${HEADER}\n${JANE}\n8,ann@example.com,A,B,active,more\n`, 'more or fewer cells'],
    ['with a header alone', `${HEADER}\n`, 'no rows'],
    ['with blank rows alone', `${HEADER}\n,,,,\n`, 'no rows'],
    ['with nothing', '', 'empty'],
    ['without id and email', 'name,status\nJane,active\n', 'neither an id nor an email'],
    ['with one header twice', `email,E-mail\na@example.com,b@example.com\n`, 'two columns for email'],
  ])('that ends or comes %s gives no row at all', async (_name, content, text) => {
    const { rows, end } = await listOf(content);
    expect(rows).toEqual([]);
    expect(end).toMatchObject({ pages: 0, rowsSeen: 0, outcome: { kind: 'broken', code: 'source-file' } });
    expect(JSON.stringify(end)).toContain(text);
    expect(JSON.stringify(end)).not.toMatch(/jane@|ann@|ann"@/u);
  });

  test('that is not UTF-8 gives no row at all, wherever that shows', async () => {
    const latin = Buffer.from(
      `${HEADER}\n${`${JANE}\n`.repeat(5000)}8,jose@example.com,Jos\u00E9,N,active\n`,
      'latin1',
    );
    const { rows, end } = await listOf(latin);
    expect(rows).toEqual([]);
    expect(end.outcome).toMatchObject({
      kind: 'broken',
      code: 'source-file',
      detail: expect.stringContaining('not UTF-8'),
    });
    expect((await listOf(Buffer.from(`\uFEFF${HEADER}\n${JANE}\n`, 'utf16le'))).end.outcome.kind).toBe('broken');
  });

  test.each([
    ['', 'active'],
    ['Active', 'active'],
    ['TERMINATED', 'inactive'],
    ['on leave', 'on_leave'],
    ['on_leave', 'on_leave'],
    ['Pending Invite', 'pending'],
    ['FALSE', 'inactive'],
    ['parental-leave', 'on_leave'],
  ])('status %j is %s', async (word, status) => {
    const { rows, end } = await listOf(`id,status\n7,${word}\n`);
    expect(rows).toMatchObject([{ status, flags: [] }]);
    expect(end.warnings).toEqual([]);
  });

  test('an unknown status is unknown, flagged, and its word in the warnings', async () => {
    const { rows, end } = await listOf('id,status\n7,resigned\n8,Resigned\n');
    expect(rows[0]).toMatchObject({ status: 'unknown', flags: ['status_unknown_word'] });
    expect(end.warnings).toEqual(['2 rows: Rollcall does not know the status ("resigned"), which counts as unknown']);
  });

  test('a status column that is a column of people is not repeated in the warnings', async () => {
    const people = ['Ann Canary', 'Bob Canary', 'Cem Canary', 'Dan Canary'].map((name, index) => `${index},${name}`);
    const { end } = await listOf(`id,full\n${people.join('\n')}\n`, { columns: { status: 'full' } });
    expect(end.warnings).toEqual([expect.stringContaining('is this the right field')]);
    expect(JSON.stringify(end)).not.toContain('canary');
  });

  test('without ids the e-mail is the id, and a row that has neither is counted', async () => {
    const { ids, end } = await listOf('email,name\nJane@Example.com,Jane\nnobody,No\n,Ann\n');
    expect(ids).toEqual(['jane@example.com']);
    expect(end).toMatchObject({ rowsSeen: 3, rowsWithoutId: 2 });
  });

  test('with an id column a row without an id has none: its e-mail would be a new id, and the old one gone', async () => {
    const { ids, end } = await listOf(`${HEADER}\n${JANE}\n,ann@example.com,Ann,Bee,active\n`);
    expect(ids).toEqual(['7']);
    expect(end).toMatchObject({ rowsSeen: 2, rowsWithoutId: 1, outcome: { kind: 'ended' } });
    const counts = someCounts({ distinctIds: 1, knownPresent: 2, baseline: 2, lost: 1 });
    expect(judgeListing(end, counts, { mode: 'full', minRows: 0, ratio: 0.2 })).toMatchObject({ kind: 'incomplete' });
  });

  test('the id column may be one that columns names', async () => {
    const settings = { columns: { id: 'Number' } };
    const { ids, end } = await listOf('Number,email\n7,a@example.com\n ,b@example.com\n', settings);
    expect([ids, end.rowsWithoutId]).toEqual([['7'], 1]);
  });

  test('that gives one id to two people is not whole: a row of a file cannot have moved', async () => {
    const { ids, end } = await listOf('id,given_name\n1,Ann\n2,Bob\n2,Cid\n');
    const counts = someCounts({ distinctIds: new Set(ids).size, knownPresent: 3, baseline: 3, lost: 0 });
    expect(judgeListing(end, counts, { mode: 'full', minRows: 0, ratio: 0.2 })).toMatchObject({
      kind: 'incomplete',
      reason: 'ids occur more than once (rows too many: 1): ids must be unique',
    });
  });

  test('columns lead our fields to their headers, one header to several fields too', async () => {
    const { rows } = await listOf('Work E-mail,email,Full name\njane@example.com,private@example.com,Jane Doe\n', {
      columns: { id: 'work email', email: 'Work E-mail', display_name: 'Full name' },
    });
    expect(rows).toMatchObject([
      { externalId: 'jane@example.com', email: 'jane@example.com', displayName: 'Jane Doe' },
    ]);
  });

  test('a configured header that is not there is a fault of the file; an unknown field one of the configuration', async () => {
    const { end } = await listOf(`${HEADER}\n${JANE}\n`, { columns: { title: 'Position' } });
    expect(end.outcome).toMatchObject({ code: 'source-file', detail: expect.stringContaining('"Position"') });
    expect(() => aSource({ path: 'x.csv', columns: { salary: 'Pay' } })).toThrow(
      expect.objectContaining({ code: 'config-invalid' }),
    );
  });

  test('headers like __proto__ and constructor are only headers', async () => {
    const { rows } = await listOf('id,__proto__,constructor\n7,a,b\n');
    expect(rows).toMatchObject([{ externalId: '7' }]);
    expect(Reflect.get({}, '0')).toBeUndefined();
  });

  test('comes in batches of a thousand, with its age', async () => {
    const path = await fileOf(`id\n${Array.from({ length: 2500 }, (_unused, index) => index).join('\n')}\n`);
    await utimes(path, new Date(), new Date('2026-11-20T08:00:00Z'));
    const { batches, ids, end, steps } = await collect(aSource({ path }));
    expect(batches).toEqual([1000, 1000, 500]);
    expect(new Set(ids).size).toBe(2500);
    expect(end).toMatchObject({
      endpoint: path,
      parameters: { format: 'csv' },
      modifiedAt: '2026-11-20T08:00:00.000Z',
    });
    expect(steps).toHaveLength(3);
  });

  test('that is written to while it is read is not whole', async () => {
    const path = await fileOf(`id\n${Array.from({ length: 2500 }, (_unused, index) => index).join('\n')}\n`);
    const listing = aSource({ path }).list({
      mode: 'full',
      budgetMs: 0,
      signal: new AbortController().signal,
      progress: () => {},
    });
    await listing.next();
    await appendFile(path, 'new\n');
    let step = await listing.next();
    while (step.done !== true) step = await listing.next();
    expect(step.value.outcome).toMatchObject({
      kind: 'broken',
      code: 'source-file',
      detail: expect.stringContaining('changed'),
    });
  });

  test('that is not there, or a directory, is told with its path', async () => {
    const missing = join(directory, 'missing.csv');
    expect((await collect(aSource({ path: missing }))).end.outcome).toMatchObject({
      code: 'source-file',
      detail: expect.stringContaining(`${missing} cannot be opened (ENOENT)`),
    });
    await mkdir(join(directory, 'folder.csv'));
    expect((await collect(aSource({ path: join(directory, 'folder.csv') }))).end.outcome).toMatchObject({
      code: 'source-file',
    });
  });

  test('that is a pipe, a socket or a device is refused at once', async () => {
    const pipe = join(directory, 'pipe.csv');
    execFileSync('mkfifo', [pipe]);
    const socket = join(directory, 'socket.csv');
    const server = createServer();
    await new Promise<void>((resolve) => {
      server.listen(socket, resolve);
    });
    try {
      for (const path of [pipe, socket, directory, '/dev/null']) {
        expect((await collect(aSource({ path, format: 'csv' }))).end.outcome).toMatchObject({
          kind: 'broken',
          code: 'source-file',
          detail: expect.stringContaining(`${path} is not a regular file`),
        });
      }
    } finally {
      server.close();
    }
  });

  test('a stop ends the reading without a complete listing', async () => {
    const { end, rows } = await listOf(`${HEADER}\n${JANE}\n`, {}, { signal: AbortSignal.abort() });
    expect(rows).toEqual([]);
    expect(end.outcome.kind).toBe('broken');
  });

  test('exactly one of path and url is given', () => {
    expect(() => aSource({})).toThrow(expect.objectContaining({ code: 'config-invalid' }));
    expect(() => aSource({ path: 'a', url: 'https://example.com/a' })).toThrow(
      expect.objectContaining({ code: 'config-invalid' }),
    );
  });
});

describe('a file at a URL', () => {
  test('is read like any other, with the age that the server says', async () => {
    await using server = await serveScript(() => ({
      headers: { 'content-type': 'text/csv', 'last-modified': 'Fri, 20 Nov 2026 08:00:00 GMT' },
      body: `${HEADER}\n${JANE}\n`,
    }));
    const { ids, end } = await collect(aSource({ url: `${server.origin}/secret-canary/list.csv?sig=canary` }));
    expect(ids).toEqual(['7']);
    expect(end).toMatchObject({ requests: 1, modifiedAt: '2026-11-20T08:00:00.000Z', outcome: { kind: 'ended' } });
    expect(JSON.stringify(end)).not.toContain('canary');
    expect(server.seen[0]?.headers.authorization).toBeUndefined();
  });

  test('its format is that of its extension', async () => {
    await using server = await serveScript(() => ({ json: [{ id: '7' }] }));
    expect((await collect(aSource({ url: `${server.origin}/list.json?x=1` }))).ids).toEqual(['7']);
  });

  test('a download that breaks off starts again', async () => {
    await using server = await serveScript(({ attempt }, response) => {
      if (attempt > 1) return { body: `${HEADER}\n${JANE}\n` };
      response.writeHead(200, { 'content-length': '1000' });
      response.write(HEADER, () => response.destroy());
      return undefined;
    });
    expect((await collect(aSource({ url: `${server.origin}/list.csv` }))).ids).toEqual(['7']);
  });

  test.each([
    [
      'a login page',
      { headers: { 'content-type': 'text/html' }, body: '<html>' },
      'source-contract',
      'directory: the file is an HTML page, perhaps a login page; check url',
    ],
    ['nothing', { status: 204 }, 'source-contract', 'directory: the file is empty (HTTP 204); check url'],
    ['404', { status: 404 }, 'source-contract', 'directory answered HTTP 404: there is no file here; check url'],
    [
      '401',
      { status: 401 },
      'source-auth',
      'directory answered HTTP 401: the file is behind a login, and none is sent; give a url that opens without one',
    ],
    [
      '403',
      { status: 403 },
      'source-forbidden',
      'directory answered HTTP 403: the file is behind a login, and none is sent; give a url that opens without one',
    ],
    [
      'a redirect',
      { status: 302, headers: { location: '/other.csv' } },
      'source-contract',
      'directory: the answer was a redirect, which is never followed; check url',
    ],
  ])('%s gives no row at all, and says what is wrong with the file', async (_name, scripted, code, detail) => {
    await using server = await serveScript(() => scripted);
    const { rows, end } = await collect(aSource({ url: `${server.origin}/list.csv` }));
    expect(rows).toEqual([]);
    expect(end.outcome).toMatchObject({ kind: 'broken', code, detail });
  });

  test('at a private address is refused unless it is allowed', async () => {
    const { end } = await collect(aSource({ url: 'https://10.0.0.1/list.csv', allow: [] }));
    expect(end.outcome).toMatchObject({ kind: 'broken', code: 'network-refused' });
  });
});
