import { chmod, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough, Writable } from 'node:stream';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { OperationalError } from '../../../src/errors.ts';
import { readFlags, type InitFlags } from '../../../src/init/flags.ts';
import { gatherAnswers } from '../../../src/init/gather.ts';
import { openPrompt } from '../../../src/init/prompt.ts';
import { writeWhole } from '../../../src/init/write.ts';
import { aWorld, SANDBOX_SECRETS } from '../../../src/sandbox/world.ts';
import { runCli } from '../../support/cli.ts';
import { createDatabase } from '../../support/postgres.ts';
import { somePeople, startFaultServer } from '../../support/sandbox.ts';

let folder = '';
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'rollcall-init-'));
  await chmod(folder, 0o755);
});
afterEach(async () => {
  await rm(folder, { recursive: true });
});

const LIST = 'id,Work E-mail,status\n1,ann@example.com,active\n';

describe('init without a terminal', () => {
  test('names every flag that is missing, and writes nothing', async () => {
    const { code, stderr } = await runCli(['init', '--scim-url', 'http://10.0.0.1/scim'], { cwd: folder });
    expect(code).toBe(64);
    expect(stderr).toContain('there is no terminal to ask at; still needed:');
    for (const flag of ['--identities LIST', '--timezone ZONE', '--allow 10.0.0.1']) expect(stderr).toContain(flag);
    expect(await readdir(folder)).toEqual([]);
  });

  test('says all flags that will not do at once', async () => {
    const args = [
      '--namely-company',
      'a/b',
      '--timezone',
      'Mars',
      '--column',
      'email',
      '--identities',
      'https://u:p@x.example/',
    ];
    const { code, stderr } = await runCli(['init', ...args], { cwd: folder });
    expect(code).toBe(64);
    for (const flag of [
      '--namely-company must',
      '--timezone is no',
      '--column is written',
      '--identities has a user',
    ]) {
      expect(stderr).toContain(flag);
    }
  });

  test('replaces nothing but by --force, and keeps what was there', async () => {
    await writeFile(join(folder, 'rollcall.yaml'), 'mine');
    await writeFile(join(folder, 'people.csv'), LIST);
    const args = ['init', '--identities', './people.csv', '--nimble', '--timezone', 'Europe/Paris', '--no-check'];
    const refused = await runCli(args, { cwd: folder });
    expect(refused).toMatchObject({
      code: 64,
      stderr: expect.stringContaining('is there already, and nothing was changed'),
    });
    expect(await readFile(join(folder, 'rollcall.yaml'), 'utf8')).toBe('mine');
    const forced = await runCli([...args, '--force'], { cwd: folder });
    expect(forced).toMatchObject({
      code: 0,
      stdout: expect.stringContaining('NIMBLE_TOKEN  Nimble: Settings > API Tokens'),
    });
    expect(await readFile(join(folder, 'rollcall.yaml.old'), 'utf8')).toBe('mine');
    const yaml = await readFile(join(folder, 'rollcall.yaml'), 'utf8');
    expect(yaml).toContain('email: "Work E-mail"');
    expect(yaml).toContain('timezone: Europe/Paris');
    expect((await stat(join(folder, 'rollcall.env'))).mode & 0o777).toBe(0o600);
    expect(await readdir(folder)).toHaveLength(4);
    expect((await runCli(['config', 'check'], { cwd: folder, env: { NIMBLE_TOKEN: 't' } })).code).toBe(0);
  });

  test('a list that cannot be read is said before anything is written', async () => {
    const { code, stderr } = await runCli(['init', '--identities', './none.csv', '--nimble', '--yes'], { cwd: folder });
    expect(code).toBe(1);
    expect(stderr).toContain('none.csv cannot be opened (ENOENT)');
    await writeFile(join(folder, 'people.csv'), 'ann@example.com,Ann\n');
    const none = await runCli(['init', '--identities', './people.csv', '--nimble', '--yes'], { cwd: folder });
    expect(none).toMatchObject({ code: 64, stderr: expect.stringContaining('--column email="Work E-mail"') });
    expect(none.stderr).not.toContain('ann@');
    expect(await readdir(folder)).toEqual(['people.csv']);
  });

  test('a configuration elsewhere names its files from there', async () => {
    await writeFile(join(folder, 'people.csv'), LIST);
    const args = [
      '--config',
      'etc/mine.yaml',
      'init',
      '--identities',
      'people.csv',
      '--namely-company',
      'acme',
      '--yes',
    ];
    const { code, stdout } = await runCli(args, { cwd: folder });
    expect(code).toBe(0);
    expect(stdout).toContain('`npx rollcall --config etc/mine.yaml doctor`');
    expect(await readFile(join(folder, 'etc/mine.yaml'), 'utf8')).toContain('path: ../people.csv');
  });

  test('a token that is refused ends with the code of `doctor`; the file stays', async () => {
    await using database = await createDatabase();
    await using sandbox = await startFaultServer(aWorld({ people: somePeople(2) }));
    await writeFile(join(folder, 'people.csv'), LIST);
    const args = [
      'init',
      '--identities',
      'people.csv',
      '--nimble-url',
      sandbox.nimbleUrl,
      '--allow',
      '127.0.0.1',
      '--yes',
    ];
    const refused = await runCli(args, { cwd: folder, env: { NIMBLE_TOKEN: 'wrong', DATABASE_URL: database.url } });
    expect(refused).toMatchObject({ code: 77, stdout: expect.stringContaining('Mend what fails') });
    expect(refused.stdout).not.toContain('Dry run');
    expect(await readdir(folder)).toContain('rollcall.yaml');
  });
});

