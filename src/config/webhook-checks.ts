import type { Fault } from './faults.ts';
import type { ConfigFile } from './schema.ts';
import { blockAt, isBlock, listAt, textAt, type Block } from './tree.ts';

/** Anybody who has one call can try secrets on it at leisure: a short one is found. */
const SECRET_LENGTH_MIN = 16;
/** Where the file names no other. */
export const SIGNATURE_HEADER = 'X-Namely-Signature';
export const TIMESTAMP_HEADER = 'X-Namely-Timestamp';
/** Headers that HTTP itself needs: no sender can put anything else into them. */
const TAKEN = new Set([
  'accept',
  'accept-encoding',
  'connection',
  'content-encoding',
  'content-length',
  'content-type',
  'date',
  'expect',
  'host',
  'keep-alive',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
  'user-agent',
]);

/** Secrets that are too short, and headers by which no call could ever be accepted. */
export function checkWebhook(tree: Block): readonly Fault[] {
  const http = blockAt(tree, 'http');
  return [...checkSecrets(http), ...checkHeaders(blockAt(http, 'webhook'))];
}

function checkSecrets(http: Block): readonly Fault[] {
  return listAt(http, 'webhookSecrets').flatMap((secret, index) => {
    // The schema tells of an empty one.
    if (typeof secret !== 'string' || secret === '' || secret.length >= SECRET_LENGTH_MIN) return [];
    const message = `must have at least ${SECRET_LENGTH_MIN} characters; \`openssl rand -hex 32\` makes one`;
    return [{ path: ['http', 'webhookSecrets', index], message }];
  });
}

function checkHeaders(webhook: Block): readonly Fault[] {
  const signature = textAt(webhook, 'signatureHeader') ?? SIGNATURE_HEADER;
  const timestamp = textAt(webhook, 'timestampHeader') ?? TIMESTAMP_HEADER;
  const taken = [
    ['signatureHeader', signature],
    ['timestampHeader', timestamp],
  ].flatMap(([key = '', name = '']) =>
    TAKEN.has(name.toLowerCase()) ? fault(key, `HTTP uses ${name} itself; name the header that the sender adds`) : [],
  );
  if (/^none$/iu.test(signature))
    return [...taken, ...fault('signatureHeader', 'no call is taken without a signature; name its header')];
  if (timestamp !== 'none' && /^none$/iu.test(timestamp))
    return [...taken, ...fault('timestampHeader', 'write none for calls that carry no time')];
  if (signature.toLowerCase() !== timestamp.toLowerCase()) return taken;
  return [...taken, ...fault('timestampHeader', 'is the header of the signature too; they are two')];
}

function fault(key: string, message: string): readonly Fault[] {
  return [{ path: ['http', 'webhook', key], message }];
}

/** What is said of calls although none is taken. `tree`: as it was written, because the defaults are there in any case. */
export function findWebhookDoubts({ http }: ConfigFile, tree: unknown): readonly Fault[] {
  const isWritten = isBlock(tree) && blockAt(tree, 'http')['webhook'] !== undefined;
  if (!isWritten || http.webhookSecrets.length > 0) return [];
  const message = 'has no effect: http.webhookSecrets names no secret, and without one there is no /webhooks/namely';
  return [{ path: ['http', 'webhook'], message }];
}
