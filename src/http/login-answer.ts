import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { OperationalError } from '../errors.ts';

/** Somebody has to read a page and say yes. */
const WAIT_MS = 5 * 60_000;
const LIMITS = { headersTimeout: 10_000, requestTimeout: 10_000, maxHeaderSize: 16_384 } as const;
const CONNECTIONS_MAX = 20;

const PAGES = {
  taken: [200, 'Rollcall has the answer. You can close this window and go back to the terminal.'],
  other: [400, 'This is not the answer that Rollcall waits for. It waits on; its terminal says what has come.'],
  absent: [404, 'There is nothing here.'],
} as const;

/**
 * Listens on loopback where the vendor sends the browser back to, until `accept` takes an answer: `undefined` is for one that
 * belongs to another login, and is refused without ending the wait. What was taken is the last thing that is read.
 */
export async function awaitLoginAnswer<T>(
  redirectUri: URL,
  accept: (answer: URL) => T | undefined,
  signal: AbortSignal,
): Promise<T> {
  const { promise: taken, resolve, reject } = Promise.withResolvers<T>();
  let isTaken = false;
  const server = createServer(LIMITS, (request, response) => {
    const answer = isTaken ? undefined : toAnswer(request, redirectUri);
    const accepted = answer === undefined ? undefined : accept(answer);
    if (accepted !== undefined) isTaken = true;
    const page = answer === undefined ? 'absent' : 'other';
    reply(response, accepted === undefined ? page : 'taken');
    if (accepted !== undefined) response.once('close', () => resolve(accepted));
  });
  server.maxConnections = CONNECTIONS_MAX;
  server.once('error', (cause: NodeJS.ErrnoException) => reject(toFailure(cause, redirectUri)));
  const stop = (): void => reject(new OperationalError('source-auth', 'the login was stopped before its end'));
  const late = (): void =>
    reject(new OperationalError('source-auth', 'nobody has said yes within 5 minutes; begin again'));
  const timer = setTimeout(late, WAIT_MS);
  signal.addEventListener('abort', stop);
  if (signal.aborted) stop();
  server.listen(Number(redirectUri.port), redirectUri.hostname.replace(/^\[|\]$/gu, ''));
  try {
    return await taken;
  } finally {
    clearTimeout(timer);
    signal.removeEventListener('abort', stop);
    server.close();
    server.closeAllConnections();
  }
}

function toAnswer({ method, url = '/' }: IncomingMessage, redirectUri: URL): URL | undefined {
  const answer = URL.parse(url, redirectUri.origin);
  // A browser asks for its icon too. An absolute address in the request line is another host's.
  if (method !== 'GET' || answer?.origin !== redirectUri.origin) return undefined;
  return answer.pathname === redirectUri.pathname ? answer : undefined;
}

/** Nothing of the request is on the page, and the code in its address is not sent on. */
function reply(response: ServerResponse, page: keyof typeof PAGES): void {
  const [status, text] = PAGES[page];
  response.writeHead(status, {
    'content-type': 'text/plain; charset=utf-8',
    'referrer-policy': 'no-referrer',
    'cache-control': 'no-store',
    'x-content-type-options': 'nosniff',
    connection: 'close',
  });
  response.end(`${text}\n`);
}

function toFailure(cause: NodeJS.ErrnoException, { port }: URL): OperationalError {
  const why = cause.code === 'EADDRINUSE' ? 'something listens there already' : (cause.code ?? 'unknown reason');
  const text = `cannot listen for the answer on port ${port}: ${why}; set oauth.redirectUri, and register the same at the vendor`;
  return new OperationalError('config-invalid', text, { cause });
}
