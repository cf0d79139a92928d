import { randomBytes } from 'node:crypto';
import { chown, mkdir, readdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import path from 'node:path';

import { codeOf, embeddedFailure } from './failure.ts';
import { CLUSTER, type Home } from './home.ts';
import { type RunAs, runProgram } from './program.ts';

/** Paths of an initialised cluster, and how its programs run. */
export type Cluster = {
  readonly data: string;
  readonly log: string;
  readonly passwordFile: string;
  readonly password: string;
  readonly bin: string;
  readonly runAs?: RunAs | undefined;
};

export const SUPERUSER = 'rollcall';

/** An unfinished draft of a process that died is removed after this time; making a cluster or a copy takes seconds. */
const DRAFT_AGE_MAX_MS = 10 * 60_000;
const PASSWORD_BYTES = 24;

/** No socket file and no other address than loopback; a log without statements or details, which may hold people. */
const SETTINGS = {
  listen_addresses: '127.0.0.1',
  unix_socket_directories: '',
  password_encryption: 'scram-sha-256',
  timezone: 'UTC',
  log_timezone: 'UTC',
  log_error_verbosity: 'terse',
  log_min_error_statement: 'panic',
} as const satisfies Readonly<Record<string, string>>;

/**
 * The cluster in this home, initialised if there is none. The new cluster is made beside and renamed into place together
 * with its password: of two processes one wins and the other uses it, and a crash leaves no half cluster.
 */
export async function openCluster(
  home: Home,
  bin: string,
  settings: Readonly<Record<string, string>>,
): Promise<Cluster> {
  const folder = path.join(home.folder, CLUSTER);
  await removeOldDrafts(home.folder);
  if (!(await isInitialised(folder))) await initialise(home, bin, { ...SETTINGS, ...settings });
  await checkVersion(folder, bin, home.runAs);
  const passwordFile = path.join(folder, 'password');
  const password = await readFile(passwordFile, 'utf8').catch((cause: unknown) => {
    throw embeddedFailure(`the password of its data is missing (${passwordFile}): restore it`, cause);
  });
  return {
    data: path.join(folder, 'data'),
    log: path.join(folder, 'server.log'),
    passwordFile,
    password: password.trim(),
    bin,
    runAs: home.runAs,
  };
}

async function isInitialised(folder: string): Promise<boolean> {
  return await stat(path.join(folder, 'data', 'PG_VERSION')).then(
    () => true,
    () => false,
  );
}

async function initialise(home: Home, bin: string, settings: Readonly<Record<string, string>>): Promise<void> {
  const draft = path.join(home.folder, `${CLUSTER}.new-${randomBytes(6).toString('hex')}`);
  const passwordFile = path.join(draft, 'password');
  await mkdir(draft, { mode: 0o700 });
  await writeFile(passwordFile, `${randomBytes(PASSWORD_BYTES).toString('base64url')}\n`, { mode: 0o600, flag: 'wx' });
  if (home.runAs !== undefined) {
    await chown(draft, home.runAs.uid, home.runAs.gid);
    await chown(passwordFile, home.runAs.uid, home.runAs.gid);
  }
  const args = [
    `--pgdata=${path.join(draft, 'data')}`,
    `--username=${SUPERUSER}`,
    `--pwfile=${passwordFile}`,
    '--auth=scram-sha-256',
    '--encoding=UTF8',
    '--locale=C',
    // Without it, initdb waits for the disk at its end whatever the setting.
    ...(settings['fsync'] === 'off' ? ['--no-sync'] : []),
    ...Object.entries(settings).map(([name, value]) => `--set=${name}=${value}`),
  ];
  const result = await runProgram(path.join(bin, 'initdb'), args, home.runAs);
  if (!result.ok) {
    await rm(draft, { recursive: true, force: true });
    throw embeddedFailure(
      `initdb failed in ${home.folder} (${lastLine(result.output)}): make room or change the folder`,
    );
  }
  await moveIntoPlace(draft, path.join(home.folder, CLUSTER));
}

async function moveIntoPlace(draft: string, folder: string): Promise<void> {
  try {
    await rename(draft, folder);
  } catch (error) {
    await rm(draft, { recursive: true, force: true });
    if (await isInitialised(folder)) return; // another process was quicker
    throw embeddedFailure(`${folder} is in the way and holds no database: move it away`, error);
  }
}

async function removeOldDrafts(folder: string): Promise<void> {
  for (const name of await readdir(folder)) {
    if (!name.includes('.new-')) continue;
    const draft = path.join(folder, name);
    const made = await stat(draft).catch(() => undefined);
    if (made === undefined || Date.now() - made.mtimeMs < DRAFT_AGE_MAX_MS) continue;
    await rm(draft, { recursive: true, force: true });
  }
}

async function checkVersion(folder: string, bin: string, runAs: RunAs | undefined): Promise<void> {
  const data = (await readFile(path.join(folder, 'data', 'PG_VERSION'), 'utf8')).trim();
  const { output } = await runProgram(path.join(bin, 'postgres'), ['--version'], runAs);
  const program = /(\d+)\.\d+/.exec(output)?.[1];
  if (program === undefined || program === data) return;
  throw embeddedFailure(
    `the data in ${folder} are of PostgreSQL ${data} and the installed one is ${program}: ` +
      `install the version before, dump and restore`,
  );
}

/** The last line of the server's log that says why it ended. */
export async function lastFatal(cluster: Cluster): Promise<string> {
  const text = await readFile(cluster.log, 'utf8').catch((error: unknown) => `no log (${codeOf(error) ?? 'unknown'})`);
  const fatal = text.split('\n').filter((line) => /\b(FATAL|PANIC):/.test(line));
  return lastLine(fatal.at(-1) ?? text).replace(/^.*?\b(?=FATAL:|PANIC:)/, '');
}

function lastLine(text: string): string {
  return text.trim().split('\n').at(-1) ?? '';
}
