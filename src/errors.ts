/**
 * Every operational failure has one of these codes. `retry`: worth another try by itself, soon. `exit`: of the command that
 * ends with it (contract §2). `alert`: told to people beyond log, row and metric.
 */
export const ERROR_CODES = {
  'config-invalid': { exit: 78, retry: false, alert: false },
  usage: { exit: 64, retry: false, alert: false },
  busy: { exit: 75, retry: true, alert: false },
  'claim-lost': { exit: 75, retry: true, alert: false },
  'source-auth': { exit: 77, retry: false, alert: true },
  'source-forbidden': { exit: 77, retry: false, alert: true },
  'source-unavailable': { exit: 1, retry: true, alert: true },
  'source-deferred': { exit: 3, retry: true, alert: false },
  'source-contract': { exit: 1, retry: false, alert: true },
  'source-too-large': { exit: 1, retry: false, alert: true },
  'source-file': { exit: 1, retry: false, alert: true },
  'network-refused': { exit: 78, retry: false, alert: true },
  'database-unavailable': { exit: 1, retry: true, alert: false },
  'database-pool-exhausted': { exit: 1, retry: true, alert: false },
  'database-full': { exit: 1, retry: false, alert: true },
  'database-read-only': { exit: 1, retry: false, alert: true },
  'database-auth': { exit: 1, retry: false, alert: false },
  'database-newer': { exit: 1, retry: false, alert: false },
  'database-behind': { exit: 1, retry: false, alert: false },
  'database-failed': { exit: 1, retry: false, alert: true },
  'embedded-postgres': { exit: 1, retry: false, alert: false },
  'slack-unavailable': { exit: 1, retry: true, alert: false },
  /** It may have been taken; it is sent once more at most. */
  'slack-unanswered': { exit: 1, retry: true, alert: false },
  /** The channel is dead until a person mends it: what waits is kept. */
  'slack-gone': { exit: 1, retry: false, alert: true },
  'slack-rejected': { exit: 1, retry: false, alert: false },
  'not-found': { exit: 1, retry: false, alert: false },
  'output-file': { exit: 1, retry: false, alert: false },
} as const satisfies Record<string, { readonly exit: number; readonly retry: boolean; readonly alert: boolean }>;

export type ErrorCode = keyof typeof ERROR_CODES;

/** Where it is written what happened, what was done to keep data safe, and what to do. A test holds that each code is there. */
export function errorPage(code: string): string {
  return `docs/errors.md#${code}`;
}

/**
 * A failure that somebody can act on. The message says what happened and what to do, and holds no URL with a secret, no
 * token, no response body and no person. `cause` is for the debugger: the log prints its class, never its message, because
 * client libraries put URLs and parameters there.
 */
export class OperationalError extends Error {
  override readonly name = 'OperationalError';
  readonly code: ErrorCode;
  /** When the vendor said how long to wait: not before this moment. */
  readonly notBefore?: Date | undefined;

  constructor(
    code: ErrorCode,
    message: string,
    options?: { readonly cause?: unknown; readonly notBefore?: Date | undefined },
  ) {
    super(message, { cause: options?.cause });
    this.code = code;
    this.notBefore = options?.notBefore;
  }
}

/** A name of a source that is none is a word of the command line that is wrong, whichever command it is given to. */
export function unknownSource(name: string, known: readonly string[]): OperationalError {
  const others =
    known.length > 0 ? `known are ${known.join(', ')}` : 'none has been read yet, `rollcall run` reads them';
  return new OperationalError('usage', `no source is called "${name}": ${others}`);
}
