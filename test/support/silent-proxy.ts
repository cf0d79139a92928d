import { connect, createServer, type Socket } from 'node:net';

export interface SilentProxy extends AsyncDisposable {
  /** The URL of the server behind it, by way of this proxy. */
  readonly url: string;
  /** From now on nothing passes on the connections that are open, in either direction, and nobody is told; new ones are well. */
  swallow(): void;
  /** Connections are reset, and new ones refused. */
  refuse(): Promise<void>;
}

/** A real TCP proxy before a Postgres server, to lose the path to it as a firewall or a moved address does. */
export async function startSilentProxy(serverUrl: string): Promise<SilentProxy> {
  const target = new URL(serverUrl);
  const pairs = new Set<{ readonly client: Socket; readonly server: Socket }>();
  const listener = createServer((client) => {
    const server = connect(Number(target.port === '' ? 5432 : target.port), target.hostname);
    const pair = { client, server };
    pairs.add(pair);
    for (const [socket, other] of [
      [client, server],
      [server, client],
    ] as const) {
      socket.on('error', () => other.destroy());
      socket.on('close', () => other.destroy());
      socket.pipe(other);
    }
    client.on('close', () => pairs.delete(pair));
  });
  await new Promise<void>((resolve) => {
    listener.listen(0, '127.0.0.1', resolve);
  });
  const address = listener.address();
  if (address === null || typeof address === 'string') throw new Error('the proxy has no port');
  const url = new URL(serverUrl);
  url.hostname = '127.0.0.1';
  url.port = String(address.port);
  const refuse = async (): Promise<void> => {
    const closed = new Promise((resolve) => {
      listener.close(resolve);
    });
    for (const { client, server } of pairs) {
      client.destroy();
      server.destroy();
    }
    await closed;
  };
  return {
    url: url.href,
    swallow: () => {
      for (const { client, server } of pairs) {
        client.unpipe(server).resume();
        server.unpipe(client).resume();
      }
    },
    refuse,
    [Symbol.asyncDispose]: refuse,
  };
}
