import { describe, expect, test } from 'vitest';
import { objectionToWaiver, warningHorizon } from '../../../src/core/waiver.ts';

describe('objectionToWaiver', () => {
  test.each([
    ['the day before today', '2026-11-20', /^2026-11-20 is past, it is 2026-11-21 in Pacific\/Auckland: name a day/],
    ['367 days ahead', '2027-11-23', /^2027-11-23 is too far ahead: .* until 2027-11-22/],
    ['for ever', '9999-12-31', /a waiver lasts a year at most/],
  ])('refuses %s', (_name, until, says) => {
    expect(objectionToWaiver(until, '2026-11-21', 'Pacific/Auckland')).toMatch(says);
  });

  test.each([
    ['today: its day has not ended', '2026-11-21'],
    ['tomorrow', '2026-11-22'],
    ['the same day of next year', '2027-11-21'],
    ['366 days ahead', '2027-11-22'],
  ])('allows %s', (_name, until) => {
    expect(objectionToWaiver(until, '2026-11-21', 'Pacific/Auckland')).toBeUndefined();
  });

  test('the same day of next year is allowed across a leap day too', () => {
    expect(objectionToWaiver('2028-03-01', '2027-03-01', 'UTC')).toBeUndefined();
  });
});

test('waivers are told of when a week is left', () => {
  expect(warningHorizon('2026-11-21')).toBe('2026-11-28');
  expect(warningHorizon('2026-12-28')).toBe('2027-01-04');
});
