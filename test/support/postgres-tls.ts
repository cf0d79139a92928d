import { connect, createServer, type Socket } from 'node:net';
import { TLSSocket } from 'node:tls';
import { createAuthority } from './certificate.ts';

/** A server of Postgres with TLS, in front of one that has none. `ca`: what its certificate is to be checked by. */
export async function startTlsFront(
  url: string,
): Promise<AsyncDisposable & { readonly url: URL; readonly ca: string }> {
  const { hostname, port } = new URL(url);
  const authority = createAuthority();
  const { cert, key } = authority.issue('127.0.0.1');
  const sockets = new Set<Socket>();
  const keep = (socket: Socket): Socket => {
    sockets.add(socket);
    return socket.on('error', () => undefined);
  };
  const server = createServer((socket) => {
    // A client's first eight bytes ask whether there is TLS.
    keep(socket).once('data', () => {
      socket.write('S');
      const secure = new TLSSocket(socket, { isServer: true, cert, key });
      const behind = keep(connect(Number(port), hostname));
      secure.on('error', () => behind.destroy());
      secure.pipe(behind).pipe(secure);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  const front = new URL(url);
  front.host = `127.0.0.1:${address.port}`;
  return {
    url: front,
    ca: authority.cert,
    [Symbol.asyncDispose]: async () => {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
