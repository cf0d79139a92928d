import { request, type IncomingHttpHeaders } from 'node:http';
import type { HealthCheck } from '../../src/http/health.ts';
import { createMetrics } from '../../src/http/metrics.ts';
import { startHttpServer, type HttpServer, type HttpServerOptions } from '../../src/http/server.ts';
import type { Reader } from '../../src/ports/reading.ts';
import { createMemoryPages } from './memory-pages.ts';
import { createMemoryReader } from './memory-reader.ts';

// The program's own HTTP server over figures that a test writes down.

export const QUEUE = {
  waitingAlerts: async () => 2,
  deadLetters: async () => [{ queue: 'alert', code: 'slack-rejected', count: 1 }],
  depths: async () => [{ queue: 'sync', waiting: 3, oldestSeconds: 4.5 }],
};
export const TICKS = {
  counts: async () => [
    { source: 'nimble', schedule: 'schedule', lastFire: '2026-11-21T08:45:00Z', missed: 50, coalesced: 2 } as const,
  ],
};

/** When the pages are looked at. */
const SERVED_AT = '2026-11-21T09:12:05.000Z';

const clock = () => new Date(SERVED_AT);

type Given = Partial<HttpServerOptions> & { readonly reader?: Reader; readonly checks?: readonly HealthCheck[] };

type Served = HttpServer & AsyncDisposable & { readonly logged: readonly string[] };

export async function serve(given: Given = {}): Promise<Served> {
  const { reader = createMemoryReader(), pages = createMemoryPages(reader), checks = [], ...rest } = given;
  const logged: string[] = [];
  const note = (_: object, message: string) => void logged.push(message);
  const log = { debug: note, info: note, warn: note, error: note };
  const metrics = createMetrics({ version: '1.2.3', reader, queue: QUEUE, ticks: TICKS, checks });
  const server = await startHttpServer({
    bind: '127.0.0.1',
    port: 0,
    reader,
    pages,
    clock,
    checks,
    metrics,
    log,
    ...rest,
  });
  return { ...server, logged, [Symbol.asyncDispose]: () => server.close() };
}

type Answer = { readonly status: number | undefined; readonly headers: IncomingHttpHeaders; readonly body: string };

/** node:http, because fetch does not let a test choose the Host header. */
export async function ask(
  server: HttpServer,
  path: string,
  options: { readonly method?: string; readonly headers?: Record<string, string>; readonly body?: string } = {},
): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const { method = 'GET', headers = {} } = options;
    const outgoing = request(
      { port: server.port, host: '127.0.0.1', path, method, headers, agent: false },
      (response) => {
        let body = '';
        response.setEncoding('utf8').on('data', (part: string) => (body += part));
        response.on('end', () => resolve({ status: response.statusCode, headers: response.headers, body }));
      },
    );
    outgoing.on('error', reject);
    outgoing.end(options.body);
  });
}
