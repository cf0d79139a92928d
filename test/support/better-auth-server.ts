import { createServer } from 'node:http';
import { scim } from '@better-auth/scim';
import { betterAuth } from 'better-auth';
import { memoryAdapter } from 'better-auth/adapters/memory';
import { toNodeHandler } from 'better-auth/node';

const MODELS =
  'user session account verification scimUser scimGroup scimGroupMember scimConnectionBinding scimSubject scimIdentityTombstone scimProjectionGrant'.split(
    ' ',
  );

type ProvisionedUser = { readonly userName: string; readonly active: unknown } & Readonly<Record<string, unknown>>;

export type BetterAuthServer = AsyncDisposable & {
  readonly baseUrl: string;
  readonly token: string;
  /** Provisions one user by POST, as an identity provider does; its id. */
  add(user: ProvisionedUser): Promise<string>;
  remove(id: string): Promise<void>;
};

/** The SCIM server of Better Auth on a loopback port, with its memory for a database. */
export async function startBetterAuth(): Promise<BetterAuthServer> {
  const token = 'better-auth-scim-token-for-tests';
  const server = createServer();
  const listening = Promise.withResolvers<void>();
  server.listen(0, '127.0.0.1', listening.resolve);
  await listening.promise;
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('the server has no port');
  const origin = `http://127.0.0.1:${address.port}`;
  const credentials = [{ type: 'bearer', id: 'one', token }] as const;
  const plugin = scim({ connections: [{ id: 'acme', credentials }] });
  // Its types hold keys that may be undefined, which ours forbid.
  const models = Object.entries(plugin.schema).flatMap(([name, model]) =>
    model === undefined ? [] : [[name, model] as const],
  );
  const auth = betterAuth({
    baseURL: origin,
    secret: 'only-for-this-test-0123456789-ABCDEF',
    database: memoryAdapter(Object.fromEntries(MODELS.map((model) => [model, []]))),
    telemetry: { enabled: false },
    rateLimit: { enabled: false },
    logger: { disabled: true },
    plugins: [{ ...plugin, schema: Object.fromEntries(models) }],
  });
  const handle = toNodeHandler(auth);
  server.on('request', (request, response) => void handle(request, response));
  const baseUrl = `${origin}/api/auth/scim/v2`;
  const ask = async (method: string, path: string, body?: unknown): Promise<unknown> => {
    const response = await fetch(`${baseUrl}${path}`, {
      method,
      headers: { authorization: `Bearer ${token}`, 'content-type': 'application/scim+json' },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    if (!response.ok) throw new Error(`${method} ${path} was answered with ${response.status}`);
    return response.status === 204 ? undefined : await response.json();
  };
  return {
    baseUrl,
    token,
    add: async (user) => {
      const schemas = ['urn:ietf:params:scim:schemas:core:2.0:User'];
      const created = await ask('POST', '/Users', { schemas, ...user });
      return typeof created === 'object' && created !== null && 'id' in created ? String(created.id) : '';
    },
    remove: async (id) => {
      await ask('DELETE', `/Users/${id}`);
    },
    [Symbol.asyncDispose]: async () => {
      const closed = Promise.withResolvers<void>();
      server.close(() => closed.resolve());
      server.closeAllConnections();
      await closed.promise;
    },
  };
}
