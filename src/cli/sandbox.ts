import { tellDemo } from '../sandbox/demo-world.ts';
import { startSandbox } from '../sandbox/sandbox.ts';
import { SANDBOX_SECRETS } from '../sandbox/world.ts';
import type { Command } from './command.ts';
import type { Output } from './output.ts';

/** The story goes on by itself: a minute of baseline, then things have happened. */
const CHAPTER_MS = 60_000;

/** `rollcall sandbox`: the demo company's Nimble, Namely, Slack and identity list as one HTTP server, until a signal. */
export async function sandboxCommand(
  args: Extract<Command, { name: 'sandbox' }>,
  out: Output,
  signal: AbortSignal,
  today: string,
): Promise<number> {
  const [first, second] = tellDemo(today);
  if (first === undefined || second === undefined) throw new Error('the demo has lost its story');
  await using sandbox = await startSandbox({ world: first.world, bind: args.bind, port: args.port });
  await out.stdout(
    [
      `sandbox on ${sandbox.url}`,
      `  Nimble      ${sandbox.nimbleUrl}   token ${SANDBOX_SECRETS.nimbleToken}`,
      `  Namely      ${sandbox.namelyUrl}   token ${SANDBOX_SECRETS.namelyToken}`,
      `  identities  ${sandbox.identitiesUrl}`,
      `  Slack       ${sandbox.slackUrl}`,
      `In a minute: ${second.story.join(' ')}`,
      '',
    ].join('\n'),
  );
  const timer = setTimeout(() => sandbox.setWorld(second.world), CHAPTER_MS);
  await new Promise<void>((resolve) => {
    signal.addEventListener('abort', () => resolve(), { once: true });
  });
  clearTimeout(timer);
  return 0;
}
