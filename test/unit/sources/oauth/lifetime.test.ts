import { describe, expect, test } from 'vitest';
import { isDue, isOver, toLifetime } from '../../../../src/sources/oauth/lifetime.ts';

describe('toLifetime (fault case 53)', () => {
  test.each([
    ['as Nimble says', 599, 599],
    ['as Namely says', 899, 899],
    ['as text', '899', 899],
    ['a fraction', 599.5, 599.5],
    ['missing', undefined, 600],
    ['null', null, 600],
    ['an empty text', '', 600],
    ['a word', 'soon', 600],
    ['0', 0, 600],
    ['negative', -1, 600],
    ['not finite', '1e999', 600],
    ['an object', {}, 600],
    ['one second', 1, 60],
    ['ten years', 315_360_000, 86_400],
  ])('%s: %j lives %d s', (_name, expiresIn, expected) => {
    expect(toLifetime(expiresIn)).toBe(expected);
  });
});

describe('a token that lives', () => {
  const obtainedMs = Date.parse('2026-11-21T10:00:00Z');
  const tokens = (seconds: number) => ({
    access: 'a',
    refresh: 'r',
    grantedBy: 'somebody',
    obtainedAt: new Date(obtainedMs).toISOString(),
    expiresAt: new Date(obtainedMs + seconds * 1000).toISOString(),
  });

  test('is not due before its end where there is no refresh token to renew it with', () => {
    const alone = { ...tokens(599), refresh: undefined };
    expect(isDue(alone, obtainedMs + 598_999)).toBe(false);
    expect(isDue(alone, obtainedMs + 599_000)).toBe(true);
  });

  test.each([
    { seconds: 599, due: 479 },
    { seconds: 899, due: 779 },
    { seconds: 60, due: 45 },
    { seconds: 86_400, due: 86_280 },
  ])('$seconds s is due after $due s and over at its end', ({ seconds, due }) => {
    expect(isDue(tokens(seconds), obtainedMs + due * 1000 - 1)).toBe(false);
    expect(isDue(tokens(seconds), obtainedMs + due * 1000)).toBe(true);
    expect(isOver(tokens(seconds), obtainedMs + seconds * 1000 - 1)).toBe(false);
    expect(isOver(tokens(seconds), obtainedMs + seconds * 1000)).toBe(true);
  });
});
