import { inspect } from 'node:util';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { createSlackChannel, type SlackChannel, type SlackOptions } from '../../../src/alerts/slack-webhook.ts';
import { OperationalError } from '../../../src/errors.ts';
import { createGuardedFetch } from '../../../src/net/guarded-fetch.ts';
import { createChannelStore } from '../../../src/store/alert-channel.ts';
import { SILENT } from '../../support/database.ts';
import { startProxy } from '../../support/proxy-server.ts';
import { answering, gapsOf, serveSlack, takeAll, SLACK_SECRET, type SlackHandler } from '../../support/slack-server.ts';
import { openTestStore, type TestStore } from '../../support/store.ts';

const LOOPBACK = createGuardedFetch({ allow: ['127.0.0.1'] });
const NOW = new Date('2026-11-21T09:00:00.000Z');
const MESSAGE = { text: 'told', blocks: [{ type: 'divider' }] };

async function failureOf(work: Promise<void>): Promise<OperationalError> {
  try {
    await work;
  } catch (error) {
    if (error instanceof OperationalError) return error;
    throw error;
  }
  throw new Error('nothing failed');
}

function openChannel(store: TestStore, webhookUrl: string, others: Partial<SlackOptions> = {}): SlackChannel {
  const channel = createChannelStore(store, webhookUrl);
  return createSlackChannel({ webhookUrl, clock: () => NOW, fetch: LOOPBACK, log: SILENT, channel, ...others });
}

/** Waits come from the database's clock, rounded up to milliseconds. */
function roundedToSeconds(at: Date | undefined): string | undefined {
  return at === undefined ? undefined : new Date(Math.round(at.getTime() / 1_000) * 1_000).toISOString();
}

const resolveLoopback = async () => [{ address: '127.0.0.1', family: 4 }];
const never = new AbortController().signal;

// One for all: each test begins with a channel that nobody knows yet.
let store: TestStore;
beforeAll(async () => {
  store = await openTestStore();
});
beforeEach(async () => {
  await store.pool.query('delete from rollcall.alert_channel');
});
afterAll(async () => {
  await store[Symbol.asyncDispose]();
});

test('sends text and blocks as JSON, with everything that Slack could parse switched off', async () => {
  await using slack = await serveSlack(answering(200, 'ok'));
  await openChannel(store, slack.url).send(MESSAGE, never);
  expect(slack.bodies).toEqual([
    { ...MESSAGE, mrkdwn: false, parse: 'none', link_names: false, unfurl_links: false, unfurl_media: false },
  ]);
});

test('case 93: blocks that Slack refuses are sent once more as plain text, and the log says what kind they were', async () => {
  await using slack = await serveSlack((_, response, body) => {
    const refused = body.includes('"blocks"');
    response.writeHead(refused ? 400 : 200).end(refused ? 'invalid_blocks' : 'ok');
  });
  const logged: object[] = [];
  const log = { ...SILENT, warn: (data: object) => void logged.push(data) };
  await openChannel(store, slack.url, { log }).send(MESSAGE, never);
  expect(slack.bodies).toHaveLength(2);
  // Also these two are a second apart.
  expect(gapsOf(slack.requests)[0]).toBeGreaterThanOrEqual(1_000);
  expect(logged).toEqual([
    {
      refused: 'Slack refused the message, also as plain text (400 invalid_blocks): please report this',
      blocks: 1,
      kinds: ['divider'],
      textLength: MESSAGE.text.length,
      length: JSON.stringify(MESSAGE).length,
    },
  ]);
  expect(slack.bodies[1]).toMatchObject({ text: 'told' });
  expect(slack.bodies[1]).not.toHaveProperty('blocks');
});

