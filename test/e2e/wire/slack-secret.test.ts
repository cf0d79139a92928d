import { inspect } from 'node:util';
import { expect, test } from 'vitest';
import { createSlackChannel } from '../../../src/alerts/slack-webhook.ts';
import { createMetrics } from '../../../src/http/metrics.ts';
import { runChecks } from '../../../src/http/health.ts';
import { createLog } from '../../../src/log.ts';
import { createGuardedFetch, type Fetch } from '../../../src/net/guarded-fetch.ts';
import { createChannelStore } from '../../../src/store/alert-channel.ts';
import { inTransaction } from '../../../src/store/database.ts';
import { enqueueAlerts } from '../../../src/store/enqueue-alerts.ts';
import { createQueue } from '../../../src/store/queue.ts';
import { createTickStore } from '../../../src/store/ticks.ts';
import { runCli } from '../../support/cli.ts';
import { createMemoryReader } from '../../support/memory-reader.ts';
import { startProxy } from '../../support/proxy-server.ts';
import { answering, serveSlack, SLACK_SECRET, type SlackHandler } from '../../support/slack-server.ts';
import { openTestStore } from '../../support/store.ts';
import { wholeDatabase } from '../../support/whole-database.ts';

const LOOPBACK = createGuardedFetch({ allow: ['127.0.0.1'] });
const MESSAGE = { text: 'told', blocks: [{ type: 'divider' }] };
const CANARY = /canarysecret|T000\/B000|T000%2FB000/iu;
const ECHO = `<html>no such hook: ${SLACK_SECRET}</html>`;

type Path = { readonly name: string; readonly url: string; readonly fetch: Fetch };

/** Ways in which telling Slack goes wrong; some of them answer with the address itself. */
const HANDLERS: readonly (readonly [string, SlackHandler])[] = [
  ...[301, 400, 403, 404, 405, 408, 410, 413, 500, 503].map(
    (status) => [String(status), answering(status, ECHO, { location: `http://127.0.0.1:9${SLACK_SECRET}` })] as const,
  ),
  ['429', answering(429, ECHO, { 'retry-after': '1' })],
  ['cut before an answer', (request) => void request.socket.destroy()],
  [
    'cut in the answer',
    (request, response) => void response.writeHead(404).write('no', () => request.socket.destroy()),
  ],
  ['no answer', () => undefined],
  ['no HTTP', (request) => void request.socket.end(`${ECHO}\r\n\r\n`)],
];

test('case 97: whatever goes wrong, the webhook is in no log, table, metric, health check, page or error', async () => {
  await using store = await openTestStore();
  const lines: string[] = [];
  // Without the known secrets: nothing is masked, whatever is written shows.
  const log = createLog({ level: 'debug', secrets: [], destination: { write: (line: string) => lines.push(line) } });
  const queue = createQueue(store, log);
  const told: string[] = [];
  const tryOne = async ({ name, url, fetch }: Path): Promise<void> => {
    const channel = createChannelStore(store, url);
    const slack = createSlackChannel({
      webhookUrl: url,
      clock: () => new Date(),
      log,
      fetch,
      channel,
      timeoutMs: 3_000,
    });
    const alert = { kind: 'digest', reportId: 1 } as const;
    await inTransaction(store.pool, 'test', (client) => enqueueAlerts(client, [alert]));
    const [job] = await queue.takeAlerts(1);
    const failure = await slack.send(MESSAGE, new AbortController().signal).then(
      () => undefined,
      (error: unknown) => error,
    );
    if (!(failure instanceof Error)) throw new Error(`${name} did not fail`);
    log.error({ alert, err: failure }, 'alert not delivered');
    await job?.failed(failure);
    const check = { name: 'slack', required: false, check: () => slack.refusal() };
    const checks = [check, { ...check, check: async () => await Promise.reject(failure) }];
    const standing = () => channel.standing();
    const ticks = createTickStore(store);
    const metrics = createMetrics({ version: '0', reader: createMemoryReader(), queue, ticks, checks, standing });
    told.push(
      name,
      inspect(failure, { depth: 10, showHidden: true }),
      JSON.stringify(await runChecks(checks)),
      await metrics.render(),
      JSON.stringify(await standing()),
    );
    // Nobody waits for what this one has left behind.
    await store.pool.query('delete from rollcall.alert_channel');
    told.push(JSON.stringify(await wholeDatabase(store.pool)));
    await store.pool.query('delete from rollcall_jobs.job');
  };
  for (const [name, handler] of HANDLERS) {
    await using slack = await serveSlack(handler);
    await tryOne({ name, url: slack.url, fetch: LOOPBACK });
    if (slack.requests.length === 0) throw new Error(`${name}: nothing was posted`);
  }
  await using proxy = await startProxy({ status: 407 });
  const elsewhere = `https://hooks.slack.com${SLACK_SECRET}`;
  await tryOne({ name: 'not there', url: `http://127.0.0.1:9${SLACK_SECRET}`, fetch: LOOPBACK });
  await tryOne({ name: 'not TLS', url: `https://${proxy.host}${SLACK_SECRET}`, fetch: LOOPBACK });
  await tryOne({
    name: 'the proxy refuses',
    url: elsewhere,
    fetch: createGuardedFetch({ allow: [], proxies: { https: `http://me:CANARYSECRET@${proxy.host}/` } }),
  });
  await tryOne({
    name: 'the name leads to a local address',
    url: elsewhere,
    fetch: createGuardedFetch({ allow: [], resolve: async () => [{ address: '127.0.0.1', family: 4 }] }),
  });
  expect(lines.length).toBeGreaterThanOrEqual(HANDLERS.length + 4);
  for (const text of [...lines, ...told]) expect(text).not.toMatch(CANARY);
});

test.each([
  ['another host', `https://hooks.slack.com.example.com${SLACK_SECRET}`, /neither the vendor's nor configured/],
  ['http', `http://hooks.slack.com${SLACK_SECRET}`, /without encryption/],
  ['a user', `https://jane:CANARYSECRET@hooks.slack.com${SLACK_SECRET}`, /user name or password/],
  ['a loopback address', `http://127.0.0.1:9${SLACK_SECRET}`, /without encryption/],
  ['no URL', SLACK_SECRET, /must be a URL such as https:\/\/hooks\.slack\.com/],
])('case 97: a webhook with %s is refused at the start, and not repeated', async (_name, url, sentence) => {
  for (const args of [['start'], ['run'], ['config', 'check'], ['doctor']]) {
    const env = { SLACK_WEBHOOK_URL: url, IDENTITIES: './identities.csv', NIMBLE_TOKEN: 'nimble-token' };
    const { code, stdout, stderr } = await runCli(args, { env });
    const output = `${stdout}${stderr}`.replaceAll(/\s+/g, ' ');
    expect({ code, output }).toMatchObject({ code: 78 });
    expect(output).toContain('SLACK_WEBHOOK_URL');
    expect(output).toMatch(sentence);
    expect(output).not.toMatch(CANARY);
  }
});
