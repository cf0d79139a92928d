import { ERROR_CODES, OperationalError } from '../errors.ts';
import type { Output } from './output.ts';
import { renderJson } from './render/json.ts';
import { toTerminalText, wrapToWidth } from './render/text.ts';

export type CheckResult = {
  /** What was looked at: `database`, `source nimble`, `Slack`. */
  readonly name: string;
  readonly status: 'ok' | 'warn' | 'fail';
  /** What was seen, without secrets. */
  readonly detail: string;
  /** What to do about it; absent where all is well. */
  readonly fix?: string | undefined;
  /** Exit code of a failed check when it is not 1: 78 for the configuration. */
  readonly exit?: number | undefined;
};

export type Check = {
  /** What is looked at, for a check that does not come to an answer. */
  readonly name: string;
  readonly run: () => Promise<CheckResult | readonly CheckResult[]>;
};

/** A check that waits for a silent server must not keep the others from being read. */
const CHECK_TIMEOUT_MS = 30_000;

const MARKS = { ok: 'ok  ', warn: 'WARN', fail: 'FAIL' } as const;

/** Looks at everything a run needs and changes nothing. 0: all well or only warnings; 78: configuration; 1: anything else. */
export async function doctorCommand(
  deps: {
    readonly checks: readonly Check[];
    readonly timeoutMs?: number;
  },
  args: { readonly json: boolean },
  out: Output,
): Promise<number> {
  const timeoutMs = deps.timeoutMs ?? CHECK_TIMEOUT_MS;
  const results = (await Promise.all(deps.checks.map((check) => runCheck(check, timeoutMs)))).flat();
  await out.stdout(args.json ? renderJson({ checks: results }) : renderChecks(results, out.columns));
  const failed = results.filter((result) => result.status === 'fail');
  if (failed.length === 0) return 0;
  return failed.some((result) => result.exit === ERROR_CODES['config-invalid'].exit)
    ? ERROR_CODES['config-invalid'].exit
    : 1;
}

async function runCheck({ name, run }: Check, timeoutMs: number): Promise<readonly CheckResult[]> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<CheckResult>((resolve) => {
    const result = { name, status: 'fail', detail: `no answer within ${timeoutMs / 1000} s` } as const;
    timer = setTimeout(() => resolve(result), timeoutMs);
  });
  try {
    return [await Promise.race([run(), late])].flat();
  } catch (error) {
    // A check that throws what it did not expect is a result too: the others still tell what they see.
    if (!(error instanceof OperationalError)) throw error;
    const detail = `${error.message} [${error.code}]`;
    return [{ name, status: 'fail', detail, exit: ERROR_CODES[error.code].exit }];
  } finally {
    clearTimeout(timer);
  }
}

function renderChecks(results: readonly CheckResult[], width: number): string {
  const indent = ' '.repeat(MARKS.ok.length + 2);
  const lines = results.flatMap((result) => [
    ...paragraph(`${MARKS[result.status]}  `, `${result.name}: ${result.detail}`, indent, width),
    ...(result.fix === undefined ? [] : paragraph(indent, `→ ${result.fix}`, indent, width)),
  ]);
  const bad = results.filter((result) => result.status !== 'ok').length;
  const verdict = bad === 0 ? 'All is well.' : `${bad} of ${results.length} need a look.`;
  return `${lines.join('\n')}\n\n${verdict}\n`;
}

function paragraph(first: string, text: string, indent: string, width: number): readonly string[] {
  const lines = text.split('\n').flatMap((line) => wrapToWidth(toTerminalText(line), width - indent.length));
  return lines.map((line, at) => (at === 0 ? first : indent) + line);
}