describe('failures', () => {
  const cases: {
    name: string;
    handle: SlackHandler;
    code: string;
    message: string;
    notBefore?: string;
    tries: number;
  }[] = [
    {
      name: 'case 92: 429 waits as told, in seconds',
      handle: answering(429, 'rate_limited', { 'retry-after': '30' }),
      code: 'slack-unavailable',
      message: 'Slack asks to wait until 2026-11-21 09:00:30 UTC',
      notBefore: '2026-11-21T09:00:30.000Z',
      tries: 1,
    },
    {
      name: 'case 92: 429 waits as told, with a date',
      handle: answering(429, '', { 'retry-after': 'Sat, 21 Nov 2026 09:05:00 GMT' }),
      code: 'slack-unavailable',
      message: 'Slack asks to wait until 2026-11-21 09:05:00 UTC',
      notBefore: '2026-11-21T09:05:00.000Z',
      tries: 1,
    },
    {
      name: 'case 92: 429 with nonsense waits a minute',
      handle: answering(429, '', { 'retry-after': 'soon' }),
      code: 'slack-unavailable',
      message: 'Slack asks to wait until 2026-11-21 09:01:00 UTC',
      notBefore: '2026-11-21T09:01:00.000Z',
      tries: 1,
    },
    {
      name: 'case 92: 500 is tried again',
      handle: answering(500, 'rollup_error'),
      code: 'slack-unavailable',
      message: 'Slack answered 500 rollup_error; it is tried again',
      notBefore: '2026-11-21T09:00:30.000Z',
      tries: 1,
    },
    {
      name: 'case 93: 400 also as text',
      handle: answering(400, 'invalid_payload'),
      code: 'slack-rejected',
      message: 'Slack refused the message, also as plain text (400 invalid_payload): please report this',
      tries: 2,
    },
    ...(
      [
        [403, 'action_prohibited'],
        [404, 'channel_not_found'],
        [404, 'no_service'],
        [410, 'channel_is_archived'],
        [400, 'no_active_hooks'],
      ] as const
    ).map(([status, word]) => ({
      name: `case 94: ${status} ${word} is for good, tried once a day`,
      handle: answering(status, word),
      code: 'slack-gone',
      message: `Slack refuses this webhook (${status} ${word}): make a new one in Slack and set slack.webhookUrl`,
      notBefore: '2026-11-22T09:00:00.000Z',
      tries: 1,
    })),
    {
      name: 'a body that is not one word is not repeated',
      handle: answering(503, `<html>${SLACK_SECRET}</html>`),
      code: 'slack-unavailable',
      message: 'Slack answered 503; it is tried again',
      notBefore: '2026-11-21T09:00:30.000Z',
      tries: 1,
    },
    {
      name: 'a connection that is cut',
      handle: (request) => void request.socket.destroy(),
      code: 'slack-unanswered',
      message: 'Slack did not answer (UND_ERR_SOCKET): the message may have arrived, and is sent once more at most',
      notBefore: '2026-11-21T09:00:30.000Z',
      tries: 1,
    },
  ];
  test.each(cases)('case 97, no URL in what is told: $name', async ({ handle, code, message, notBefore, tries }) => {
    await using slack = await serveSlack(handle);
    const channel = openChannel(store, slack.url);
    const failure = await failureOf(channel.send(MESSAGE, never));
    expect({ code: failure.code, message: failure.message }).toEqual({ code, message });
    expect(roundedToSeconds(failure.notBefore)).toBe(notBefore);
    expect(slack.bodies).toHaveLength(tries);
    // Whatever a log or a queue would print of it: message, stack, cause and all fields.
    expect(inspect(failure, { depth: 10, showHidden: true })).not.toContain('CANARYSECRET');
  });

  test('case 97: a redirect is not followed', async () => {
    await using elsewhere = await serveSlack(answering(200, 'ok'));
    await using slack = await serveSlack(answering(307, '', { location: elsewhere.url }));
    const failure = await failureOf(openChannel(store, slack.url).send(MESSAGE, never));
    expect(failure.code).toBe('slack-unavailable');
    expect(elsewhere.bodies).toEqual([]);
    expect(inspect(failure, { depth: 10, showHidden: true })).not.toContain('CANARYSECRET');
  });

  test('case 97: a server that is not there', async () => {
    const slack = await serveSlack(answering(200, 'ok'));
    await slack[Symbol.asyncDispose]();
    const failure = await failureOf(openChannel(store, slack.url).send(MESSAGE, never));
    expect(failure.message).toBe('Slack could not be reached (ECONNREFUSED); it is tried again');
    expect(inspect(failure, { depth: 10, showHidden: true })).not.toContain('CANARYSECRET');
  });

  test('case 100: a webhook whose name leads to a local address is not sent to, nor tried again', async () => {
    await using slack = await serveSlack(answering(200, 'ok'));
    const webhookUrl = slack.url.replace('http://127.0.0.1', 'https://hooks.slack.com');
    const channel = openChannel(store, webhookUrl, {
      fetch: createGuardedFetch({ allow: [], resolve: resolveLoopback }),
    });
    const failure = await failureOf(channel.send(MESSAGE, never));
    expect(failure.code).toBe('network-refused');
    expect(failure.message).toContain('hooks.slack.com resolves to 127.0.0.1');
    expect((await createChannelStore(store, webhookUrl).standing()).reason).toBe(failure.message);
    expect(slack.bodies).toEqual([]);
    expect(inspect(failure, { depth: 10, showHidden: true })).not.toContain('CANARYSECRET');
  });

  test('case 97: neither webhook nor login is in what is told of a proxy that refuses', async () => {
    await using proxy = await startProxy({ status: 407 });
    const fetch = createGuardedFetch({ allow: [], proxies: { https: `http://jane:CANARYSECRET@${proxy.host}/` } });
    const webhookUrl = `https://hooks.slack.com${SLACK_SECRET}`;
    const failure = await failureOf(openChannel(store, webhookUrl, { fetch }).send(MESSAGE, never));
    expect(failure).toMatchObject({
      code: 'slack-unavailable',
      message: 'Slack could not be reached (the proxy answered 407); it is tried again',
    });
    expect(proxy.asked).toMatchObject([{ target: 'hooks.slack.com:443' }]);
    expect(inspect(failure, { depth: 10, showHidden: true })).not.toContain('CANARYSECRET');
  });

  test('a shutdown ends a send that hangs', async () => {
    await using slack = await serveSlack(() => undefined);
    const stop = new AbortController();
    const sending = failureOf(openChannel(store, slack.url).send(MESSAGE, stop.signal));
    setTimeout(() => stop.abort(), 50);
    expect((await sending).code).toBe('slack-unavailable');
  });

  test('an endless body is not read to its end', async () => {
    await using slack = await serveSlack((_, response) => {
      response.writeHead(404);
      const timer = setInterval(() => response.write('x'.repeat(4_096)), 1);
      response.on('close', () => clearInterval(timer));
    });
    const failure = await failureOf(openChannel(store, slack.url).send(MESSAGE, never));
    expect(failure.code).toBe('slack-gone');
  });
});

