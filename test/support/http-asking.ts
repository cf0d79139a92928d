import { OperationalError } from '../../src/errors.ts';
import type { ListProgress } from '../../src/ports/sources.ts';
import { createHttp, type GetOptions, type HttpOptions } from '../../src/sources/http.ts';
import { Reading } from '../../src/sources/reading.ts';
import { fakeTiming } from './listing.ts';

export const TOKEN = 'token-canary-1';
export const OK = { json: { ok: true } };

export type Asking = {
  readonly http?: Partial<HttpOptions>;
  readonly get?: GetOptions;
  readonly budgetMs?: number;
  readonly signal?: AbortSignal;
  readonly path?: string;
};

export function aReading(budgetMs = 600_000): Reading {
  return new Reading({ budgetMs, signal: new AbortController().signal, progress: () => {} });
}

/** Asks a server one question, by a client that may talk to loopback and whose waits take no time. */
export function ask(server: { readonly origin: string }, asking: Asking = {}) {
  const timing = fakeTiming();
  const steps: ListProgress[] = [];
  const reading = new Reading({
    budgetMs: asking.budgetMs ?? 600_000,
    signal: asking.signal ?? new AbortController().signal,
    progress: (step) => {
      steps.push(step);
    },
  });
  const http = createHttp({
    source: 'vendor',
    address: 'baseUrl',
    hosts: { vendorHosts: [], allow: ['127.0.0.1'] },
    token: TOKEN,
    timing,
    ...asking.http,
  });
  const url = new URL(asking.path ?? '/roster?page=1&canary=query-canary-2', server.origin);
  return { answer: http.getJson(url, reading, asking.get), reading, timing, steps };
}

export async function failureOf(pending: Promise<unknown>): Promise<OperationalError> {
  try {
    await pending;
  } catch (error) {
    if (error instanceof OperationalError) return error;
    throw error;
  }
  throw new Error('it did not fail');
}

/** Everything of an error that could reach a log: messages, stacks and properties of the whole chain of causes. */
export function tell(error: unknown): string {
  const parts: string[] = [];
  for (let current: unknown = error; current instanceof Error; current = current.cause) {
    parts.push(current.message, current.stack ?? '', JSON.stringify(current));
  }
  return parts.join('\n');
}
