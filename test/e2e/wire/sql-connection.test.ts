import { createServer, type AddressInfo, type Socket } from 'node:net';
import { TLSSocket } from 'node:tls';
import { describe, expect, test } from 'vitest';
import { createSqlSource } from '../../../src/sources/sql/client.ts';
import { createAuthority } from '../../support/certificate.ts';
import { collect, NO_POLICY } from '../../support/listing.ts';

type FakeServer = AsyncDisposable & {
  readonly port: number;
  readonly received: () => string;
  readonly connections: () => number;
};

/** Something that listens where a Postgres should be. */
async function serve(answer: (socket: Socket) => void): Promise<FakeServer> {
  const sockets = new Set<Socket>();
  const received: Buffer[] = [];
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => undefined);
    socket.once('data', (data: Buffer) => received.push(data));
    answer(socket);
  });
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  const { port } = isAddress(server.address());
  return {
    port,
    received: () => Buffer.concat(received).toString('latin1'),
    connections: () => [...sockets].filter(({ destroyed }) => !destroyed).length,
    [Symbol.asyncDispose]: async () => {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => {
        server.close(resolve);
      });
    },
  };
}

function isAddress(address: AddressInfo | string | null): AddressInfo {
  if (address === null || typeof address === 'string') throw new Error('the server has no port');
  return address;
}

async function outcomeAt(host: string, options = '') {
  const { rows, end } = await collect(
    createSqlSource({
      name: 'contractors',
      url: `postgres://canary_user:canary-password@${host}/staff${options}`,
      query: 'select id from staff',
      policy: NO_POLICY,
      limits: { connectMs: 400 },
    }),
  );
  expect(rows).toEqual([]);
  expect(JSON.stringify(end)).not.toMatch(/canary/i);
  return end.outcome;
}

function unavailable(words: string | RegExp) {
  return { kind: 'broken', code: 'source-unavailable', detail: expect.stringMatching(words) };
}

describe('a server that', () => {
  test.each(['127.0.0.1', 'localhost'])('is not there, at %s', async (host) => {
    const { port } = await (async () => {
      await using server = await serve(() => undefined);
      return server;
    })();
    expect(await outcomeAt(`${host}:${port}`)).toEqual(unavailable(/cannot be reached.*ECONNREFUSED/));
  });

  test('has no address', async () => {
    expect(await outcomeAt('nowhere.invalid')).toEqual(unavailable(/host of url is not known|did not answer in time/));
  });

  test('says nothing', async () => {
    await using server = await serve(() => undefined);
    expect(await outcomeAt(`127.0.0.1:${server.port}`)).toEqual(unavailable('did not answer in time'));
    await expect.poll(() => server.connections()).toBe(0);
  });

  test('hangs up', async () => {
    await using server = await serve((socket) => socket.once('data', () => socket.destroy()));
    expect(await outcomeAt(`127.0.0.1:${server.port}`)).toEqual(unavailable(/connection was cut|cannot be reached/));
  });

  test('speaks HTTP', async () => {
    await using server = await serve((socket) =>
      socket.once('data', () => socket.end('HTTP/1.1 400 Bad Request\r\n\r\n<html>')),
    );
    expect(await outcomeAt(`127.0.0.1:${server.port}`)).toEqual(unavailable(/connection was cut|did not answer/));
  });

  test('offers no TLS where sslmode asks for it learns neither user nor password', async () => {
    await using server = await serve((socket) => socket.once('data', () => socket.write('N')));
    const outcome = await outcomeAt(`127.0.0.1:${server.port}`, '?sslmode=verify-full');
    expect(outcome).toEqual(unavailable('sslmode of url asks for TLS, which the server does not offer'));
    expect(server.received()).toHaveLength(8);
  });

  test('has a certificate that is not trusted learns neither user nor password', async () => {
    const { cert, key } = createAuthority().issue('127.0.0.1');
    const read: string[] = [];
    await using server = await serve((socket) =>
      socket.once('data', () => {
        socket.write('S');
        const secure = new TLSSocket(socket, { isServer: true, cert, key });
        secure.on('error', () => undefined);
        secure.on('data', (data: Buffer) => read.push(data.toString('latin1')));
      }),
    );
    const outcome = await outcomeAt(`127.0.0.1:${server.port}`, '?sslmode=verify-full');
    expect(outcome).toEqual(unavailable(/certificate of the server is not trusted/));
    expect(read).toEqual([]);
  });

  test('is to be trusted by a file that is not there', async () => {
    await using server = await serve(() => undefined);
    const outcome = await outcomeAt(`127.0.0.1:${server.port}`, '?sslmode=verify-full&sslrootcert=/nowhere/ca.pem');
    expect(outcome).toEqual(unavailable(/certificate file that url names cannot be read \(ENOENT\)/));
    expect(server.connections()).toBe(0);
  });
});
