import { get } from 'node:http';
import type { Output } from './output.ts';

/** Less than the 5 s that the image gives its health check, so that the answer is ours. */
const TIMEOUT_MS = 3_000;

/**
 * Asks a running worker whether it lives, as the container's health check: the image has no shell and no curl. Liveness, not
 * readiness: a database that is away must not get the worker killed. 0: it answered 200; 1: anything else.
 */
export async function healthcheckCommand(args: { readonly url: string }, out: Output): Promise<number> {
  const answer = await ask(args.url);
  if (answer === 200) return 0;
  await out.stderr(`${args.url}: ${answer === undefined ? 'no answer' : `status ${answer}`}\n`);
  return 1;
}

async function ask(url: string): Promise<number | undefined> {
  return new Promise((resolve) => {
    const request = get(url, { agent: false, signal: AbortSignal.timeout(TIMEOUT_MS) }, (response) => {
      response.resume();
      resolve(response.statusCode);
    });
    request.on('error', () => resolve(undefined));
  });
}

/** Where a worker with this `http` configuration answers its own machine: any-address binds are asked on loopback. */
export function livezUrl(bind: string, port: number): string {
  const host = bind === '0.0.0.0' ? '127.0.0.1' : bind === '::' ? '::1' : bind;
  return `http://${host.includes(':') ? `[${host}]` : host}:${port}/livez`;
}
