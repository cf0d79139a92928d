import { Listr, type ListrDefaultRendererLogLevels, ListrLogger, ProcessOutput, type ListrTaskWrapper } from 'listr2';
import type { RunProgress } from '../worker/run.ts';
import { countRows, Pace } from './pace.ts';
import type { SyncOutcome } from '../worker/outcome.ts';

/** Contract §2: without a terminal, one line each 10 s. */
const LINE_EVERY_MS = 10_000;
const REDRAW_EVERY_MS = 1_000;
/** The line of what comes after the sources. */
const WHOLE = 'findings';

const STAGES = {
  reconciling: 'comparing accounts with identities',
  delivering: 'telling Slack',
} as const satisfies Record<Exclude<RunProgress['kind'], 'source' | 'source-done'>, string>;

export interface Progress {
  readonly step: (step: RunProgress) => void;
  /** Ends the live lines; safe to call twice. */
  readonly end: () => Promise<void>;
}

export type ProgressStream = NodeJS.WriteStream;

/** Live lines on a terminal, one line each 10 s otherwise, always with the reason for a wait. */
export function createProgress(sources: readonly string[], stream: ProgressStream): Progress {
  // A terminal without a width, as containers have it, would get a letter a line.
  return stream.isTTY && stream.columns > 0
    ? liveProgress(sources, stream)
    : lineProgress(sources, (line) => void stream.write(`${line}\n`));
}

/** Kept apart from the stream for tests. */
export function lineProgress(sources: readonly string[], write: (line: string) => void): Progress {
  const paces = new Map(sources.map((name) => [name, new Pace()]));
  const say = (): void => {
    if (paces.size > 0) write([...paces].map(([name, pace]) => `${name}: ${pace.describe()}`).join(' · '));
  };
  const timer = setInterval(say, LINE_EVERY_MS);
  return {
    step: (step) => {
      if (step.kind === 'source') paces.get(step.source)?.note(step.step);
      else if (step.kind === 'source-done') {
        paces.delete(step.source);
        write(`${step.source}: ${describeOutcome(step.outcome)}`);
      } else write(STAGES[step.kind]);
    },
    end: async () => clearInterval(timer),
  };
}

type Task = ListrTaskWrapper<object, never, never>;

function liveProgress(sources: readonly string[], stream: ProgressStream): Progress {
  const lines = new Map(sources.map((name) => [name, createLine()]));
  const whole = createLine();
  const tasks = [...lines, [WHOLE, whole] as const].map(([name, line]) => ({
    title: name,
    task: async (_: object, task: Pick<Task, 'title' | 'output'>) => {
      line.show = (text) => (task.output = text);
      const ending = await line.done;
      if (ending !== '') task.title = `${name}: ${ending}`;
      line.show = () => undefined;
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
  // A wait counts down, also while nothing comes.
  const timer = setInterval(() => {
    for (const line of lines.values()) line.show(line.pace.describe());
  }, REDRAW_EVERY_MS).unref();
  return {
    step: (step) => {
      const line = step.kind === 'source' ? lines.get(step.source) : undefined;
      if (step.kind === 'source' && line !== undefined) {
        line.pace.note(step.step);
        line.show(line.pace.describe());
      }
      if (step.kind !== 'source' && step.kind !== 'source-done') whole.show(STAGES[step.kind]);
      if (step.kind === 'source-done') lines.get(step.source)?.finish(describeOutcome(step.outcome));
    },
    end: async () => {
      clearInterval(timer);
      for (const line of lines.values()) line.finish('ended');
      whole.finish('');
      await shown;
    },
  };
}

type Line = {
  readonly pace: Pace;
  readonly done: Promise<string>;
  readonly finish: (text: string) => void;
  /** Nothing until the task of this line has begun. */
  show: (text: string) => void;
};

function createLine(): Line {
  const { promise, resolve } = Promise.withResolvers<string>();
  const line: Line = { pace: new Pace(), done: promise, finish: resolve, show: () => undefined };
  return line;
}

/** One sentence on how the reading of a source ended. */
export function describeOutcome(outcome: SyncOutcome): string {
  if (outcome.kind === 'waiting') return `not asked: the vendor wants no request before ${outcome.until}`;
  if (outcome.kind === 'failed') return `failed (${outcome.code}): ${outcome.message}`;
  if (outcome.verdict === 'complete')
    return outcome.mode === 'full'
      ? `complete, ${countRows(outcome.rows)}, ${outcome.changed} changed, ${outcome.gone} gone`
      : `complete, changes only: ${countRows(outcome.rows)} read, ${outcome.changed} changed`;
  return `${outcome.verdict}: ${outcome.reason ?? 'no reason given'} (${countRows(outcome.rows)} seen)`;
}
