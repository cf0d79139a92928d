import { describe, expect, test } from 'vitest';
import { parseAskedWait } from '../../../src/sources/asked-wait.ts';

const now = Date.parse('2026-11-21T10:00:00Z');

describe('parseAskedWait', () => {
  test.each<[string, Record<string, string>, number | undefined]>([
    ['seconds', { 'retry-after': '3' }, 3000],
    ['fractions of a second', { 'retry-after': '0.5' }, 500],
    ['an HTTP date', { 'retry-after': 'Sat, 21 Nov 2026 10:01:00 GMT' }, 60_000],
    [
      'an HTTP date on a clock that is ten minutes off',
      {
        'retry-after': 'Sat, 21 Nov 2026 10:11:00 GMT',
        date: 'Sat, 21 Nov 2026 10:10:00 GMT',
      },
      60_000,
    ],
    ['a date that is past', { 'retry-after': 'Sat, 21 Nov 2026 09:00:00 GMT' }, undefined],
    ['a negative number', { 'retry-after': '-5' }, undefined],
    ['a word', { 'retry-after': 'soon' }, undefined],
    ['zero', { 'retry-after': '0' }, undefined],
    ['nothing', {}, undefined],
    ['three hundred years: a day', { 'retry-after': '9999999999999' }, 86_400_000],
    ['25 days: a day', { 'retry-after': '2160000' }, 86_400_000],
    ['sent twice', { 'retry-after': '120, 120' }, 120_000],
    ['sent twice with different waits: the longer', { 'retry-after': '5, 120' }, 120_000],
    ['with its unit', { 'retry-after': '120s' }, 120_000],
    ['a date in the old form without a zone', { 'retry-after': 'Sat Nov 21 10:01:00 2026' }, 60_000],
    ['a reset with its window', { 'ratelimit-reset': '50;w=60' }, 50_000],
    ['the reset of an older draft', { ratelimit: 'limit=100, remaining=0, reset=50' }, 50_000],
    ['the reset of a newer draft', { ratelimit: '"default";r=0;t=50' }, 50_000],
    ['a rate limit without a reset', { ratelimit: 'limit=100' }, undefined],
    ['seconds to the reset', { 'ratelimit-reset': '20' }, 20_000],
    ['the reset as epoch seconds', { 'x-ratelimit-reset': String(now / 1000 + 30) }, 30_000],
    ['the reset as epoch milliseconds', { 'x-ratelimit-reset': String(now + 1500) }, 1500],
    ['a reset beside an unreadable Retry-After', { 'retry-after': 'soon', 'x-ratelimit-reset': '7' }, 7000],
    ['a Retry-After before a reset', { 'retry-after': '2', 'ratelimit-reset': '7' }, 2000],
  ])('%s', (_name, headers, expected) => {
    expect(parseAskedWait(new Headers(headers), true, now)).toBe(expected);
  });

  test('a reset header counts only in an answer about the rate limit', () => {
    expect(parseAskedWait(new Headers({ 'ratelimit-reset': '20' }), false, now)).toBeUndefined();
    expect(parseAskedWait(new Headers({ 'retry-after': '20' }), false, now)).toBe(20_000);
  });
});
