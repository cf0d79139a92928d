import { createWriteStream, existsSync } from 'node:fs';
import { chmod, mkdir, mkdtemp, readdir, readFile, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough, Writable } from 'node:stream';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { createOutput } from '../../../src/cli/output.ts';
import { printTo } from '../../../src/cli/output-file.ts';
import { OperationalError } from '../../../src/errors.ts';
import { createMemoryOutput } from '../../support/memory-output.ts';

let folder = '';
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'rollcall-output-'));
});
afterEach(async () => {
  await rm(folder, { recursive: true, force: true });
});

async function printX(write: (text: string) => Promise<void>): Promise<void> {
  await write('x');
}

describe('--out', () => {
  test('the file is there complete, readable by its owner alone, and nothing else is left', async () => {
    const path = join(folder, 'report.csv');
    const out = createMemoryOutput();
    await printTo(out, path, async (write) => {
      await write('a\n');
      await write('b\n');
    });
    expect(await readFile(path, 'utf8')).toBe('a\nb\n');
    expect((await stat(path)).mode & 0o777).toBe(0o600);
    expect(await readdir(folder)).toEqual(['report.csv']);
    expect([out.text(), out.errors()]).toEqual(['', `written: ${path}\n`]);
  });

  test('without it, stdout', async () => {
    const out = createMemoryOutput();
    await printTo(out, undefined, async (write) => write('a\n'));
    expect(out.text()).toBe('a\n');
  });

  test('a failure half-way leaves the file that was there', async () => {
    const path = join(folder, 'report.csv');
    await writeFile(path, 'old');
    const failing = printTo(createMemoryOutput(), path, async (write) => {
      await write('half');
      throw new OperationalError('database-unavailable', 'away');
    });
    await expect(failing).rejects.toMatchObject({ code: 'database-unavailable' });
    expect(await readFile(path, 'utf8')).toBe('old');
    expect(await readdir(folder)).toEqual(['report.csv']);
  });

  test('a link stays a link', async () => {
    const target = join(folder, 'target');
    await writeFile(target, 'old');
    await symlink(target, join(folder, 'link'));
    await printTo(createMemoryOutput(), join(folder, 'link'), async (write) => write('new'));
    expect(await readFile(target, 'utf8')).toBe('new');
    expect((await readdir(folder)).toSorted()).toEqual(['link', 'target']);
  });

  test('a folder that is not there, a folder as file, and a device are refused with what is wrong', async () => {
    await mkdir(join(folder, 'sub'));
    await expect(printTo(createMemoryOutput(), join(folder, 'no', 'x'), printX)).rejects.toMatchObject({
      code: 'output-file',
      message: `cannot write --out ${join(folder, 'no', 'x')}: its folder does not exist`,
    });
    for (const path of [join(folder, 'sub'), '/dev/null']) {
      await expect(printTo(createMemoryOutput(), path, printX)).rejects.toMatchObject({
        code: 'output-file',
        message: `--out ${path} is not a plain file: give another path, or use stdout`,
      });
    }
  });

  test.skipIf(process.getuid?.() === 0)('a folder that may not be written to', async () => {
    await chmod(folder, 0o500);
    await expect(printTo(createMemoryOutput(), join(folder, 'x'), async (write) => write('x'))).rejects.toMatchObject({
      message: `cannot write --out ${join(folder, 'x')}: its folder may not be written to`,
    });
    await chmod(folder, 0o700);
  });

  test('a failure that is not about the file passes unchanged', async () => {
    const bug = new RangeError('a bug');
    const work = printTo(createMemoryOutput(), join(folder, 'x'), async () => Promise.reject(bug));
    await expect(work).rejects.toBe(bug);
  });
});

const tty = () => Object.assign(new PassThrough(), { isTTY: true, columns: 90 });

