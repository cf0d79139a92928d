import { createServer } from 'node:http';
import { connect, type Socket } from 'node:net';

export interface ProxyServer extends AsyncDisposable {
  /** `127.0.0.1:PORT` */
  readonly host: string;
  /** `host:port` of every CONNECT, with the Proxy-Authorization that came with it. */
  readonly asked: readonly { readonly target: string; readonly login: string | undefined }[];
}

export type ProxyOptions = {
  /** Where each tunnel leads, whatever name was asked for: the proxy resolves names, not its client. */
  readonly port?: number | undefined;
  /** What is answered instead of a tunnel. */
  readonly status?: number | undefined;
};

/** A real HTTP proxy that tunnels by CONNECT to loopback. */
export async function startProxy({ port, status }: ProxyOptions): Promise<ProxyServer> {
  const asked: { target: string; login: string | undefined }[] = [];
  const sockets = new Set<Socket>();
  const server = createServer();
  server.on('connection', (socket) => sockets.add(socket));
  server.on('connect', (request, client: Socket) => {
    asked.push({ target: request.url ?? '', login: request.headers['proxy-authorization'] });
    client.on('error', () => client.destroy());
    if (status !== undefined) {
      client.end(`HTTP/1.1 ${status} No\r\n\r\n`);
      return;
    }
    const vendor = connect(port ?? 0, '127.0.0.1', () => {
      client.write('HTTP/1.1 200 Connection Established\r\n\r\n');
      client.pipe(vendor).pipe(client);
    });
    sockets.add(vendor);
    vendor.on('error', () => client.destroy());
  });
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('the proxy has no port');
  return {
    host: `127.0.0.1:${address.port}`,
    asked,
    [Symbol.asyncDispose]: async () => {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => {
        server.close(resolve);
      });
    },
  };
}
