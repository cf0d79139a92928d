import { open, realpath, rename, rm, stat, type FileHandle } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { OperationalError } from '../errors.ts';
import type { Output } from './output.ts';

/**
 * Gives `print` the place that results go to: stdout, or the file of `--out`. A file is there complete or not at all: it is
 * written beside its place and renamed. Only its owner may read it, as it is about people.
 */
export async function printTo(
  out: Output,
  path: string | undefined,
  print: (write: (text: string) => Promise<void>) => Promise<void>,
): Promise<void> {
  if (path === undefined) return print(out.stdout);
  const target = await findTarget(path);
  const draft = join(dirname(target), `.${basename(target)}.${process.pid}.draft`);
  try {
    await writeDraft(draft, print);
    await rename(draft, target);
  } catch (error) {
    await rm(draft, { force: true });
    throw error instanceof OperationalError ? error : toFailure(path, error);
  }
  await out.stderr(`written: ${path}\n`);
  return undefined;
}

async function writeDraft(
  draft: string,
  print: (write: (text: string) => Promise<void>) => Promise<void>,
): Promise<void> {
  const file: FileHandle = await open(draft, 'wx', 0o600);
  try {
    await print(async (text) => {
      await file.appendFile(text);
    });
    await file.sync();
  } finally {
    await file.close();
  }
}

/** A link is followed, so that it stays one; a device or a folder is refused, because the rename would replace it. */
async function findTarget(path: string): Promise<string> {
  try {
    const target = await realpath(path);
    if (!(await stat(target)).isFile()) {
      throw new OperationalError('output-file', `--out ${path} is not a plain file: give another path, or use stdout`);
    }
    return target;
  } catch (error) {
    if (isErrno(error) && error.code === 'ENOENT') return path;
    throw error instanceof OperationalError ? error : toFailure(path, error);
  }
}

const REASONS: Readonly<Record<string, string>> = {
  ENOENT: 'its folder does not exist',
  EACCES: 'its folder may not be written to',
  EPERM: 'its folder may not be written to',
  EROFS: 'the file system is read-only',
  ENOSPC: 'the disk is full',
  EEXIST: 'another command writes it now',
};

/** Failures of `print` itself are not about the file and pass unchanged. */
function toFailure(path: string, error: unknown): unknown {
  if (!isErrno(error) || error.syscall === undefined) return error;
  const reason = REASONS[error.code ?? ''] ?? error.code ?? 'unknown reason';
  return new OperationalError('output-file', `cannot write --out ${path}: ${reason}`, { cause: error });
}

function isErrno(error: unknown): error is NodeJS.ErrnoException {
  return error instanceof Error && 'code' in error;
}
