import { tellDemo } from '../sandbox/demo-world.ts';
import { OperationalError } from '../errors.ts';
import { startSandbox, type Sandbox } from '../sandbox/sandbox.ts';
import { SANDBOX_CLIENT_ID } from '../sandbox/token-office.ts';
import { SANDBOX_SECRETS, type World } from '../sandbox/world.ts';
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
  await using sandbox = await listen(first.world, args);
  await out.stdout(
    [
      `sandbox on ${sandbox.url}`,
      `  Nimble      ${sandbox.nimbleUrl}   token ${SANDBOX_SECRETS.nimbleToken}`,
      `  Namely      ${sandbox.namelyUrl}   token ${SANDBOX_SECRETS.namelyToken}`,
      `  OAuth       client ${SANDBOX_CLIENT_ID}   secret ${SANDBOX_SECRETS.clientSecret}`,
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

async function listen(
  world: World,
  { bind, port }: { readonly bind: string; readonly port: number },
): Promise<Sandbox> {
  try {
    return await startSandbox({ world, bind, port });
  } catch (error) {
    const code = error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : undefined;
    if (code === undefined) throw error;
    const text = `cannot listen on ${bind} port ${port}: ${LISTEN_FAILURES.get(code) ?? code}`;
    throw new OperationalError('usage', text, { cause: error });
  }
}

const NOT_OURS = 'this machine has no such address: give another --bind';
const LISTEN_FAILURES: ReadonlyMap<string, string> = new Map([
  ['EADDRINUSE', 'something listens there already: give another --port, or 0 for a free one'],
  ['EADDRNOTAVAIL', NOT_OURS],
  ['ENOTFOUND', NOT_OURS],
  ['EAI_AGAIN', NOT_OURS],
  ['EACCES', 'that port needs more rights: give a --port above 1023'],
]);