const FLAGS: InitFlags = { columns: [], nimble: false, allow: [] };

/** A person whose lines are given; `shown` is what the terminal has shown. */
function aPerson(lines: readonly string[]) {
  const input = new PassThrough();
  let text = '';
  const output = new Writable({
    write: (chunk, _encoding, done) => {
      text += String(chunk);
      done();
      const line = /(?::|\]) ?: $|: $/u.test(String(chunk)) ? rest.shift() : undefined;
      if (line !== undefined) setImmediate(() => input.write(line));
    },
  });
  const rest = [...lines];
  return { input, output, shown: () => text };
}

const proposeColumns = async () => ({ columns: {}, fields: ['id', 'email'], headers: ['id', 'email'] });

describe('init at a terminal', () => {
  test('asks for what flags have not said, again where an answer will not do', async () => {
    const person = aPerson([
      'people.csv\n',
      'n\n',
      'not a company\n',
      'https://acme.namely.com/home\n',
      '\n',
      '\n',
      'Mars\n',
      'Asia/Tokyo\n',
    ]);
    using prompt = openPrompt(person, new AbortController().signal);
    const answers = await gatherAnswers(readFlags(FLAGS), false, { prompt, zone: 'UTC', proposeColumns });
    expect(answers).toEqual({
      allow: [],
      timezone: 'Asia/Tokyo',
      identities: { place: 'people.csv', format: undefined, columns: {} },
      nimble: undefined,
      namely: { company: 'acme' },
      nimbus: undefined,
      scim: undefined,
    });
    expect(person.shown()).toContain('That is no company');
    expect(person.shown()).toContain('That is no time zone');
  });

  test('a host that is private is asked for by name, and no means no', async () => {
    const flags = { ...FLAGS, identities: 'http://10.0.0.7/list.csv', nimble: true, timezone: 'UTC' };
    const person = aPerson(['n\n']);
    using prompt = openPrompt(person, new AbortController().signal);
    await expect(gatherAnswers(readFlags(flags), false, { prompt, zone: 'UTC', proposeColumns })).rejects.toThrow(
      '10.0.0.7 is not read then',
    );
  });

  test('what was allowed is allowed at once: the list is read with it', async () => {
    const flags = { ...FLAGS, nimble: true, timezone: 'UTC' };
    const person = aPerson(['http://10.0.0.7/list.csv\n', 'y\n']);
    using prompt = openPrompt(person, new AbortController().signal);
    const read: unknown[] = [];
    const answers = await gatherAnswers(readFlags(flags), false, {
      prompt,
      zone: 'UTC',
      proposeColumns: async (asked) => {
        read.push(asked);
        return proposeColumns();
      },
    });
    expect(read).toEqual([{ list: 'http://10.0.0.7/list.csv', format: undefined, allow: ['10.0.0.7'] }]);
    expect(answers.allow).toEqual(['10.0.0.7']);
  });

  test('a secret is not shown', async () => {
    const person = aPerson(['very-secret\n']);
    using prompt = openPrompt(person, new AbortController().signal);
    expect(await prompt.secret('NIMBLE_TOKEN')).toBe('very-secret');
    expect(person.shown()).not.toContain('very-secret');
  });

  test('an input that ends is no answer', async () => {
    const person = aPerson([]);
    using prompt = openPrompt(person, new AbortController().signal);
    const asked = prompt.line('Who');
    person.input.end();
    await expect(asked).rejects.toThrow('the input ended');
  });
});

function refuse(): void {
  throw new OperationalError('config-invalid', 'no');
}

describe('writing', () => {
  test('what fails its check leaves nothing behind, and what was there as it was', async () => {
    const path = join(folder, 'rollcall.yaml');
    await writeFile(path, 'mine');
    await expect(writeWhole(path, 'theirs', { force: true, mode: 0o644, check: refuse })).rejects.toThrow('no');
    expect(await readdir(folder)).toEqual(['rollcall.yaml']);
    expect(await readFile(path, 'utf8')).toBe('mine');
  });

  test('what appears meanwhile is not replaced', async () => {
    const path = join(folder, 'rollcall.yaml');
    const { writeFileSync } = await import('node:fs');
    const check = (): void => writeFileSync(path, 'somebody else');
    await expect(writeWhole(path, 'mine', { force: false, mode: 0o644, check })).rejects.toThrow('is there already');
    expect(await readFile(path, 'utf8')).toBe('somebody else');
    expect(await readdir(folder)).toEqual(['rollcall.yaml']);
  });
});

test('tokens that the environment has are in no file that is written', async () => {
  await using database = await createDatabase();
  await using sandbox = await startFaultServer(aWorld({ people: somePeople(2) }));
  const env = { NIMBLE_TOKEN: SANDBOX_SECRETS.nimbleToken, DATABASE_URL: database.url };
  const args = [
    'init',
    '--identities',
    sandbox.identitiesUrl,
    '--nimble-url',
    sandbox.nimbleUrl,
    '--allow',
    '127.0.0.1',
    '--yes',
  ];
  const { code, stdout } = await runCli(args, { cwd: folder, env });
  expect(code).toBe(0);
  expect(stdout).toContain('Dry run: nothing was written');
  for (const name of await readdir(folder)) {
    expect(await readFile(join(folder, name), 'utf8')).not.toContain('canary');
  }
});
