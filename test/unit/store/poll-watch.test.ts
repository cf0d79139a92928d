import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, test } from 'vitest';
import { PollWatch } from '../../../src/store/poll-watch.ts';

describe('the polls of the job queue', () => {
  test('are well while they are answered', async () => {
    const polls = new PollWatch(1_000);
    await polls.watch(async () => 1)('select');
    expect(polls.trouble(false)).toBeUndefined();
  });

  test('hang: said even when another one was answered since', async () => {
    const polls = new PollWatch(50);
    const answer = Promise.withResolvers<undefined>();
    const hanging = polls.watch(async () => answer.promise)('select');
    await sleep(80);
    await polls.watch(async () => 1)('select');
    expect(polls.trouble(true)).toMatch(/^the database has not answered the job queue for \d+ s$/);
    answer.resolve(undefined);
    await hanging;
    expect(polls.trouble(true)).toBeUndefined();
  });

  test('come no more: said, unless jobs are worked on', async () => {
    const polls = new PollWatch(50);
    await polls.watch(async () => 1)('select');
    await sleep(80);
    expect(polls.trouble(false)).toMatch(/^no job could be asked for/);
    expect(polls.trouble(true)).toBeUndefined();
  });
});
