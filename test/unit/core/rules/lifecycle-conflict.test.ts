import { describe, expect, test } from 'vitest';
import type { AccountCase } from '../../../../src/core/case.ts';
import { aLinkedCase, anAccountCase, anIdentity, TODAY } from '../../../support/builders.ts';
import { chargeOf } from './judged.ts';

const ended = { endDate: '2026-11-20' };

describe('lifecycle_conflict', () => {
  test('usable although its own end date is past', () => {
    expect(chargeOf(anAccountCase({ row: ended }), 'lifecycle_conflict')).toMatchObject({
      severity: 'medium',
      subject: 'n-1',
      summary: 'Jane Doe (jane.doe@example.com) is active in nimble although the end date there is 2026-11-20',
    });
  });

  test.each<[string, AccountCase]>([
    ['a row of an authority', anAccountCase({ row: ended, authoritative: true, sourceName: 'directory' })],
    ['of unknown status', anAccountCase({ row: { ...ended, status: 'unknown' } })],
    ['a service account', anAccountCase({ row: { ...ended, kind: 'service' } })],
  ])('charged: %s', (_name, of) => {
    expect(chargeOf(of, 'lifecycle_conflict')).toBeDefined();
  });

  test('reads its own source only: no identity enters the finding', () => {
    const linked = aLinkedCase(anIdentity({ row: { status: 'unknown' } }), { row: ended });
    expect(chargeOf(linked, 'lifecycle_conflict')).toEqual(
      chargeOf(anAccountCase({ row: ended }), 'lifecycle_conflict'),
    );
  });

  test.each<[string, AccountCase]>([
    ['an end date today', anAccountCase({ row: { endDate: TODAY } })],
    ['no end date', anAccountCase()],
    ['an inactive row', anAccountCase({ row: { ...ended, status: 'inactive' } })],
    ['a row on leave', anAccountCase({ row: { ...ended, status: 'on_leave' } })],
    ['a row that is gone', anAccountCase({ row: ended, present: false })],
  ])('not charged: %s', (_name, of) => {
    expect(chargeOf(of, 'lifecycle_conflict')).toBeUndefined();
  });
});
