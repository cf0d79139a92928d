import { createServer, type IncomingHttpHeaders, type IncomingMessage, type ServerResponse } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { Certificate } from './certificate.ts';

export type SeenRequest = {
  readonly method: string;
  readonly path: string;
  readonly query: URLSearchParams;
  readonly headers: IncomingHttpHeaders;
  /** How often this path and query were asked for, this time included. */
  readonly attempt: number;
};
/** What the server answers; `undefined`: the script has used the response itself. */
export type Scripted =
  | {
      readonly status?: number;
      readonly headers?: Readonly<Record<string, string>>;
      readonly json?: unknown;
      readonly body?: string | Uint8Array;
    }
  | undefined;
export type Script = (request: SeenRequest, response: ServerResponse) => Scripted;

export interface ScriptedServer extends AsyncDisposable {
  /** `http://127.0.0.1:PORT`, or https */
  readonly origin: string;
  readonly port: number;
  readonly seen: readonly SeenRequest[];
}

/** A real HTTP server on a free loopback port that answers as the script says and remembers what it was asked; with a certificate, by TLS. */
export async function serveScript(script: Script, certificate?: Certificate): Promise<ScriptedServer> {
  const seen: SeenRequest[] = [];
  const attempts = new Map<string, number>();
  const answer = (message: IncomingMessage, response: ServerResponse): void => {
    const request = toSeen(message, attempts);
    seen.push(request);
    const scripted = script(request, response);
    if (scripted === undefined) return;
    const { status = 200, headers = {}, json, body } = scripted;
    const type = json === undefined ? {} : { 'content-type': 'application/json; charset=utf-8' };
    response.writeHead(status, { ...type, ...headers });
    response.end(json === undefined ? body : JSON.stringify(json));
  };
  const server = certificate === undefined ? createServer(answer) : createTlsServer({ ...certificate }, answer);
  const { promise, resolve } = Promise.withResolvers<void>();
  server.listen(0, '127.0.0.1', resolve);
  await promise;
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('the server has no port');
  return {
    origin: `${certificate === undefined ? 'http' : 'https'}://127.0.0.1:${address.port}`,
    port: address.port,
    seen,
    [Symbol.asyncDispose]: async () => {
      const closed = Promise.withResolvers<void>();
      server.close(() => {
        closed.resolve();
      });
      server.closeAllConnections();
      await closed.promise;
    },
  };
}

function toSeen(message: IncomingMessage, attempts: Map<string, number>): SeenRequest {
  const target = message.url ?? '/';
  const attempt = (attempts.get(target) ?? 0) + 1;
  attempts.set(target, attempt);
  const url = new URL(target, 'http://server.example');
  return {
    method: message.method ?? '',
    path: url.pathname,
    query: url.searchParams,
    headers: message.headers,
    attempt,
  };
}
