import { link, mkdir, open, rename, rm, stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { OperationalError } from '../errors.ts';

/** Whether something is at the place; throws `usage` for what cannot be looked at. */
export async function isThere(path: string): Promise<boolean> {
  try {
    await stat(path);
    return true;
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return false;
    throw failed(path, error);
  }
}

export type WriteOptions = {
  /** Replaces what is there, which stays as `NAME.old`. */
  readonly force: boolean;
  /** Permissions, less the umask. */
  readonly mode: number;
  /** Looks at the whole file before it gets its name; what it throws leaves nothing behind. */
  readonly check?: ((temporary: string) => void) | undefined;
};

/** All of the file or none of it: it is written under another name beside, and gets its own at the end. Throws `output-file` or `usage`. */
export async function writeWhole(path: string, text: string, { force, mode, check }: WriteOptions): Promise<void> {
  const temporary = join(dirname(path), `.${basename(path)}.${process.pid}.new`);
  try {
    await mkdir(dirname(path), { recursive: true });
    const file = await open(temporary, 'w', mode);
    try {
      await file.writeFile(text);
      await file.sync();
    } finally {
      await file.close();
    }
    check?.(temporary);
    await giveName(temporary, path, force);
  } catch (error) {
    throw failed(path, error);
  } finally {
    await rm(temporary, { force: true });
  }
}

async function giveName(temporary: string, path: string, force: boolean): Promise<void> {
  if (force) {
    if (await isThere(path)) await rename(path, `${path}.old`);
    await rename(temporary, path);
    return;
  }
  try {
    // Unlike a rename, this never replaces what somebody has made meanwhile.
    await link(temporary, path);
  } catch (error) {
    if (!NO_LINKS.has(codeOf(error) ?? '')) throw error;
    if (await isThere(path)) throw alreadyThere(path);
    await rename(temporary, path);
  }
}

/** File systems that have no second names. */
const NO_LINKS: ReadonlySet<string> = new Set(['EPERM', 'ENOTSUP', 'EOPNOTSUPP', 'EMLINK', 'ENOSYS']);

function failed(path: string, error: unknown): Error {
  const code = codeOf(error);
  if (error instanceof OperationalError || code === undefined) {
    return error instanceof Error ? error : new Error('no error was thrown');
  }
  if (code === 'EEXIST') return alreadyThere(path, error);
  return new OperationalError('output-file', `${path} could not be written (${code})`, { cause: error });
}

export function alreadyThere(path: string, cause?: unknown): OperationalError {
  const text = `${path} is there already, and nothing was changed; --force writes it anew and keeps it as ${basename(path)}.old`;
  return new OperationalError('usage', text, { cause });
}

function codeOf(error: unknown): string | undefined {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : undefined;
}
