import { describe, expect, test } from 'vitest';
import { compareTalk, type Unit } from '../e2e/kill/talk.ts';

// The judge of the kill sweep: what of the talk with Slack it lets pass.

const BREAKER = 'The list of partners is not believed\n• a\n• b\n• c';
const DIGEST = 'Two people left\n• d\n• e';
const tell = (...texts: string[]) => texts.map((text) => ({ text, isCommitted: true }));
const faultsOf = (unit: Unit, mayRepeat: number, ...texts: string[]): readonly string[] =>
  compareTalk([BREAKER, DIGEST], tell(...texts), { unit, mayRepeat }).faults;

describe('who died while Slack had a message tells it again', () => {
  test.each<Unit>(['message', 'row'])('one of them whole, counted by the %s', (unit) => {
    expect(faultsOf(unit, 1, BREAKER, BREAKER, DIGEST)).toEqual([]);
    expect(faultsOf(unit, 1, BREAKER, BREAKER, DIGEST, DIGEST)).toHaveLength(1);
  });

  test('and nobody else', () => {
    expect(faultsOf('message', 0, BREAKER, BREAKER, DIGEST)).toContain('1 messages came again, and 0 might');
    expect(faultsOf('row', 0, BREAKER, DIGEST, DIGEST)).toContain('2 rows came again, and 0 might');
  });
});

test('what may come again comes whole, and once more', () => {
  const row = 'Divided\n• a';
  expect(faultsOf('row', 1, BREAKER, row, row, DIGEST)).toEqual(['told again and again: • a']);
  const doubled = `${BREAKER}\n• a\n• b\n• c`;
  expect(faultsOf('row', 1, doubled, DIGEST)).toEqual(['twice in one message: • a']);
  // What is large is no excuse for itself.
  const large = `${BREAKER}\n• d\n• e`;
  expect(faultsOf('row', 1, BREAKER, DIGEST, large)).toEqual(['5 rows came again, and 3 might']);
});

test('what was never told, is not so, or came before it was committed is a fault', () => {
  expect(faultsOf('row', 0, BREAKER)).toEqual(['never told: • d', 'never told: • e']);
  expect(faultsOf('message', 0, BREAKER, DIGEST, 'else')).toEqual(['told, and not so: else']);
  const early = [{ text: DIGEST, isCommitted: false }];
  expect(compareTalk([DIGEST], early, { unit: 'message', mayRepeat: 0 }).faults).toEqual([
    `told before it was committed: ${DIGEST}`,
  ]);
});
