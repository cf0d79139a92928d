import { createInterface, type Interface } from 'node:readline/promises';
import { type Readable, Writable } from 'node:stream';
import { OperationalError } from '../errors.ts';

/** A person at a terminal. Each throws when the person ends it (Ctrl-C, Ctrl-D). */
export interface Prompt {
  /** A line; `fallback` is shown as what an empty one means. */
  line(question: string, fallback?: string): Promise<string>;
  /** A line that is not shown while it is typed. */
  secret(question: string): Promise<string>;
  say(text: string): Promise<void>;
}

export type PromptStreams = { readonly input: Readable; readonly output: Writable };

/** Reads lines of a terminal; the caller disposes of it, which gives the terminal back. */
export function openPrompt({ input, output }: PromptStreams, signal: AbortSignal): Prompt & Disposable {
  let hidden = false;
  // What the terminal would show of each key passes here.
  const shown = new Writable({
    write: (chunk, _encoding, done) => {
      if (!hidden) output.write(chunk);
      done();
    },
  });
  const lines = createInterface({ input, output: shown, terminal: true, historySize: 0 });
  // In raw mode Ctrl-C is a key like others: it ends the program as it does everywhere.
  lines.on('SIGINT', () => process.kill(process.pid, 'SIGINT'));
  return {
    line: async (question, fallback) => {
      const hint = fallback === undefined || fallback === '' ? '' : ` [${fallback}]`;
      return await ask(lines, `${question}${hint}: `, signal);
    },
    secret: async (question) => {
      output.write(`${question}: `);
      hidden = true;
      try {
        return await ask(lines, '', signal);
      } finally {
        hidden = false;
        output.write('\n');
      }
    },
    say: async (text) => void output.write(`${text}\n`),
    [Symbol.dispose]: () => lines.close(),
  };
}

async function ask(lines: Interface, question: string, signal: AbortSignal): Promise<string> {
  const ended = Promise.withResolvers<never>();
  const close = (): void =>
    ended.reject(new OperationalError('usage', 'the input ended before all was said; nothing was written'));
  lines.once('close', close);
  try {
    return await Promise.race([lines.question(question, { signal }), ended.promise]);
  } finally {
    lines.off('close', close);
  }
}
