import { createHmac } from 'node:crypto';
import { type Agent, request, type IncomingHttpHeaders } from 'node:http';
import { createMetrics, type Metrics } from '../../src/http/metrics.ts';
import { startHttpServer } from '../../src/http/server.ts';
import type { WebhookOptions } from '../../src/http/webhook.ts';
import { createMemoryPages } from './memory-pages.ts';
import { createMemoryReader } from './memory-reader.ts';

export const NEW = 'canary-new-secret-4711';
export const OLD = 'canary-old-secret-0815';
export const NOW = Date.UTC(2026, 10, 21, 10);
export const EVENT = JSON.stringify({ id: 'e-1', type: 'profile.terminated', profile_id: 'p-1', name: 'canary-name' });

type Served = {
  readonly port: number;
  /** Ids that were asked for, a call each. */
  readonly hinted: readonly (readonly string[])[];
  readonly logged: readonly string[];
  readonly levels: readonly string[];
  readonly metrics: Metrics;
  nowMs: number;
  [Symbol.asyncDispose](): Promise<void>;
};

export async function serve(overrides: Partial<WebhookOptions> = {}): Promise<Served> {
  const hinted: (readonly string[])[] = [];
  const logged: string[] = [];
  const levels: string[] = [];
  const note = (level: string) => (data: object, message: string) => {
    logged.push(`${message} ${JSON.stringify(data)}`);
    levels.push(level);
  };
  const log = { debug: note('debug'), info: note('info'), warn: note('warn'), error: note('error') };
  const reader = createMemoryReader();
  const pages = createMemoryPages(reader);
  const queue = { waitingAlerts: async () => 0, deadLetters: async () => [], depths: async () => [] };
  const metrics = createMetrics({ version: '1', reader, queue, ticks: { counts: async () => [] }, checks: [] });
  const webhook: WebhookOptions = {
    secrets: [NEW],
    signatureHeader: 'X-Namely-Signature',
    timestampHeader: 'X-Namely-Timestamp',
    algorithm: 'sha256',
    encoding: 'hex',
    clock: () => new Date(served.nowMs),
    hint: async (ids) => {
      hinted.push(ids);
      return true;
    },
    ...overrides,
  };
  // With a token, which a webhook neither has nor needs.
  const options = { bind: '127.0.0.1', port: 0, token: 'http-token', reader, pages, checks: [], metrics, log };
  const server = await startHttpServer({
    ...options,
    clock: webhook.clock,
    ...(webhook.secrets.length === 0 ? {} : { webhook }),
  });
  const served: Served = {
    port: server.port,
    hinted,
    logged,
    levels,
    metrics,
    nowMs: NOW,
    [Symbol.asyncDispose]: () => server.close(),
  };
  return served;
}

export type Call = {
  readonly method?: string;
  readonly body?: string;
  /** Sent instead of what was signed. */
  readonly sent?: string;
  readonly secret?: string;
  readonly atMs?: number;
  readonly headers?: Readonly<Record<string, string | undefined>>;
  readonly chunked?: boolean;
  readonly agent?: Agent;
};
type Answer = { readonly status: number | undefined; readonly headers: IncomingHttpHeaders; readonly body: string };

export function sign(body: string, timestamp: string, secret: string): string {
  return createHmac('sha256', secret).update(`${timestamp}.${body}`).digest('hex');
}

/** A call as it should be, but for what is given. */
export async function call({ port }: Served, given: Call = {}): Promise<Answer> {
  const { method = 'POST', body = EVENT, secret = NEW, atMs = NOW, chunked = false, agent } = given;
  const timestamp = String(atMs / 1000);
  const sent = given.sent ?? body;
  const headers = {
    host: 'hooks.example.com',
    'content-type': 'application/json',
    'x-namely-timestamp': timestamp,
    'x-namely-signature': sign(body, timestamp, secret),
    ...(chunked ? {} : { 'content-length': String(Buffer.byteLength(sent)) }),
    ...given.headers,
  };
  const present = Object.fromEntries(Object.entries(headers).filter(([, value]) => value !== undefined));
  return await new Promise((resolve, reject) => {
    const path = '/webhooks/namely';
    const outgoing = request({ port, host: '127.0.0.1', path, method, headers: present, agent }, (response) => {
      let text = '';
      response.setEncoding('utf8').on('data', (part: string) => (text += part));
      response.on('end', () => resolve({ status: response.statusCode, headers: response.headers, body: text }));
      response.on('error', reject);
    });
    outgoing.on('error', reject);
    if (chunked) {
      for (let at = 0; at < sent.length; at += 8_192) outgoing.write(sent.slice(at, at + 8_192));
      outgoing.end();
    } else outgoing.end(sent);
  });
}

export const NOT_ACCEPTED = { status: 401, body: '{"error":{"message":"not accepted"}}' };
export const ACCEPTED = { status: 200, body: '{"result":"accepted"}' };
export const IGNORED = { status: 200, body: '{"result":"ignored"}' };
