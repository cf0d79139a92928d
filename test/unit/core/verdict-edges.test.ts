import { describe, expect, test } from 'vitest';
import type { ListingCounts, ListingEnd } from '../../../src/core/listing.ts';
import { judgeListing } from '../../../src/core/verdict.ts';
import { aListingEnd, someCounts } from '../../support/builders.ts';

// What lies beside the cases of verdict.test.ts: compared in full, because a word or a field too many is wrong as well.

function judged(end: Partial<ListingEnd>, counts: Partial<ListingCounts> = {}) {
  return judgeListing(aListingEnd(end), someCounts(counts), { mode: 'full', minRows: 0, ratio: 0.2 });
}

describe('judgeListing, in full', () => {
  test('complete says nothing else', () => {
    expect(judged({})).toEqual({ kind: 'complete' });
  });

  test('suspicious has the limit that it broke, and no other', () => {
    expect(judged({}, { distinctIds: 79, lost: 21 })).toEqual({
      kind: 'suspicious',
      reason: expect.stringContaining('21 of 100 rows'),
      lost: 21,
      baseline: 100,
      limit: 20,
    });
  });

  test('changes that cannot prove themselves are no reading of the source, and a full one is asked for', () => {
    expect(judged({ outcome: { kind: 'full_needed', detail: 'the watermark is of 2099' } })).toEqual({
      kind: 'incomplete',
      code: 'source-contract',
      reason: 'the watermark is of 2099: a full reading is needed',
      lossLimit: 20,
    });
  });
});

describe('rows that came twice', () => {
  const moved = { kind: 'incomplete', reason: 'the roster changed while it was read (rows that came twice: 2)' };

  test.each<[string, Partial<ListingEnd>, object]>([
    ['on two pages: one may have slipped past both', { pages: 2, rowsSeen: 102 }, moved],
    ['on three pages', { pages: 3, rowsSeen: 102 }, moved],
    ['on one page nothing can move', { pages: 1, rowsSeen: 102 }, { kind: 'complete' }],
    ['several pages, each row once', { pages: 3, rowsSeen: 100 }, { kind: 'complete' }],
    [
      'rows without an id are said first',
      { pages: 2, rowsSeen: 102, rowsWithoutId: 2 },
      { reason: '2 of 102 rows have no readable id' },
    ],
  ])('%s', (_name, end, expected) => {
    expect(judged(end)).toMatchObject(expected);
  });
});

describe('rows of which the vendor says nothing', () => {
  test('fewer than the lost ones: the lost ones count', () => {
    expect(judged({ unproven: ['p-1', 'p-2'] }, { lost: 5 })).toEqual({
      kind: 'suspicious',
      reason: 'rows on no page, of which the vendor does not say whether they are there: 2',
      lost: 5,
      baseline: 100,
      limit: 20,
    });
  });
});
