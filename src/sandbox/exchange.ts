import type { IncomingMessage, ServerResponse } from 'node:http';

import { VENDORS, type Answer, type SandboxRequest, type Vendor } from './answer.ts';

const BODY_BYTES_MAX = 1_048_576;

/** A request as the vendor it is for sees it; undefined where the path belongs to none. */
export async function readRequest(incoming: IncomingMessage): Promise<SandboxRequest | undefined> {
  const url = new URL(incoming.url ?? '/', 'http://sandbox');
  const vendor = toVendor(url.pathname);
  const body = await readBody(incoming);
  if (vendor === undefined) return undefined;
  const bearer = /^Bearer (.+)$/.exec(incoming.headers.authorization ?? '')?.[1];
  return {
    vendor,
    method: incoming.method ?? 'GET',
    path: vendor === 'identities' ? url.pathname : url.pathname.slice(vendor.length + 1),
    query: Object.fromEntries(url.searchParams),
    bearer,
    body,
  };
}

function toVendor(path: string): Vendor | undefined {
  if (path.startsWith('/identities.')) return 'identities';
  return VENDORS.find((vendor) => path.startsWith(`/${vendor}/`));
}

async function readBody(incoming: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of incoming) {
    const bytes = Buffer.from(chunk);
    size += bytes.length;
    if (size > BODY_BYTES_MAX) throw new Error('body too large');
    chunks.push(bytes);
  }
  return Buffer.concat(chunks).toString('utf8');
}

export function send(response: ServerResponse, answer: Answer): void {
  response.writeHead(answer.status, { ...answer.headers, 'content-length': Buffer.byteLength(answer.body) });
  response.end(answer.body);
}
