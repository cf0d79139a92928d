import { createHash } from 'node:crypto';
import type { Stats } from 'node:fs';
import { chmod, chown, lstat, mkdir, rmdir, writeFile } from 'node:fs/promises';
import path from 'node:path';

import { embeddedFailure, codeOf } from './failure.ts';
import { type RunAs, runProgram } from './program.ts';
import { nameOf, pickUser, type Runner } from './run-as.ts';

/** Where the cluster lives, and as whom it runs (absent: as ourselves). */
export type Home = { readonly folder: string; readonly runAs?: RunAs | undefined };
export type HomeRequest = {
  readonly directory: string;
  readonly rootBase: string;
  readonly say: (line: string) => void;
};

const PRIVATE = 0o700;
const ENTERABLE = 0o755;
/** The cluster's folder in a home. */
export const CLUSTER = 'postgres';

/**
 * Not root: the directory itself, made private. Root: the same, owned by the unprivileged user; but where a parent is closed
 * to that user (`/root`, `mktemp -d`), a folder of the machine named after the directory. Data that are there already
 * decide, so that no later start begins with an empty database.
 */
export async function findHome(request: HomeRequest): Promise<Home> {
  if (process.getuid?.() !== 0) {
    await makePrivate(request.directory, undefined);
    return { folder: request.directory };
  }
  const { folder, runner } = await findRootHome(request);
  request.say(`running as root: Postgres runs as ${runner.name} (uid ${runner.runAs.uid})`);
  if (folder !== request.directory) {
    request.say(`${request.directory} is closed to ${runner.name}: the data are in ${folder}`);
  }
  return { folder, runAs: runner.runAs };
}

async function findRootHome({ directory, rootBase }: HomeRequest): Promise<{ folder: string; runner: Runner }> {
  const elsewhere = path.join(rootBase, createHash('sha256').update(directory).digest('hex').slice(0, 16));
  for (const folder of [directory, elsewhere]) {
    const runner = await dataOwner(path.join(folder, CLUSTER));
    if (runner === undefined) continue;
    if (await canEnter(folder, runner.runAs)) return { folder, runner };
    throw embeddedFailure(`${folder} holds data, but ${runner.name} cannot reach it: open its parents (chmod o+x)`);
  }

  const runner = (await folderOwner(directory)) ?? (await pickUser());
  if (runner === undefined) throw embeddedFailure('root may not run Postgres, and no other user was found: add one');
  const isNew = await makePrivate(directory, runner.runAs);
  if (await canEnter(directory, runner.runAs)) return { folder: directory, runner };
  if (isNew) await rmdir(directory).catch(() => undefined); // tidiness only
  await mkdir(rootBase, { recursive: true, mode: ENTERABLE });
  await makePrivate(elsewhere, runner.runAs);
  await writeFile(path.join(elsewhere, 'belongs-to'), `${directory}\n`, { flag: 'wx' }).catch(() => undefined); // for people
  if (await canEnter(elsewhere, runner.runAs)) return { folder: elsewhere, runner };
  throw embeddedFailure(`${runner.name} can enter neither ${directory} nor ${elsewhere}: start it in another folder`);
}

/** Who the data belong to, if there are any: only their owner can go on with them. */
async function dataOwner(data: string): Promise<Runner | undefined> {
  const found = await lookAt(data);
  if (found === undefined) return undefined;
  if (found.uid === 0) {
    throw embeddedFailure(`${data} belongs to root, which may not run Postgres: chown -R it to another user`);
  }
  const runAs = { uid: found.uid, gid: found.gid };
  return { name: (await nameOf(found.uid)) ?? 'its owner', runAs };
}

/** Who owns the folder, if that is a user that initdb takes: it wants one with a name. */
async function folderOwner(folder: string): Promise<Runner | undefined> {
  const found = await lookAt(folder);
  if (found === undefined || found.uid === 0) return undefined;
  const name = await nameOf(found.uid);
  return name === undefined ? undefined : { name, runAs: { uid: found.uid, gid: found.gid } };
}

/** Makes the folder if it is missing (then true), and closes it to others. A link is refused: root would chown its target. */
async function makePrivate(folder: string, owner: RunAs | undefined): Promise<boolean> {
  try {
    const found = await lookAt(folder);
    await mkdir(path.dirname(folder), { recursive: true });
    if (found === undefined) await mkdir(folder, { recursive: true, mode: PRIVATE });
    if (found?.isDirectory() === false) throw embeddedFailure(`${folder} is not a folder: move it away`);
    if (owner !== undefined) await chown(folder, owner.uid, owner.gid);
    await chmod(folder, PRIVATE);
    return found === undefined;
  } catch (error) {
    const code = codeOf(error);
    if (code === undefined || code === 'embedded-postgres') throw error;
    throw embeddedFailure(`cannot make the private folder ${folder} (${code}): remove it or become its owner`, error);
  }
}

async function lookAt(folder: string): Promise<Stats | undefined> {
  try {
    return await lstat(folder);
  } catch (error) {
    if (['ENOENT', 'ENOTDIR'].includes(codeOf(error) ?? '')) return undefined;
    throw embeddedFailure(`cannot look at ${folder} (${codeOf(error) ?? 'unknown'}): become its owner`, error);
  }
}

/** Asks the system and not the mode bits, which know nothing of access lists and mounts. */
async function canEnter(folder: string, runAs: RunAs): Promise<boolean> {
  return (await runProgram('/bin/sh', ['-c', 'cd "$1" && test -w .', 'sh', folder], runAs)).ok;
}
