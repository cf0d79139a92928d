import fc from '../../support/property.ts';
import { describe, expect, test } from 'vitest';
import { parseDuration, renderDuration } from '../../../src/config/duration.ts';
import { nearest } from '../../../src/config/nearest.ts';

describe('durations', () => {
  test.each([
    [93_600_000, '26h'],
    [86_400_000, '24h'],
    [604_800_000, '7d'],
    [600_000, '10m'],
    [90_000, '90s'],
    [5_400_000, '90m'],
  ])('%i is written %s', (ms, text) => {
    expect(renderDuration(ms)).toBe(text);
  });

  test('what is written is read as the same', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 9_999_999 }), (seconds) => {
        expect(parseDuration(renderDuration(seconds * 1000))).toBe(seconds * 1000);
      }),
    );
  });
});

describe('the nearest known word', () => {
  const known = ['token', 'baseUrl', 'rosterPath', 'minRows', 'maxAge'];

  test.each([
    ['tokn', 'token'],
    ['tokne', 'token'],
    ['baseURL', 'baseUrl'],
    ['base_url', 'baseUrl'],
    ['roster-path', 'rosterPath'],
    ['minrow', 'minRows'],
    ['secret', undefined],
    ['', undefined],
    ['x'.repeat(100_000), undefined],
  ])('of %s is %s', (word, expected) => {
    expect(nearest(word, known)).toBe(expected);
  });
});