/** Takes what is sent and never says so. */
const silent: SlackHandler = () => undefined;

describe('case 92: no answer after the message was sent', () => {
  test('the next request asks whether anybody is there, with nothing that could be shown', async () => {
    await using slack = await serveSlack(silent);
    const failure = await failureOf(openChannel(store, slack.url, { timeoutMs: 1_500 }).send(MESSAGE, never));
    expect(failure.code).toBe('slack-unanswered');
    expect(slack.texts).toEqual(['told']);
    // Another process, as long as nobody is there: the message stays at home.
    const unsent = await failureOf(openChannel(store, slack.url, { timeoutMs: 1_500 }).send(MESSAGE, never));
    expect(slack.texts).toEqual(['told']);
    // Not sent, so none of its two tries is over.
    expect(unsent).toMatchObject({ code: 'slack-unavailable', notBefore: expect.any(Date) });
    slack.answer(takeAll);
    await openChannel(store, slack.url).send(MESSAGE, never);
    expect(slack.texts).toEqual(['told', 'told']);
    expect(slack.requests).toHaveLength(4);
    for (const gap of gapsOf(slack.requests)) expect(gap).toBeGreaterThanOrEqual(1_000);
  });

  test('an answer whose body never ends was an answer: the message is not repeated', async () => {
    await using slack = await serveSlack((_, response) => void response.writeHead(200).write('o'));
    await openChannel(store, slack.url, { timeoutMs: 1_500 }).send(MESSAGE, never);
    expect(slack.texts).toEqual(['told']);
    expect(await createChannelStore(store, slack.url).standing()).toMatchObject({ failingMs: 0 });
  });
});

test('a refused webhook is remembered by all processes until a message goes through', async () => {
  let status = 404;
  await using slack = await serveSlack((_, response) => void response.writeHead(status).end());
  const channel = openChannel(store, slack.url);
  const other = openChannel(store, slack.url);
  expect(await channel.refusal()).toBeUndefined();
  await failureOf(channel.send(MESSAGE, never));
  expect(await other.refusal()).toContain('make a new one in Slack');
  status = 503;
  await failureOf(openChannel(store, slack.url).send(MESSAGE, never));
  expect(await other.refusal()).toContain('make a new one in Slack');
  status = 200;
  await openChannel(store, slack.url).send(MESSAGE, never);
  expect(await other.refusal()).toBeUndefined();
});
