import { describe, expect, test } from 'vitest';
import { composeAlert } from '../../src/alerts/compose.ts';
import { OperationalError } from '../../src/errors.ts';
import type { ChannelMessage } from '../../src/ports/alerts.ts';
import { createReader } from '../../src/store/reader/reader.ts';
import type { WorkerDeps } from '../../src/worker/deps.ts';
import { runOnce } from '../../src/worker/run.ts';
import { account, person, stranger, upTo } from '../support/people.ts';
import { openWorkerWorld, type WorkerWorld } from '../support/worker.ts';

const accounts = () => upTo(20).map((number) => account(number));
const DAY_MS = 86_400_000;
/** With the catch-up that they became. */
const WAITING_MAX = 11;

/** Slack as this worker sees it: away, or back and remembering what it was told. */
class Slack {
  isDown = false;
  readonly messages: ChannelMessage[] = [];

  deps(world: WorkerWorld, at: string): WorkerDeps {
    const reader = createReader(world.store);
    return {
      ...world.deps(at),
      silentMs: async () => DAY_MS,
      deliver: async (alert) => {
        if (this.isDown) {
          const notBefore = new Date(Date.parse(at) + 600_000);
          throw new OperationalError('slack-unavailable', 'down', { notBefore });
        }
        const message = await composeAlert(alert, reader);
        if (message !== undefined) this.messages.push(message);
      },
    };
  }

  async run(world: WorkerWorld, at: string): Promise<void> {
    const request = { only: [], full: false, notify: true, budgetMs: 0, progress: () => undefined };
    await runOnce(this.deps(world, at), { ...request, signal: new AbortController().signal });
  }
}

function hourOf(hour: number): string {
  return new Date(Date.parse('2026-11-02T08:00:00Z') + hour * 3_600_000).toISOString();
}

/** Twenty people and an account each, one stranger that Slack was told of. */
async function aCompany(): Promise<WorkerWorld> {
  const world = await openWorkerWorld();
  world.identities = upTo(20).map((number) => person(number));
  world.accounts = accounts();
  await world.run('2026-11-01T08:00:00Z');
  world.accounts = [...accounts(), stranger(100)];
  await world.run('2026-11-02T07:00:00Z');
  return world;
}

describe('case 96: Slack is down for a day', () => {
  test('and is told once, with what holds now and how much there was; the queue stays short', async () => {
    await using world = await aCompany();
    const slack = new Slack();
    slack.isDown = true;
    // Each two hours another stranger; the first two are gone after that, and in the end so is the one that was known.
    for (const turn of upTo(13)) {
      const strangers = turn <= 2 ? [turn] : upTo(turn).slice(2);
      world.accounts = [...accounts(), ...(turn < 12 ? [stranger(100)] : []), ...strangers.map(stranger)];
      await slack.run(world, hourOf(2 * turn));
      expect(await world.queue.waitingAlerts()).toBeLessThanOrEqual(WAITING_MAX);
    }
    expect(slack.messages).toEqual([]);
    slack.isDown = false;
    await slack.run(world, hourOf(27));
    expect(await world.queue.waitingAlerts()).toBe(0);
    expect(slack.messages).toHaveLength(1);
    const lines = slack.messages[0]?.text.split('\n') ?? [];
    expect(lines[0]).toBe('Catching up since 2026-11-02 10:00 UTC: 11 accounts belong to nobody we know');
    expect(lines).toContain('and 6 more: rollcall findings --rule orphaned_account');
    expect(lines).toContain('2 findings opened and resolved meanwhile, not shown');
    expect(lines).toContain('1 finding resolved');
    expect(lines.at(-1)).toMatch(/^Reports \d+ to \d+$/);
    // And it is over: what comes next is told as ever.
    world.accounts = [...world.accounts, stranger(50)];
    await slack.run(world, hourOf(28));
    expect(slack.messages.at(-1)?.text).toMatch(/^1 account belongs to nobody we know\n/);
  });

  test('in which all that came went again: it is said, in one line', async () => {
    await using world = await aCompany();
    const slack = new Slack();
    slack.isDown = true;
    for (const hour of upTo(4)) {
      world.accounts = [...accounts(), stranger(100), ...(hour % 2 === 0 ? [] : [stranger(hour)])];
      await slack.run(world, hourOf(hour));
    }
    slack.isDown = false;
    await slack.run(world, hourOf(5));
    expect(slack.messages).toHaveLength(1);
    expect(slack.messages[0]?.text).toMatch(/^Catching up since 2026-11-02 09:00 UTC: Nothing new\n/);
    expect(slack.messages[0]?.text).toContain('2 findings opened and resolved meanwhile, not shown');
  });

  test('while a list is not believed: the breaker that waits is in it, with the way to release it', async () => {
    await using world = await aCompany();
    const slack = new Slack();
    slack.isDown = true;
    world.accounts = [...world.accounts, stranger(1)];
    await slack.run(world, hourOf(1));
    world.accounts = [];
    await slack.run(world, hourOf(2));
    slack.isDown = false;
    await slack.run(world, hourOf(3));
    const texts = slack.messages.map(({ text }) => text);
    expect(texts).toHaveLength(1);
    expect(texts[0]).toContain('The list of crm is not believed');
    expect(texts[0]).toContain('rollcall breaker release ID');
  });
});
