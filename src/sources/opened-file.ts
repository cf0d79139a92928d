import { constants } from 'node:fs';
import { open, type FileHandle } from 'node:fs/promises';
import type { Instant } from '../core/row.ts';
import type { OperationalError } from '../errors.ts';
import type { Http } from './http.ts';
import type { Reading } from './reading.ts';
import { fileFault } from './file-fault.ts';

/** The bytes of one file, as they were at one moment, to be gone through more than once. */
export type OpenedFile = AsyncDisposable & {
  readonly modifiedAt?: Instant | undefined;
  readonly chunks: () => AsyncIterable<Uint8Array>;
  /** Throws when somebody has written to the file since it was opened. */
  readonly checkUnchanged: () => Promise<void>;
};

/** From a path. It is read in pieces, so this is a limit against accidents, not of memory. */
const PATH_BYTES_MAX = 256 * 1_048_576;
/** From a URL: held in memory, as a download that breaks off has to start again. */
const URL_BYTES_MAX = 64 * 1_048_576;

/** Without NONBLOCK the opening of a FIFO waits for a writer, for ever, where no signal reaches it; a terminal must not become ours. */
const OPEN_FLAGS = constants.O_RDONLY | constants.O_NONBLOCK | constants.O_NOCTTY;

/** Throws OperationalError. One handle serves all passes, so a file that is replaced meanwhile is still read as it was. */
export async function openPath(source: string, path: string): Promise<OpenedFile> {
  let handle: FileHandle;
  try {
    handle = await open(path, OPEN_FLAGS);
  } catch (error) {
    // What opening a socket, or a device that is not there, says.
    if (systemCode(error) === 'ENXIO') throw notRegular(source, path);
    throw fileFault(source, `${path} cannot be opened (${systemCode(error)})`);
  }
  try {
    const before = await handle.stat({ bigint: true });
    if (!before.isFile()) throw notRegular(source, path);
    if (before.size > PATH_BYTES_MAX) throw fileFault(source, `is larger than ${PATH_BYTES_MAX / 1_048_576} MiB`);
    return {
      modifiedAt: before.mtime.toISOString(),
      chunks: () => readHandle(source, handle),
      checkUnchanged: async () => {
        const after = await handle.stat({ bigint: true });
        if (after.size !== before.size || after.mtimeNs !== before.mtimeNs) throw fileFault(source, CHANGED);
      },
      [Symbol.asyncDispose]: async () => {
        await handle.close();
      },
    };
  } catch (error) {
    await handle.close();
    throw error;
  }
}

function notRegular(source: string, path: string): OperationalError {
  return fileFault(
    source,
    `${path} is not a regular file (a directory, pipe, socket or device); give a file that is complete`,
  );
}

const CHANGED = 'was changed while it was read; write to another name and rename it when it is complete';

export async function openUrl(http: Http, url: URL, reading: Reading): Promise<OpenedFile> {
  const { bytes, headers } = await http.getBytes(url, reading, { capBytes: URL_BYTES_MAX });
  const modified = Date.parse(headers.get('last-modified') ?? '');
  return {
    modifiedAt: Number.isNaN(modified) ? undefined : new Date(modified).toISOString(),
    chunks: async function* () {
      yield bytes;
    },
    checkUnchanged: async () => {},
    [Symbol.asyncDispose]: async () => {},
  };
}

async function* readHandle(source: string, handle: FileHandle): AsyncGenerator<Uint8Array, void, undefined> {
  const stream = handle.createReadStream({ start: 0, autoClose: false });
  try {
    for await (const chunk of stream) {
      if (chunk instanceof Uint8Array) yield chunk;
    }
  } catch (error) {
    throw fileFault(source, `cannot be read to its end (${systemCode(error)})`);
  }
}

function systemCode(error: unknown): string {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : 'unknown reason';
}
