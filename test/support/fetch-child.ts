// A process of its own, because Node reads NODE_EXTRA_CA_CERTS once, at its start: `node fetch-child.ts URL ALLOW [PROXY]`.
import { OperationalError } from '../../src/errors.ts';
import { createGuardedFetch } from '../../src/net/guarded-fetch.ts';
import { createHttp } from '../../src/sources/http.ts';
import { aReading } from './http-asking.ts';

const [url = '', allow = '', proxy] = process.argv.slice(2);
const http = createHttp({
  source: 'vendor',
  address: 'baseUrl',
  hosts: { vendorHosts: [], configuredHost: new URL(url).hostname, allow: [allow] },
  fetch: createGuardedFetch({ allow: [allow], proxies: { https: proxy } }),
});
let told: object;
try {
  told = { json: (await http.getJson(new URL(url), aReading(0))).json };
} catch (error) {
  if (!(error instanceof OperationalError)) throw error;
  told = { code: error.code, message: error.message };
}
const answeredAt = performance.now();
process.on('exit', () => {
  // An idle connection must not keep a finished `run` alive.
  process.stdout.write(JSON.stringify({ ...told, lingeredMs: Math.round(performance.now() - answeredAt) }));
});
