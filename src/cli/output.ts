import { once } from 'node:events';
import type { Writable } from 'node:stream';
import { OperationalError } from '../errors.ts';

/** Where a command writes: results to stdout, progress and remarks to stderr (contract §2). */
export interface Output {
  /** Resolves when the reader keeps up, so that a roster of a million rows does not pile up in memory. */
  readonly stdout: (text: string) => Promise<void>;
  readonly stderr: (text: string) => Promise<void>;
  /** Whether stdout is a terminal: tables fit its width only then. */
  readonly isTerminal: boolean;
  /** Cells a table may be wide; a pipe gets `COLUMNS_WITHOUT_TERMINAL`, unless COLUMNS says how wide whoever reads it is. */
  readonly columns: number;
  readonly color: boolean;
}

export type OutputStream = Writable & { readonly isTTY?: boolean | undefined; readonly columns?: number | undefined };

/** A file or a pipe has no edge: a sentence is cut only where it would be absurd. */
const COLUMNS_WITHOUT_TERMINAL = 240;
const COLUMNS_MIN = 40;
/** Of a terminal that does not say. */
const COLUMNS_OF_A_TERMINAL = 80;

type Variables = Readonly<Record<string, string | undefined>>;

/**
 * Output on real streams. Colour: on a terminal, or where FORCE_COLOR asks for it (a pager); never where NO_COLOR is set, on a dumb terminal, or
 * for what is written to a file.
 */
export function createOutput(
  streams: { readonly stdout: OutputStream; readonly stderr: OutputStream },
  env: Variables,
): Output {
  const isTerminal = streams.stdout.isTTY === true;
  return {
    stdout: createWriter(streams.stdout),
    stderr: createWriter(streams.stderr),
    isTerminal,
    columns: Math.max(COLUMNS_MIN, columnsOf(streams.stdout, env)),
    color: isColored(isTerminal, env),
  };
}

function columnsOf({ isTTY, columns }: OutputStream, env: Variables): number {
  if (isTTY === true && columns !== undefined && columns > 0) return columns;
  const asked = Number(env['COLUMNS']);
  if (Number.isSafeInteger(asked) && asked > 0) return asked;
  return isTTY === true ? COLUMNS_OF_A_TERMINAL : COLUMNS_WITHOUT_TERMINAL;
}

function isColored(isTerminal: boolean, env: Variables): boolean {
  const { NO_COLOR: none = '', FORCE_COLOR: forced = '', TERM: terminal } = env;
  if (none !== '') return false;
  if (forced !== '') return forced !== '0' && forced !== 'false';
  return isTerminal && terminal !== 'dumb';
}

/**
 * A reader that leaves early (`rollcall roster crm | head`) is not a failure of ours: EPIPE ends the writing quietly. Any other
 * failure (a full disk behind `>`) is given to whoever writes next; thrown in the listener it would be a stack trace.
 */
function createWriter(stream: OutputStream): (text: string) => Promise<void> {
  let failure: NodeJS.ErrnoException | undefined;
  stream.on('error', (error: NodeJS.ErrnoException) => {
    failure = error;
  });
  const check = (): boolean => {
    if (failure === undefined) return !stream.destroyed;
    if (failure.code === 'EPIPE') return false;
    const reason = failure.code === 'ENOSPC' ? 'the disk is full' : (failure.code ?? 'unknown reason');
    throw new OperationalError('output-file', `the output could not be written: ${reason}`);
  };
  return async (text) => {
    if (!check()) return;
    const written = Promise.withResolvers<undefined>();
    const isFlowing = stream.write(text, (error) => {
      if (error !== null && error !== undefined) failure ??= error;
      written.resolve(undefined);
    });
    // A file or device reports its failure with the write itself; a pipe or terminal that keeps up need not be waited for.
    if (isFlowing && stream.writableLength === 0) return;
    // A stream that breaks while we wait never drains: `close` ends the wait as well.
    await Promise.race([written.promise, once(stream, 'close')]).catch(() => undefined);
    check();
  };
}
