import type { ServiceEntry } from '../core/service-accounts.ts';
import type { Eraser, Forgotten } from '../ports/erasure.ts';
import type { Clock } from '../ports/surroundings.ts';
import type { ForgetCommand } from './forget-command.ts';
import type { Output } from './output.ts';
import { renderJson } from './render/json.ts';
import { toTerminalText } from '../words/inert-text.ts';

export type ForgetDeps = {
  readonly eraser: Eraser;
  readonly clock: Clock;
  readonly author: () => string;
  readonly serviceAccounts: readonly ServiceEntry[];
};

/** `forget PERSON`: what was removed, who is listed still, and what this does not reach. */
export async function forgetCommand(deps: ForgetDeps, args: ForgetCommand, out: Output): Promise<number> {
  const { person, reason, dryRun } = args;
  const request = { person, reason, dryRun, author: deps.author(), now: deps.clock() };
  const forgotten = await deps.eraser.forget({ ...request, serviceAccounts: deps.serviceAccounts });
  if (args.json) await out.stdout(renderJson({ dry_run: dryRun, ...forgotten }));
  else
    await out.stdout(
      renderForgotten(forgotten, dryRun)
        .map((line) => `${toTerminalText(line)}\n`)
        .join(''),
    );
  return 0;
}

function renderForgotten({ rows, removed, alike }: Forgotten, dryRun: boolean): readonly string[] {
  const listed = rows.filter((row) => row.listed);
  const usable = listed.filter((row) => row.usable);
  const counts = Object.entries(removed).filter(([, count]) => count > 0);
  return [
    `${dryRun ? 'Would be forgotten' : 'Forgotten'}: ${rows.map(label).join(', ')}`,
    `${dryRun ? 'Would be removed or blanked' : 'Removed or blanked'}: ${counts.map(([what, count]) => `${count} ${what}`).join(', ')}`,
    ...(listed.length === 0
      ? []
      : [`Still listed: ${listed.map(label).join(', ')}. As long as that is so Rollcall passes them over.`]),
    ...(usable.length === 0
      ? []
      : [
          `STILL LET IN: ${usable.map(label).join(', ')}. No finding names them any more: remove them in their application. Until then every report counts them.`,
        ]),
    ...(alike.length === 0 ? [] : [`These have one of the addresses too, and stay: ${alike.join(', ')}`]),
    ...(dryRun
      ? ['Nothing was removed.']
      : [
          'Not reached: backups, the write-ahead log, copies and evidence made before, logs, and messages that Slack has.',
        ]),
  ];
}

function label({ source, external_id: id, status }: Forgotten['rows'][number]): string {
  return `${source}/${id} (${status})`;
}
