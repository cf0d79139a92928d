import { styleText } from 'node:util';
import { ERROR_CODES, OperationalError } from '../errors.ts';
import type { Output } from './output.ts';
import { renderJson } from './render/json.ts';
import { wrapToWidth } from './render/text.ts';
import { toTerminalText } from '../words/inert-text.ts';

export type CheckResult = {
  /** What was looked at: `database`, `source nimble`, `Slack`. */
  readonly name: string;
  readonly status: 'ok' | 'warn' | 'fail';
  /** What was seen, without secrets. */
  readonly detail: string;
  /** What to do about it, in one sentence; absent where all is well. */
  readonly fix?: string | undefined;
  /** Error code of errors.ts, where there is one. */
  readonly code?: string | undefined;
};

export type Check = {
  /** What is looked at, for a check that does not come to an answer. */
  readonly name: string;
  /** Of a source: whether it is read with a credential. */
  readonly source?: { readonly credential: boolean } | undefined;
  readonly run: () => Promise<CheckResult | readonly CheckResult[]>;
};

/** A check that waits for a silent server must not keep the others from being read. */
const CHECK_TIMEOUT_MS = 30_000;

const MARKS = { ok: 'ok  ', warn: 'WARN', fail: 'FAIL' } as const;
const COLORS = { ok: 'green', warn: 'yellow', fail: 'red' } as const;

type Checked = { readonly check: Check; readonly results: readonly CheckResult[] };

/** Looks at everything a run needs and changes nothing. Exit codes: what a `run` would end with (contract §2). */
export async function doctorCommand(
  deps: {
    readonly checks: readonly Check[];
    readonly timeoutMs?: number;
  },
  args: { readonly json: boolean },
  out: Output,
): Promise<number> {
  const timeoutMs = deps.timeoutMs ?? CHECK_TIMEOUT_MS;
  const checked = await Promise.all(
    deps.checks.map(async (check) => ({ check, results: await runCheck(check, timeoutMs) })),
  );
  const doubts = doubtCredentials(checked);
  const results = [...checked.flatMap((each) => each.results), ...doubts].map(withoutEcho);
  const exit = exitOf(checked);
  await out.stdout(args.json ? renderDoctorJson(results, exit) : renderChecks(results, out));
  return exit;
}

/** Messages of a source begin with its name, which stands before them already. */
function withoutEcho(result: CheckResult): CheckResult {
  const echo = `${result.name.replace(/^source /u, '')}: `;
  return result.detail.startsWith(echo) ? { ...result, detail: result.detail.slice(echo.length) } : result;
}

/** 78 configuration · 77 every credential refused · 1 database, Slack or no source that answers · 3 some sources · 0, also with warnings. */
function exitOf(checked: readonly Checked[]): number {
  const failed = checked.filter(({ results }) => results.some(({ status }) => status === 'fail'));
  if (failed.length === 0) return 0;
  const invalid = failed.some(({ results }) => results.some(({ code }) => code === 'config-invalid'));
  if (invalid) return ERROR_CODES['config-invalid'].exit;
  if (areAllRefused(checked)) return ERROR_CODES['source-auth'].exit;
  const sources = checked.filter(({ check }) => check.source !== undefined);
  const someAnswer = sources.some((each) => !failed.includes(each));
  return someAnswer && failed.every(({ check }) => check.source !== undefined) ? EXIT_WITHHELD : 1;
}

const EXIT_WITHHELD = ERROR_CODES['source-deferred'].exit;

function areAllRefused(checked: readonly Checked[]): boolean {
  const credentials = checked.filter(({ check }) => check.source?.credential === true);
  return credentials.length > 0 && credentials.every(isRefused);
}

function isRefused({ results }: Checked): boolean {
  return results.some(({ code }) => code === 'source-auth' || code === 'source-forbidden');
}

/** Tokens are not tried at another vendor, which would have them then: that all are refused is the only sign of a swap. */
function doubtCredentials(checked: readonly Checked[]): readonly CheckResult[] {
  const refused = checked.filter((each) => each.check.source?.credential === true && isRefused(each));
  if (refused.length < 2 || !areAllRefused(checked)) return [];
  const names = refused.map(({ check }) => check.name).join(' and ');
  const detail = `${names} all refuse their tokens`;
  const fix = 'look whether the tokens are in each other’s place, or the variables of another company';
  return [{ name: 'credentials', status: 'warn', detail, fix }];
}

/** The shape of docs/doctor.md: every key is always there. */
function renderDoctorJson(results: readonly CheckResult[], exit: number): string {
  const count = (wanted: CheckResult['status']): number => results.filter(({ status }) => status === wanted).length;
  return renderJson({
    exit,
    ok: count('ok'),
    warn: count('warn'),
    fail: count('fail'),
    checks: results.map(({ name, status, detail, fix = null, code = null }) => ({ name, status, detail, fix, code })),
  });
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
    return [{ name, status: 'fail', detail: error.message, code: error.code }];
  } finally {
    clearTimeout(timer);
  }
}

function renderChecks(results: readonly CheckResult[], { columns, color }: Output): string {
  const indent = ' '.repeat(MARKS.ok.length + 2);
  const lines = results.flatMap((result) => {
    const mark = color
      ? styleText(COLORS[result.status], MARKS[result.status], { validateStream: false })
      : MARKS[result.status];
    const code = result.code === undefined ? '' : ` [${result.code}]`;
    return [
      ...paragraph(`${mark}  `, `${result.name}: ${result.detail}${code}`, indent, columns),
      ...(result.fix === undefined ? [] : paragraph(indent, `→ ${result.fix}`, `${indent}  `, columns)),
    ];
  });
  return `${lines.join('\n')}\n\n${verdictOf(results)}\n`;
}

function verdictOf(results: readonly CheckResult[]): string {
  const count = (wanted: CheckResult['status']): number => results.filter(({ status }) => status === wanted).length;
  const [failed, warned] = [count('fail'), count('warn')];
  if (failed + warned === 0) return 'All is well.';
  if (failed === 0) return `Nothing fails; ${warned} of ${results.length} need a look.`;
  return `${failed + warned} of ${results.length} need a look; ${failed} ${failed === 1 ? 'fails' : 'fail'}.`;
}

function paragraph(first: string, text: string, indent: string, width: number): readonly string[] {
  const lines = text.split('\n').flatMap((line) => wrapToWidth(toTerminalText(line), width - indent.length));
  return lines.map((line, at) => (at === 0 ? first : indent) + line);
}
