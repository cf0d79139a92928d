import { once } from 'node:events';
import { StdioServerTransport } from '@modelcontextprotocol/sdk/server/stdio.js';
import type { Output } from '../output.ts';
import { type Answering, createMcpServer } from './server.ts';

export type McpDeps = Answering & { readonly version: string };

/** One message of a client; a question is some hundred bytes. */
const MESSAGE_BYTES_MAX = 1_048_576;

/**
 * `mcp`: answers an assistant over stdin and stdout until either end closes. stdout carries the protocol and nothing else. `usage` where the
 * role of readers is there and may not be taken.
 */
export async function mcpCommand(
  { version, ...answering }: McpDeps,
  out: Output,
  signal: AbortSignal,
): Promise<number> {
  const role = await answering.views.checkRole();
  const server = createMcpServer(answering, version);
  const closed = new Promise<void>((resolve) => {
    Object.assign(server.server, { onclose: resolve });
  });
  const { stdin, stdout } = process;
  await server.connect(new StdioServerTransport(stdin, stdout, { maxBufferSize: MESSAGE_BYTES_MAX }));
  await out.stderr(`answering on stdin and stdout, as ${role}\n`);
  // The transport does not say that its client has gone.
  const ended = Promise.race([once(stdin, 'end'), once(stdin, 'close'), once(signal, 'abort'), closed]);
  await ended.catch(() => undefined);
  await server.close();
  return 0;
}
