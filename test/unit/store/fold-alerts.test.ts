import { expect, test } from 'vitest';
import type { Alert } from '../../../src/ports/store.ts';
import { mergeAlerts } from '../../../src/store/fold-alerts.ts';
import { parseAlert } from '../../../src/store/job-data.ts';
import fc from '../../support/property.ts';

const id = fc.integer({ min: 1, max: 1_000 });
const alert: fc.Arbitrary<Alert> = fc.oneof(
  fc.record({ kind: fc.constantFrom('digest', 'baseline', 'withheld'), reportId: id }),
  fc.record({ kind: fc.constantFrom('breaker', 'released', 'recovery'), breakerId: id }),
);

test('whatever is put together in whatever order and steps, the same comes out, and is read again', () => {
  fc.assert(
    fc.property(fc.array(alert, { minLength: 1, maxLength: 40 }), fc.nat(40), (alerts, at) => {
      const whole = mergeAlerts(alerts);
      expect(mergeAlerts(alerts.toReversed())).toEqual(whole);
      const first = alerts.slice(0, at);
      const inSteps = first.length === 0 ? whole : mergeAlerts([mergeAlerts(first), ...alerts.slice(at)]);
      expect(inSteps).toEqual(whole);
      const stored: unknown = JSON.parse(JSON.stringify(whole));
      expect(parseAlert(stored)).toEqual(whole);
    }),
  );
});

test('more breakers than a message could name: the newest stay', () => {
  const many = Array.from({ length: 500 }, (_, at): Alert => ({ kind: 'breaker', breakerId: at + 1 }));
  const { breakerIds, reports } = mergeAlerts(many);
  expect(breakerIds).toHaveLength(50);
  expect(breakerIds.at(-1)).toBe(500);
  expect(reports).toBeUndefined();
});

test('a catch-up of another version is not read', () => {
  for (const data of [
    { kind: 'catch-up' },
    { kind: 'catch-up', breakerIds: ['5'], releasedIds: [] },
    { kind: 'catch-up', breakerIds: [], releasedIds: [], reports: { from: 1 } },
    { kind: 'catch-up', breakerIds: [], releasedIds: [], reports: 4 },
  ]) {
    expect(parseAlert(data)).toBeUndefined();
  }
});
