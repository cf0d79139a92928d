import { once } from 'node:events';
import { connect, createServer, type Socket } from 'node:net';
import { CommitWatch, type CommitPoint } from './commit-watch.ts';
import { messagesOf, requestsOf } from './postgres-messages.ts';

/** What becomes of a commit point, asked before it is sent to the server and again when the server has answered. */
export type Fate = 'pass' | 'drop';
export type Meeting = { readonly point: CommitPoint; readonly moment: 'before' | 'after' };
export type OnMeeting = (meeting: Meeting) => Fate | Promise<Fate>;

export interface CommitProxy extends AsyncDisposable {
  /** The URL of the server behind it, by way of this proxy. */
  readonly url: string;
}

/**
 * A real TCP proxy before a Postgres server that reads the protocol. Each request that may commit something is held until
 * `meet` has said what becomes of it, and so is its answer: who kills the client there has done it just before the commit, or
 * after it and before the client knows.
 */
export async function startCommitProxy(serverUrl: string, meet: OnMeeting): Promise<CommitProxy> {
  const target = new URL(serverUrl);
  const sockets = new Set<Socket>();
  const listener = createServer((client) => {
    const server = connect(Number(target.port === '' ? 5432 : target.port), target.hostname);
    for (const [socket, other] of [
      [client, server],
      [server, client],
    ] as const) {
      sockets.add(socket);
      socket.setNoDelay(true);
      socket.on('error', () => other.destroy());
      socket.on('close', () => {
        sockets.delete(socket);
        other.destroy();
      });
    }
    const watch = new CommitWatch();
    relay(requestsOf(client), server, (request) => watch.asked(request, meet)).catch(() => server.destroy());
    relay(messagesOf(server), client, (message) => watch.answered(message, meet)).catch(() => client.destroy());
  });
  listener.listen(0, '127.0.0.1');
  await once(listener, 'listening');
  const address = listener.address();
  if (address === null || typeof address === 'string') throw new Error('the proxy has no port');
  const url = new URL(serverUrl);
  url.hostname = '127.0.0.1';
  url.port = String(address.port);
  return {
    url: url.href,
    [Symbol.asyncDispose]: async () => {
      const closed = once(listener, 'close');
      listener.close();
      for (const socket of sockets) socket.destroy();
      await closed;
    },
  };
}

/** Piece by piece, each when the one before has gone; what is dropped takes its connection with it. */
async function relay(
  pieces: AsyncIterable<Buffer>,
  to: Socket,
  judge: (piece: Buffer) => Promise<Fate>,
): Promise<void> {
  for await (const piece of pieces) {
    if ((await judge(piece)) === 'drop') break;
    if (!to.write(piece)) await Promise.race([once(to, 'drain'), once(to, 'close')]);
  }
  to.destroySoon();
}
