import type { InitCommand } from './init-command.ts';
import type { Output } from './output.ts';

export type InitDeps = {
  /** Throws `usage` where something is in the way that must not be replaced. */
  readonly makeRoom: () => Promise<void>;
  /** Asks for what flags have not said. */
  readonly gather: () => Promise<Gathered>;
  /** Runs all checks of `doctor` on what was written → exit code. */
  readonly check: () => Promise<number>;
  /** Makes the tables where there are none, then shows what a run would find → exit code. */
  readonly rehearse: () => Promise<number>;
};

export type Gathered = {
  /** Names of what was written, as a person would type them. */
  readonly written: readonly string[];
  /** Variables without which nothing can be read, and where to get each. */
  readonly missing: readonly { readonly name: string; readonly where: string }[];
  /** How to name the file in a command; empty for the usual one. */
  readonly option: string;
};

/** `rollcall init`: writes a configuration, checks it and shows the first report as a dry run. Exit codes: of `doctor`, then of `run`. */
export async function initCommand(deps: InitDeps, args: Pick<InitCommand, 'check'>, out: Output): Promise<number> {
  await deps.makeRoom();
  const { written, missing, option } = await deps.gather();
  await out.stdout(`\nWrote ${written.join(' and ')}.\n`);
  const rollcall = `npx rollcall${option}`;
  if (missing.length > 0) {
    const width = Math.max(...missing.map(({ name }) => name.length));
    const lines = missing.map(({ name, where }) => `  ${name.padEnd(width)}  ${where}`);
    const next = [`Then: \`${rollcall} doctor\`, and \`${rollcall} run\`.`, ''];
    await out.stdout(['', 'Not set yet, so nothing was asked of anybody:', ...lines, ...next].join('\n'));
    return 0;
  }
  if (!args.check) {
    await out.stdout(`Next: \`${rollcall} doctor\`, and \`${rollcall} run\`.\n`);
    return 0;
  }
  await out.stdout('\n━━ Checking it (`rollcall doctor`)\n\n');
  const checked = await deps.check();
  // What is withheld is shown by the report; what cannot be read at all has to be mended first.
  if (checked !== 0 && checked !== WITHHELD) {
    await out.stdout(`\nThe file stays. Mend what fails, then \`${rollcall} doctor\` again.\n`);
    return checked;
  }
  await out.stdout('\n━━ The first report, as a dry run (`rollcall run --dry-run`)\n\n');
  const code = await deps.rehearse();
  await out.stdout(whatNext(rollcall));
  return code;
}

const WITHHELD = 3;

function whatNext(rollcall: string): string {
  return `
Next:
  ${rollcall} run     the same in earnest: recorded, and told in Slack
  ${rollcall} start   the worker: schedules, and a page at 127.0.0.1:8080
`;
}
