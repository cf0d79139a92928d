import { createServer } from 'node:http';
import express from 'express';
import SCIMMY from 'scimmy';
import ScimmyRouters from 'scimmy-routers';

type ScimmyUser = { readonly id: string } & Readonly<Record<string, unknown>>;

export type ScimmyServer = AsyncDisposable & {
  readonly baseUrl: string;
  /** Replaced by a test between readings. */
  users: readonly ScimmyUser[];
  /** `GET` and path of every request so far. */
  readonly seen: readonly string[];
};

type ScimmyOptions = {
  readonly token: string;
  readonly users: readonly ScimmyUser[];
  /** Id of the user whom the token belongs to. */
  readonly owner?: string | undefined;
  /** As scimmy-routers 1.3.2 behaves under express 5, which gives it `startIndex` and `count` as texts: it then looks at neither. */
  readonly numbersAreTexts?: boolean | undefined;
};

/** SCIMMY as a directory on a loopback port. It has its state in a module: one of them at a time. */
export async function startScimmy(options: ScimmyOptions): Promise<ScimmyServer> {
  const seen: string[] = [];
  const state = { users: options.users };
  SCIMMY.Resources.declare(SCIMMY.Resources.User)
    .extend(SCIMMY.Schemas.EnterpriseUser, false)
    .egress((resource: InstanceType<typeof SCIMMY.Resources.User>) => {
      // A copy, because SCIMMY writes into what it is given.
      const users = JSON.parse(JSON.stringify(state.users));
      if (resource.id === undefined) return resource.filter === undefined ? users : resource.filter.match(users);
      const found = state.users.findIndex(({ id }) => id === resource.id);
      if (found === -1) throw new SCIMMY.Types.Error(404, '', `canary: ${resource.id} not found`);
      return users[found];
    });
  const app = express();
  app.use((request, _response, next) => {
    seen.push(`${request.method} ${request.originalUrl}`);
    // An own property keeps the numbers that the routers write into it.
    if (options.numbersAreTexts !== true) Object.defineProperty(request, 'query', { value: { ...request.query } });
    next();
  });
  const handler = (request: express.Request): string => {
    if (request.header('authorization') !== `Bearer ${options.token}`) throw new Error('canary: not let in');
    return options.owner ?? '';
  };
  app.use('/scim/v2', new ScimmyRouters({ type: 'bearer', handler }));
  const server = createServer(app);
  const listening = Promise.withResolvers<void>();
  server.listen(0, '127.0.0.1', listening.resolve);
  await listening.promise;
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('the server has no port');
  return {
    baseUrl: `http://127.0.0.1:${address.port}/scim/v2`,
    seen,
    get users() {
      return state.users;
    },
    set users(users) {
      state.users = users;
    },
    [Symbol.asyncDispose]: async () => {
      const closed = Promise.withResolvers<void>();
      server.close(() => closed.resolve());
      server.closeAllConnections();
      await closed.promise;
    },
  };
}