describe('streams', () => {
  test('a pipe has a fixed width and no colour; a terminal its own', () => {
    const stderr = new PassThrough();
    const pipe = createOutput({ stdout: new PassThrough(), stderr }, {});
    expect(pipe).toMatchObject({ isTerminal: false, columns: 240, color: false });
    const terminal = Object.assign(new PassThrough(), { isTTY: true, columns: 90 });
    expect(createOutput({ stdout: terminal, stderr }, {})).toMatchObject({
      isTerminal: true,
      columns: 90,
      color: true,
    });
    expect(createOutput({ stdout: terminal, stderr }, { NO_COLOR: '1' }).color).toBe(false);
    const narrow = Object.assign(new PassThrough(), { isTTY: true, columns: 10 });
    expect(createOutput({ stdout: narrow, stderr }, {}).columns).toBe(40);
  });

  test.each([
    { name: 'a terminal', stdout: tty(), env: {}, color: true, columns: 90 },
    { name: 'a terminal with NO_COLOR', stdout: tty(), env: { NO_COLOR: '1' }, color: false, columns: 90 },
    { name: 'NO_COLOR without a value is not set', stdout: tty(), env: { NO_COLOR: '' }, color: true, columns: 90 },
    { name: 'a dumb terminal', stdout: tty(), env: { TERM: 'dumb' }, color: false, columns: 90 },
    {
      name: 'NO_COLOR beside FORCE_COLOR',
      stdout: tty(),
      env: { NO_COLOR: '1', FORCE_COLOR: '1' },
      color: false,
      columns: 90,
    },
    { name: 'FORCE_COLOR=0', stdout: tty(), env: { FORCE_COLOR: '0' }, color: false, columns: 90 },
    {
      name: 'a pager that wants colour',
      stdout: new PassThrough(),
      env: { FORCE_COLOR: '1' },
      color: true,
      columns: 240,
    },
    {
      name: 'a pipe that says how wide',
      stdout: new PassThrough(),
      env: { COLUMNS: '100' },
      color: false,
      columns: 100,
    },
    { name: 'a terminal knows better', stdout: tty(), env: { COLUMNS: '100' }, color: true, columns: 90 },
    { name: 'nonsense for a width', stdout: new PassThrough(), env: { COLUMNS: 'wide' }, color: false, columns: 240 },
    {
      name: 'a terminal that does not say',
      stdout: Object.assign(new PassThrough(), { isTTY: true, columns: 0 }),
      env: {},
      color: true,
      columns: 80,
    },
  ])('$name', ({ stdout, env, color, columns }) => {
    expect(createOutput({ stdout, stderr: new PassThrough() }, env)).toMatchObject({ color, columns });
  });

  test('a slow reader is waited for', async () => {
    const taken: string[] = [];
    const slow = new Writable({
      highWaterMark: 1,
      write: (chunk: Buffer, _, done) => {
        setTimeout(() => {
          taken.push(chunk.toString());
          done();
        }, 5);
      },
    });
    const out = createOutput({ stdout: slow, stderr: new PassThrough() }, { NO_COLOR: '1' });
    await out.stdout('one');
    expect(taken).toEqual(['one']);
  });

  test.skipIf(!existsSync('/dev/full'))('a full disk is a failure that says so, not a stack trace', async () => {
    const full = createWriteStream('/dev/full');
    const out = createOutput({ stdout: full, stderr: new PassThrough() }, { NO_COLOR: '1' });
    await expect(out.stdout('x'.repeat(100_000))).rejects.toMatchObject({
      code: 'output-file',
      message: 'the output could not be written: the disk is full',
    });
  });

  test('a reader that leaves early ends the writing quietly', async () => {
    const gone = new Writable({
      write: (_chunk, _encoding, done) => done(Object.assign(new Error('write EPIPE'), { code: 'EPIPE' })),
    });
    const out = createOutput({ stdout: gone, stderr: new PassThrough() }, { NO_COLOR: '1' });
    await out.stdout('one');
    await out.stdout('two');
    expect(gone.destroyed).toBe(true);
  });
});
