import { describe, expect, test } from 'vitest';
import type { AccountCase } from '../../../../src/core/case.ts';
import { aCandidate, aLinkedCase, anAccountCase, anIdentity } from '../../../support/builders.ts';
import { chargeOf } from './judged.ts';

const first = aCandidate(anIdentity());
const second = aCandidate(anIdentity({ row: { externalId: 'p-2', givenName: 'John' } }));
const candidates = [second, first];

describe('disputed_account', () => {
  test('usable, and two identities could own it: shows both, in a fixed order', () => {
    expect(chargeOf(anAccountCase({ candidates }), 'disputed_account')).toMatchObject({
      severity: 'medium',
      identity: undefined,
      summary: 'Jane Doe (jane.doe@example.com) has an account in nimble that 2 people could own',
      evidence: {
        candidates: [
          { source: 'directory', external_id: 'p-1', name: 'Jane Doe' },
          { source: 'directory', external_id: 'p-2', name: 'John Doe' },
        ],
      },
    });
  });

  test.each<[string, AccountCase]>([
    ['one identity', anAccountCase({ candidates: [first] })],
    ['an inactive account', anAccountCase({ candidates, row: { status: 'inactive' } })],
    ['a service account', anAccountCase({ candidates, row: { kind: 'service' } })],
    ['a link from before', aLinkedCase(anIdentity(), { candidates })],
    [
      'a link made by a person',
      aLinkedCase(anIdentity(), { candidates, link: { identity: first.identity.ref, rule: 'pinned' } }),
    ],
    ['an account that is gone', anAccountCase({ candidates, present: false })],
    ['nobody', anAccountCase()],
  ])('not charged: %s', (_name, of) => {
    expect(chargeOf(of, 'disputed_account')).toBeUndefined();
  });
});
