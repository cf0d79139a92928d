import { Listr, type ListrDefaultRendererLogLevels, ListrLogger, ProcessOutput, type ListrTaskWrapper } from 'listr2';
import type { RunProgress } from '../worker/run.ts';
import type { SyncOutcome } from '../worker/outcome.ts';

/** Contract §2: without a terminal, one line each 10 s. */
const LINE_EVERY_MS = 10_000;

export interface Progress {
  readonly step: (step: RunProgress) => void;
  /** Ends the live lines; safe to call twice. */
  readonly end: () => Promise<void>;
}

export type ProgressStream = NodeJS.WriteStream;

/** Live lines on a terminal, one line each 10 s otherwise, always with the reason for a wait. */
export function createProgress(sources: readonly string[], stream: ProgressStream): Progress {
  return stream.isTTY ? liveProgress(sources, stream) : lineProgress(sources, (line) => void stream.write(`${line}\n`));
}

/** Kept apart from the stream for tests. */
export function lineProgress(sources: readonly string[], write: (line: string) => void): Progress {
  const latest = new Map(sources.map((name) => [name, 'starting']));
  const say = (): void => write([...latest].map(([name, text]) => `${name}: ${text}`).join(' · '));
  const timer = setInterval(say, LINE_EVERY_MS);
  return {
    step: (step) => {
      if (step.kind === 'source') latest.set(step.source, describeStep(step));
      else if (step.kind === 'source-done') {
        latest.delete(step.source);
        write(`${step.source}: ${describeOutcome(step.outcome)}`);
      } else write(step.kind);
    },
    end: async () => clearInterval(timer),
  };
}

type Task = ListrTaskWrapper<object, never, never>;

function liveProgress(sources: readonly string[], stream: ProgressStream): Progress {
  const lines = new Map(sources.map((name) => [name, createLine()]));
  const tasks = sources.map((name) => ({
    title: name,
    task: async (_: object, task: Pick<Task, 'title' | 'output'>) => {
      const line = lines.get(name);
      if (line === undefined) return;
      line.show = (text) => (task.output = text);
      task.title = `${name}: ${await line.done}`;
    },
  }));
  const logger = new ListrLogger<ListrDefaultRendererLogLevels>({ processOutput: new ProcessOutput(stream, stream) });
  const list = new Listr(tasks, {
    concurrent: true,
    exitOnError: false,
    registerSignalListeners: false,
    rendererOptions: { logger },
  });
  const shown = list.run();
  return {
    step: (step) => {
      if (step.kind === 'source') lines.get(step.source)?.show(describeStep(step));
      if (step.kind === 'source-done') lines.get(step.source)?.finish(describeOutcome(step.outcome));
    },
    end: async () => {
      for (const line of lines.values()) line.finish('ended');
      await shown;
    },
  };
}

type Line = {
  readonly done: Promise<string>;
  readonly finish: (text: string) => void;
  /** Nothing until the task of this line has begun. */
  show: (text: string) => void;
};

function createLine(): Line {
  const { promise, resolve } = Promise.withResolvers<string>();
  const line: Line = { done: promise, finish: resolve, show: () => undefined };
  return line;
}

function describeStep({ step }: Extract<RunProgress, { kind: 'source' }>): string {
  if (step.kind === 'wait') return `waiting ${Math.ceil(step.ms / 1_000)} s: ${step.reason}`;
  const of = step.pages === undefined ? '' : ` of ${step.pages}`;
  return `page ${step.page}${of}, ${step.rows} rows`;
}

/** One sentence on how the reading of a source ended. */
export function describeOutcome(outcome: SyncOutcome): string {
  if (outcome.kind === 'waiting') return `not asked: the vendor wants no request before ${outcome.until}`;
  if (outcome.kind === 'failed') return `failed (${outcome.code}): ${outcome.message}`;
  if (outcome.verdict === 'complete')
    return outcome.mode === 'full'
      ? `complete, ${outcome.rows} rows, ${outcome.changed} changed, ${outcome.gone} gone`
      : `complete, changes only: ${outcome.rows} rows read, ${outcome.changed} changed`;
  return `${outcome.verdict}: ${outcome.reason ?? 'no reason given'} (${outcome.rows} rows seen)`;
}
