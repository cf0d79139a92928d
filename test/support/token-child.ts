import { OAuthTokens } from '../../src/sources/oauth/oauth-tokens.ts';
import { REAL_TIMING } from '../../src/sources/timing.ts';
import { createCredentialStore } from '../../src/store/credentials.ts';
import { openTestDatabase } from './database.ts';
import { aReading, clientOf } from './oauth.ts';

// A worker process with ten tasks that need the token of source `nimble`: `node token-child.ts URL VENDOR-URL KEY [stall]`; waits for
// a line on standard input, then prints the tokens. `stall`: the reply of the token endpoint has come, and nothing follows.
const [url = '', vendorUrl = '', key = '', stall] = process.argv.slice(2);
const TASKS = 10;
const database = openTestDatabase(url);
const client = clientOf(vendorUrl, 'nimble');
const store = createCredentialStore(database, { keys: [Buffer.from(key, 'base64')], clock: () => new Date() });
const refresh: typeof client.refresh = async (tokens) => {
  const reply = await client.refresh(tokens);
  if (stall === undefined) return reply;
  process.stdout.write('replied\n');
  return await new Promise<never>(() => undefined);
};
const tokens = new OAuthTokens({
  source: 'nimble',
  client: { refresh, grantor: client.grantor },
  store,
  timing: REAL_TIMING,
});

process.stdout.write('ready\n');
process.stdin.once('data', () => {
  void Promise.all(Array.from({ length: TASKS }, async () => await tokens.current(aReading()))).then(async (found) => {
    process.stdout.write(`${found.join(',')}\n`);
    process.stdin.destroy();
    await database.close();
  });
});
