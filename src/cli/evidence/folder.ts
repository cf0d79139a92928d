import { lstat, mkdtemp, readdir, rename, rm } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import { OperationalError } from '../../errors.ts';

const REASONS: Readonly<Record<string, string>> = {
  ENOENT: 'the folder that it is to be in does not exist',
  EACCES: 'the folder that it is to be in may not be written to',
  EPERM: 'the folder that it is to be in may not be written to',
  EROFS: 'the file system is read-only',
  ENOSPC: 'the disk is full',
  ENOTEMPTY: 'somebody else has written there meanwhile',
  EEXIST: 'somebody else has written there meanwhile',
};

/**
 * A folder that is there whole or not at all: `write` fills one beside it, which then takes its name. One with anything in it is refused
 * before anything is read.
 */
export async function writeFolder<T>(path: string, write: (draft: string) => Promise<T>): Promise<T> {
  const target = resolve(path);
  await refuseFull(path, target);
  let draft: string | undefined;
  try {
    draft = await mkdtemp(join(dirname(target), `.${basename(target)}.`));
    const result = await write(draft);
    await rename(draft, target);
    return result;
  } catch (error) {
    if (draft !== undefined) await rm(draft, { recursive: true, force: true });
    throw toFailure(path, error);
  }
}

async function refuseFull(path: string, target: string): Promise<void> {
  try {
    const found = await lstat(target);
    if (found.isSymbolicLink()) throw refused(path, 'is a link, which a finished folder cannot take the place of');
    if (!found.isDirectory()) throw refused(path, 'is not a folder');
    if ((await readdir(target)).length > 0)
      throw refused(path, 'is not empty, and evidence is never mixed or replaced');
  } catch (error) {
    if (!isErrno(error) || error.code !== 'ENOENT') throw toFailure(path, error);
  }
}

function refused(path: string, why: string): OperationalError {
  return new OperationalError('output-file', `--out ${path} ${why}: name a folder that does not exist yet`);
}

/** Failures that are not about the folder pass unchanged. */
function toFailure(path: string, error: unknown): unknown {
  if (!isErrno(error) || error.syscall === undefined || error instanceof OperationalError) return error;
  const reason = REASONS[error.code ?? ''] ?? error.code ?? 'unknown reason';
  return new OperationalError('output-file', `cannot write --out ${path}: ${reason}`, { cause: error });
}

function isErrno(error: unknown): error is NodeJS.ErrnoException {
  return error instanceof Error && 'code' in error;
}
