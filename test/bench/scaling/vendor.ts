import { once } from 'node:events';
import { createServer } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { renderDirectory, renderRoster } from './company.ts';

/** What a small vendor takes to answer: a worker waits most of its time. */
export const LATENCY_MS = 500;

export type Vendor = { readonly url: string; close(): Promise<void> };

/** All lists of the company on loopback, each after `LATENCY_MS`. */
export async function startVendor(): Promise<Vendor> {
  const server = createServer((request, response) => {
    const name = (request.url ?? '').slice(1).replace(/\.csv$/, '');
    const body = name === 'directory' ? renderDirectory() : renderRoster(Number(name));
    void sleep(LATENCY_MS).then(() => {
      response.writeHead(200, { 'content-type': 'text/csv', 'last-modified': new Date().toUTCString() });
      response.end(body);
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('the vendor has no port');
  return {
    url: `http://127.0.0.1:${address.port}`,
    close: async () => {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}
