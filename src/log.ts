import { destination as openDestination, pino, stdTimeFunctions } from 'pino';
import { OperationalError } from './errors.ts';
import type { Log } from './ports/surroundings.ts';
import { createScrub } from './scrub.ts';

export type LogOptions = {
  readonly level: 'debug' | 'info' | 'warn' | 'error' | 'silent';
  /** Values that no line may hold, whatever went wrong elsewhere. */
  readonly secrets: readonly string[];
  /** Default: stderr, written at once, so that the last line before an exit is there. */
  readonly destination?: { readonly write: (line: string) => unknown } | undefined;
};

/** JSON lines. Errors are reduced to what is known to be harmless, and every line is scrubbed of known secrets. */
export function createLog({ level, secrets, destination }: LogOptions): Log {
  const scrub = createScrub(secrets);
  const target = destination ?? openDestination({ dest: 2, sync: true });
  return pino(
    {
      level,
      base: null,
      timestamp: stdTimeFunctions.isoTime,
      // pino's `redact` knows paths, not values, and never looks into text: an allow-list takes its place.
      // Ours has run before; pino's own for `err` would run over its result and call it an error of type Object.
      serializers: { err: (reduced: unknown) => reduced },
      formatters: { level: (label) => ({ level: label }), log: (data) => toLoggable(data) },
    },
    { write: (line: string) => void target.write(scrub(line)) },
  );
}

const DEPTH_MAX = 4;
const ITEMS_MAX = 50;
const TEXT_LENGTH_MAX = 2000;
const FRAMES_MAX = 20;
const CAUSES_MAX = 5;

function toLoggable(data: object): Record<string, unknown> {
  return Object.fromEntries(Object.entries(data).map(([key, value]: [string, unknown]) => [key, toPlain(value, 0)]));
}

/** Plain data only, cut to a size; an object of a class may carry anything and becomes its class's name. */
function toPlain(value: unknown, depth: number): unknown {
  if (typeof value === 'string') return value.slice(0, TEXT_LENGTH_MAX);
  if (typeof value === 'bigint') return String(value);
  if (typeof value === 'function' || typeof value === 'symbol') return undefined;
  if (typeof value !== 'object' || value === null) return value;
  return objectToPlain(value, depth);
}

function objectToPlain(value: object, depth: number): unknown {
  if (value instanceof Error) return describeError(value);
  if (value instanceof Date) return Number.isNaN(value.getTime()) ? null : value.toISOString();
  if (depth >= DEPTH_MAX) return '…';
  if (Array.isArray(value)) return value.slice(0, ITEMS_MAX).map((item: unknown) => toPlain(item, depth + 1));
  const prototype: unknown = Object.getPrototypeOf(value);
  if (prototype !== Object.prototype && prototype !== null) return `[${classOf(value)}]`;
  return Object.fromEntries(
    Object.entries(value)
      .slice(0, ITEMS_MAX)
      .map(([key, item]: [string, unknown]) => [key, toPlain(item, depth + 1)]),
  );
}

type ErrorFields = {
  readonly class: string;
  readonly code?: string | undefined;
  readonly message?: string | undefined;
  readonly stack: readonly string[];
  /** Classes and codes of the causes, outermost first. */
  readonly causes?: readonly string[] | undefined;
};

// Client libraries have classes of their own, whose messages hold URLs and parameters; SyntaxError quotes the body it read.
const MESSAGE_CLASSES: ReadonlySet<string> = new Set(['Error', 'TypeError', 'RangeError', 'ReferenceError']);

function describeError(error: Error): ErrorFields {
  const isOurs = error instanceof OperationalError || MESSAGE_CLASSES.has(classOf(error));
  const causes = causesOf(error);
  return {
    class: classOf(error),
    code: codeOf(error),
    message: isOurs ? error.message.slice(0, TEXT_LENGTH_MAX) : undefined,
    stack: framesOf(error),
    causes: causes.length === 0 ? undefined : causes,
  };
}

function causesOf(error: Error): readonly string[] {
  const causes: string[] = [];
  let cause = error.cause;
  for (let depth = 0; depth < CAUSES_MAX && cause !== undefined && cause !== null; depth += 1) {
    const code = codeOf(cause);
    causes.push(code === undefined ? classOf(cause) : `${classOf(cause)} ${code}`);
    cause = cause instanceof Error ? cause.cause : undefined;
  }
  return causes;
}

/** The lines of the stack that name places; the first ones repeat the message. */
function framesOf(error: Error): readonly string[] {
  const lines = error.stack?.replace(error.message, '').split('\n') ?? [];
  return lines.flatMap((line) => (/^\s+at \S/.test(line) ? [line.trim()] : [])).slice(0, FRAMES_MAX);
}

/** `ECONNREFUSED`, an SQLSTATE or one of ours: a word, never a sentence. */
function codeOf(error: unknown): string | undefined {
  if (typeof error !== 'object' || error === null || !('code' in error)) return undefined;
  return typeof error.code === 'string' && /^[\w-]{1,60}$/.test(error.code) ? error.code : undefined;
}

function classOf(value: unknown): string {
  if (typeof value !== 'object' || value === null) return typeof value;
  // An object without a prototype has no constructor.
  return typeof value.constructor === 'function' ? value.constructor.name : 'Object';
}
