import { once } from 'node:events';
import type { Writable } from 'node:stream';

/** Where a command writes: results to stdout, progress and remarks to stderr (contract §2). */
export interface Output {
  /** Resolves when the reader keeps up, so that a roster of a million rows does not pile up in memory. */
  readonly stdout: (text: string) => Promise<void>;
  readonly stderr: (text: string) => Promise<void>;
  /** Whether stdout is a terminal: tables fit its width only then. */
  readonly isTerminal: boolean;
  /** Cells a table may be wide; a pipe gets `COLUMNS_WITHOUT_TERMINAL`. */
  readonly columns: number;
  readonly color: boolean;
}

export type OutputStream = Writable & { readonly isTTY?: boolean | undefined; readonly columns?: number | undefined };

/** A file or a pipe has no edge: a sentence is cut only where it would be absurd. */
const COLUMNS_WITHOUT_TERMINAL = 240;
const COLUMNS_MIN = 40;

/** Output on real streams. `color`: what the caller read from NO_COLOR and the like; a pipe is never coloured. */
export function createOutput(
  streams: { readonly stdout: OutputStream; readonly stderr: OutputStream },
  options: { readonly color: boolean },
): Output {
  const isTerminal = streams.stdout.isTTY === true;
  return {
    stdout: createWriter(streams.stdout),
    stderr: createWriter(streams.stderr),
    isTerminal,
    columns: isTerminal ? Math.max(COLUMNS_MIN, streams.stdout.columns ?? 80) : COLUMNS_WITHOUT_TERMINAL,
    color: isTerminal && options.color,
  };
}

/**
 * A reader that leaves early (`rollcall roster crm | head`) is not a failure of ours: EPIPE ends the writing quietly.
 * Without the listener it would end the process with a stack trace.
 */
function createWriter(stream: OutputStream): (text: string) => Promise<void> {
  let gone = false;
  stream.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') throw error;
    gone = true;
  });
  return async (text) => {
    if (gone || stream.destroyed) return;
    if (stream.write(text)) return;
    // A stream that breaks while we wait never drains: `close` and `error` end the wait as well.
    await Promise.race([once(stream, 'drain'), once(stream, 'close')]).catch(() => undefined);
  };
}
