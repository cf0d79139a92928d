import { describe, expect, test } from 'vitest';
import { Pacer } from '../../../src/sources/pacer.ts';
import { Reading } from '../../../src/sources/reading.ts';
import { fakeTiming } from '../../support/listing.ts';

function aReading(budgetMs = 600_000): Reading {
  return new Reading({ budgetMs, signal: new AbortController().signal, progress: () => {} });
}

describe('Pacer', () => {
  test.each([1, 12, 90, 600])(
    'at %i a minute, no minute has a tenth more, and no time is lost',
    async (requestsPerMinute) => {
      const timing = fakeTiming();
      const pacer = new Pacer({ source: 'vendor', requestsPerMinute, timing });
      const starts: number[] = [];
      for (let turn = 0; turn < requestsPerMinute * 3; turn += 1) {
        await pacer.turn(aReading());
        starts.push(timing.monotonicMs());
      }
      const busiest = Math.max(...starts.map((from) => starts.filter((at) => at >= from && at < from + 60_000).length));
      expect(busiest).toBeLessThan(Math.max(2, requestsPerMinute * 1.1));
      expect((starts.at(-1) ?? 0) - (starts[0] ?? 0)).toBeLessThan(3 * 60_000);
    },
  );

  test('90 a minute stay below the hundred at which Namely throttles', async () => {
    const timing = fakeTiming();
    const pacer = new Pacer({ source: 'vendor', requestsPerMinute: 90, timing });
    const start = timing.monotonicMs();
    let count = 0;
    for (; timing.monotonicMs() < start + 60_000; count += 1) await pacer.turn(aReading());
    expect(count).toBeLessThan(100);
  });

  test('a shut gate holds everybody, and opens by itself', async () => {
    const timing = fakeTiming();
    const pacer = new Pacer({ source: 'vendor', requestsPerMinute: 6000, timing });
    const opensAt = timing.monotonicMs() + 30_000;
    pacer.shut(opensAt, true);
    await pacer.turn(aReading());
    expect(timing.monotonicMs()).toBeGreaterThanOrEqual(opensAt);
  });

  test('a later and shorter wish does not open a gate earlier', async () => {
    const timing = fakeTiming();
    const pacer = new Pacer({ source: 'vendor', requestsPerMinute: 6000, timing });
    const opensAt = timing.monotonicMs() + 30_000;
    pacer.shut(opensAt, true);
    pacer.shut(opensAt - 20_000, false);
    await pacer.turn(aReading());
    expect(timing.monotonicMs()).toBeGreaterThanOrEqual(opensAt);
  });

  test.each([
    [true, 'source-deferred'],
    [false, 'source-unavailable'],
  ])('a gate beyond the budget (asked for: %s) is %s', async (asked, code) => {
    const timing = fakeTiming();
    const pacer = new Pacer({ source: 'vendor', requestsPerMinute: 6000, timing });
    pacer.shut(timing.monotonicMs() + 30_000, asked);
    await expect(pacer.turn(aReading(20_000))).rejects.toMatchObject({ code });
    expect(timing.slept).toEqual([]);
  });
});

describe('Reading', () => {
  test('waits side by side are charged once, waits one after the other in full', () => {
    const reading = aReading(100);
    expect(reading.charge(0, 60)).toBe(60);
    expect(reading.charge(10, 60)).toBe(0);
    expect(reading.charge(20, 80)).toBe(20);
    expect(reading.charge(90, 110)).toBe(20);
    expect(reading.charge(110, 111)).toBeUndefined();
    expect(reading.charge(50, 70)).toBe(0);
  });

  test('a wait that is too long takes nothing', () => {
    const reading = aReading(100);
    expect(reading.charge(0, 101)).toBeUndefined();
    expect(reading.charge(0, 100)).toBe(100);
  });
});
