import { connect, createServer, type Socket } from 'node:net';

export interface LostAnswerProxy extends AsyncDisposable {
  readonly url: string;
  /** Commits that have passed since the last call of `cutAt`. */
  readonly commits: number;
  /** The commit of this number from now on reaches the server, and its answer nobody: the connection is reset instead. */
  cutAt(commit: number): void;
  readonly hasCut: boolean;
}

/** The simple query `commit`, as pg sends it. */
const COMMIT = Buffer.from('Q\0\0\0\x0bcommit\0', 'latin1');

/** A TCP proxy before a Postgres server that loses the answer to a commit. Of any transaction: `commit-proxy.ts` tells those that write. */
export async function startLostAnswerProxy(serverUrl: string): Promise<LostAnswerProxy> {
  const target = new URL(serverUrl);
  const state = { commits: 0, cutAt: 0, hasCut: false };
  const sockets = new Set<Socket>();
  const listener = createServer((client) => {
    const server = connect(Number(target.port === '' ? 5432 : target.port), target.hostname);
    let isLast = false;
    for (const [socket, other] of [
      [client, server],
      [server, client],
    ] as const) {
      sockets.add(socket);
      socket.on('error', () => other.destroy());
      socket.on('close', () => {
        sockets.delete(socket);
        other.destroy();
      });
    }
    client.on('data', (bytes) => {
      if (bytes.includes(COMMIT)) {
        state.commits += 1;
        isLast = state.commits === state.cutAt;
      }
      server.write(bytes);
    });
    server.on('data', (bytes) => {
      if (!isLast) {
        client.write(bytes);
        return;
      }
      state.hasCut = true;
      client.resetAndDestroy();
    });
  });
  await new Promise<void>((resolve) => {
    listener.listen(0, '127.0.0.1', resolve);
  });
  const address = listener.address();
  if (address === null || typeof address === 'string') throw new Error('the proxy has no port');
  const url = new URL(serverUrl);
  url.hostname = '127.0.0.1';
  url.port = String(address.port);
  return {
    url: url.href,
    get commits() {
      return state.commits;
    },
    get hasCut() {
      return state.hasCut;
    },
    cutAt: (commit) => {
      Object.assign(state, { commits: 0, cutAt: commit, hasCut: false });
    },
    [Symbol.asyncDispose]: async () => {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => {
        listener.close(resolve);
      });
    },
  };
}
