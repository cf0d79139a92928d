import { OperationalError } from '../errors.ts';
import type { Operator, Reader } from '../ports/reading.ts';
import type { Clock } from '../ports/surroundings.ts';
import type { BreakerCommand } from './breaker-command.ts';
import type { Output } from './output.ts';
import { renderBreaker, renderBreakers } from './render/breaker-text.ts';
import { renderJson } from './render/json.ts';

export type BreakerDeps = {
  readonly reader: Reader;
  readonly operator: Pick<Operator, 'releaseBreaker'>;
  readonly clock: Clock;
  /** Who releases, for the audit table; asked for a release alone. */
  readonly author: () => string;
};

/** What was not believed is read again; what was held is there already. */
const WHEN = {
  source: 'with its next full listing',
  baseline: 'with its next full listing',
  conclusion: 'in its next reconciliation',
} as const;

/** A release covers them all; a screen shows so many. */
const LOSSES_SHOWN_MAX = 200;

/** `breaker list|show|release`. `not-found` for an id that is not there, or no longer open. */
export async function breakerCommand(deps: BreakerDeps, args: BreakerCommand, out: Output): Promise<number> {
  if (args.action === 'list') return list(deps, args.json, out);
  if (args.action === 'show') return show(deps, args, out);
  const author = deps.author();
  const released = await deps.operator.releaseBreaker(args.id, author, args.reason, deps.clock());
  if (args.json) await out.stdout(renderJson({ breaker: released }));
  else
    await out.stdout(
      `Breaker ${released.id} of ${released.source} is released by ${author}. \`rollcall run\` applies it now, the worker ${WHEN[released.kind]}.\n`,
    );
  return 0;
}

async function list(deps: BreakerDeps, json: boolean, out: Output): Promise<number> {
  const breakers = await deps.reader.breakers(true);
  if (json) await out.stdout(renderJson(breakers));
  else await out.stdout(breakers.length === 0 ? 'No breaker is open.\n' : renderBreakers(breakers, out.columns));
  return 0;
}

async function show(
  deps: BreakerDeps,
  args: { readonly id: number; readonly json: boolean },
  out: Output,
): Promise<number> {
  const breaker = await deps.reader.breaker(args.id);
  if (breaker === undefined) {
    throw new OperationalError(
      'not-found',
      `there is no breaker ${args.id}: \`rollcall breaker list\` shows the open ones`,
    );
  }
  // One more than is shown tells whether there are more.
  const losses = await deps.reader.breakerLosses(args.id, LOSSES_SHOWN_MAX + 1);
  const shown = losses.slice(0, LOSSES_SHOWN_MAX);
  const more = losses.length > shown.length;
  if (args.json) await out.stdout(renderJson({ breaker, losses: shown, more }));
  else {
    const page = { width: out.columns, now: deps.clock() };
    await out.stdout(renderBreaker(breaker, more ? [...shown, 'and more'] : shown, page));
  }
  return 0;
}
