import { createServer, type Server } from 'node:http';
import { getRequestListener } from '@hono/node-server';
import { OperationalError } from '../errors.ts';
import { createApp, type AppDeps } from './app.ts';
import { isLoopback } from './guard.ts';

export type HttpServerOptions = AppDeps & { readonly bind: string; readonly port: number };
export interface HttpServer {
  /** Where it listens, for the log. */
  readonly url: string;
  readonly port: number;
  /** Takes no more requests, lets the running ones end for a moment, then cuts them. */
  close(): Promise<void>;
}

/** A request is a line and a few headers; a client that takes longer is stuck or means harm. */
const LIMITS = {
  headersTimeout: 10_000,
  requestTimeout: 15_000,
  keepAliveTimeout: 5_000,
  connectionsCheckingInterval: 5_000,
  maxHeaderSize: 8_192,
} as const;
const CONNECTIONS_MAX = 200;
const CLOSE_GRACE_MS = 2_000;

/** Serves the app. Refuses an address that others reach without a token, and says which port is taken. */
export async function startHttpServer(options: HttpServerOptions): Promise<HttpServer> {
  const token = options.token === '' ? undefined : options.token;
  if (token === undefined && !isLoopback(options.bind)) {
    throw new OperationalError(
      'config-invalid',
      'http.bind is not a loopback address: set http.token, or bind 127.0.0.1',
    );
  }
  const app = createApp({ ...options, token });
  const listener = getRequestListener(app.fetch, { overrideGlobalObjects: false });
  const server = createServer({ ...LIMITS }, (request, response) => void listener(request, response));
  server.maxConnections = CONNECTIONS_MAX;
  const port = await listen(server, options);
  const host = options.bind.includes(':') ? `[${options.bind}]` : options.bind;
  return { url: `http://${host}:${port}`, port, close: () => close(server) };
}

async function listen(server: Server, options: HttpServerOptions): Promise<number> {
  await new Promise<void>((resolve, reject) => {
    server.once('error', (cause: NodeJS.ErrnoException) => reject(toFailure(cause, options)));
    server.listen(options.port, options.bind, resolve);
  });
  const address = server.address();
  return typeof address === 'object' && address !== null ? address.port : options.port;
}

function toFailure(cause: NodeJS.ErrnoException, { bind, port }: HttpServerOptions): OperationalError {
  const reasons: Readonly<Record<string, string>> = {
    EADDRINUSE: 'something listens there already: set http.port',
    EADDRNOTAVAIL: 'this machine has no such address: set http.bind',
    EACCES: 'that port needs more rights: set http.port above 1023',
  };
  const reason = reasons[cause.code ?? ''] ?? cause.code ?? 'unknown reason';
  return new OperationalError('config-invalid', `cannot listen on ${bind} port ${port}: ${reason}`, { cause });
}

async function close(server: Server): Promise<void> {
  await new Promise<void>((resolve) => {
    const timer = setTimeout(() => server.closeAllConnections(), CLOSE_GRACE_MS);
    server.close(() => {
      clearTimeout(timer);
      resolve();
    });
    server.closeIdleConnections();
  });
}
