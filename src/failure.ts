import { renderJsonLine } from './cli/render/json.ts';
import { ERROR_CODES, errorPage, OperationalError } from './errors.ts';

/** What a command that fails says on stderr, and with which code it ends. */
export type Failure = { readonly text: string; readonly exit: number };

const BUG = 1;

/**
 * Whether whoever asked reads JSON: then a failure is JSON, too. Of the words themselves, because a command line that is wrong has
 * nothing else.
 */
export function wantsJson(argv: readonly string[]): boolean {
  return argv.some(
    (word, at) =>
      word === '--json' ||
      /^--format=(nd)?json$/u.test(word) ||
      (argv[at - 1] === '--format' && /^(nd)?json$/u.test(word)),
  );
}

/** As a sentence with its code and page; as JSON `{ "error": { code, message, page, exit } }` in one line, the last one of stderr. */
export function describeFailure(error: unknown, asJson: boolean): Failure {
  if (!(error instanceof OperationalError)) return describeBug(error, asJson);
  const { code, message } = error;
  const { exit } = ERROR_CODES[code];
  const text = asJson ? toJson({ code, message, exit }) : `rollcall: ${message} [${code}]\n  ${errorPage(code)}\n`;
  return { text, exit };
}

const PARSER = 'error: ';

/** A wrong command line, of which the parser has said what is wrong; or it shows its help, where nothing was asked for. */
export function describeUsage(text: string, asJson: boolean): string {
  const isFault = text.startsWith(PARSER);
  const message = (isFault ? text.slice(PARSER.length) : text).trim();
  if (asJson) return toJson({ code: 'usage', message, exit: ERROR_CODES.usage.exit });
  return isFault ? `rollcall: ${message} [usage]\n  ${errorPage('usage')}\n` : text;
}

/** Class and place only: messages of client libraries may hold a URL with a secret, or a person. */
function describeBug(error: unknown, asJson: boolean): Failure {
  const frames = error instanceof Error ? (error.stack ?? '').split('\n').filter((line) => /^\s+at /.test(line)) : [];
  const name = error instanceof Error ? error.name : typeof error;
  const lines = [name, ...frames].join('\n');
  const text = asJson
    ? toJson({ code: 'bug', message: `a bug, please report this: ${lines}`, exit: BUG })
    : `rollcall: a bug. Please report this:\n${lines}\n  ${errorPage('bug')}\n`;
  return { text, exit: BUG };
}

function toJson({
  code,
  message,
  exit,
}: {
  readonly code: string;
  readonly message: string;
  readonly exit: number;
}): string {
  return `${renderJsonLine({ error: { code, message, page: errorPage(code), exit } })}\n`;
}
