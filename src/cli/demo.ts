import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { tellDemo, type DemoChapter } from '../sandbox/demo-world.ts';
import { startSandbox, type Sandbox } from '../sandbox/sandbox.ts';
import { SANDBOX_SECRETS } from '../sandbox/world.ts';
import type { Output } from './output.ts';
import { wrapToWidth } from './render/text.ts';
import { printReport } from './report.ts';
import { failedSources, runWatched, type RunDeps } from './run.ts';

export type DemoDeps = {
  /** Where the demo keeps its configuration and its own database; what was there from an earlier demo is replaced. */
  readonly directory: string;
  readonly today: string;
  /** Opens a configuration on an emptied database. */
  readonly openFresh: (configPath: string) => Promise<RunDeps & { close(): Promise<void> }>;
};

/**
 * `rollcall demo`: the whole product against a simulated company. Nothing is faked but the vendors: real HTTP, real Postgres,
 * the same code as `rollcall run`.
 */
export async function demoCommand(deps: DemoDeps, out: Output, signal: AbortSignal): Promise<number> {
  const chapters = tellDemo(deps.today);
  const [first] = chapters;
  if (first === undefined) throw new Error('the demo has lost its story');
  await using sandbox = await startSandbox({ world: first.world });
  const configPath = await writeConfig(deps.directory, sandbox);
  await out.stderr(`Simulated Nimble, Namely and Slack on ${sandbox.url}; starting Postgres …\n`);
  const app = await deps.openFresh(configPath);
  try {
    for (const [index, chapter] of chapters.entries()) {
      signal.throwIfAborted();
      await play(app, { sandbox, chapter, number: index + 1 }, out, signal);
    }
    await out.stdout(whatNext(path.relative(process.cwd(), configPath)));
  } finally {
    await app.close();
  }
  return 0;
}

type Scene = { readonly sandbox: Sandbox; readonly chapter: DemoChapter; readonly number: number };

async function play(app: RunDeps, scene: Scene, out: Output, signal: AbortSignal): Promise<void> {
  const { sandbox, chapter, number } = scene;
  const story = chapter.story
    .flatMap((line) => wrapToWidth(line, out.columns - 3).map((part) => `   ${part}`))
    .join('\n');
  await out.stdout(`\n━━ ${number}. ${chapter.title}\n${story}\n\n`);
  sandbox.setWorld(chapter.world);
  sandbox.forget();
  const result = await runWatched(app, { only: [], full: false, notify: true }, signal);
  const id = result.reconciled.reportId;
  await printReport(app.reader, { id, format: 'table', failed: failedSources(result) }, out);
  for (const message of sandbox.messages) await out.stdout(`\nSlack was told:\n${quote(message.text, out.columns)}\n`);
}

function quote(text: string, width: number): string {
  return text
    .split('\n')
    .flatMap((line) => wrapToWidth(line, width - 4))
    .map((line) => `  │ ${line}`)
    .join('\n');
}

async function writeConfig(directory: string, sandbox: Sandbox): Promise<string> {
  await mkdir(directory, { recursive: true });
  const configPath = path.join(directory, 'rollcall.yaml');
  const { host } = new URL(sandbox.url);
  const text = `# Written by \`rollcall demo\`. The vendors in it are simulated and end with the demo; its database stays.
timezone: UTC
sources:
  - { name: directory, type: file, authoritative: true, url: ${sandbox.identitiesUrl} }
  - { name: nimble, type: nimble, token: ${SANDBOX_SECRETS.nimbleToken}, baseUrl: ${sandbox.nimbleUrl}, requestsPerMinute: 6000 }
  - { name: namely, type: namely, token: ${SANDBOX_SECRETS.namelyToken}, baseUrl: ${sandbox.namelyUrl}, requestsPerMinute: 6000 }
slack: { webhookUrl: ${sandbox.slackUrl} }
network: { allow: [${host.replace(/:\d+$/, '')}] }
`;
  await writeFile(configPath, text, { mode: 0o600 });
  return configPath;
}

function whatNext(config: string): string {
  return `
The empty roster was not believed: nobody was declared gone, and what depends on it was withheld.

Next (the demo's database stays; its vendors are gone):
  npx rollcall --config ${config} findings
  npx rollcall --config ${config} explain 2
  npx rollcall --config ${config} breaker list
  npx rollcall --config ${config} roster nimble
Then your own: npx rollcall init
`;
}
