import { describe, expect, test } from 'vitest';
import type { ListingCounts, ListingEnd, Mode, Verdict } from '../../../src/core/listing.ts';
import { judgeListing } from '../../../src/core/verdict.ts';
import { aListingEnd, someCounts } from '../../support/builders.ts';

type Case = {
  readonly name: string;
  readonly end?: Partial<ListingEnd>;
  readonly counts?: Partial<ListingCounts>;
  readonly mode?: Mode;
  readonly minRows?: number;
  readonly expected: Partial<Verdict>;
};

const BROKEN = { kind: 'broken', code: 'source-auth', detail: 'the token was refused' } as const;
const DEFERRED = { kind: 'deferred', until: '2026-11-21T12:00:00Z', detail: 'asked to wait 2 h' } as const;
const EMPTY = { distinctIds: 0, knownPresent: 3, baseline: 3, lost: 3 } as const;

const cases: readonly Case[] = [
  { name: 'every page right and no total', expected: { kind: 'complete' } },
  { name: 'the declared total arrived', end: { declaredTotal: 100 }, expected: { kind: 'complete' } },
  {
    name: 'deferred goes before everything',
    end: { outcome: DEFERRED, rowsWithoutId: 3, declaredTotal: 7 },
    expected: { kind: 'deferred', until: '2026-11-21T12:00:00Z', reason: 'asked to wait 2 h' },
  },
  {
    name: 'a broken listing says why, with its code',
    end: { outcome: BROKEN },
    counts: EMPTY,
    expected: { kind: 'incomplete', code: 'source-auth', reason: 'the token was refused' },
  },
  {
    name: 'one row without an id',
    end: { rowsWithoutId: 1, rowsSeen: 101 },
    expected: { kind: 'incomplete', reason: '1 of 101 rows have no readable id' },
  },
  {
    name: 'fewer than declared',
    end: { declaredTotal: 400 },
    counts: { distinctIds: 380 },
    expected: { kind: 'incomplete', reason: '380 of 400 declared rows arrived', code: 'source-contract' },
  },
  {
    name: 'more than declared',
    end: { declaredTotal: 99 },
    expected: { kind: 'incomplete', reason: '100 rows arrived, but only 99 were declared' },
  },
  {
    name: 'totals that disagree: rows have moved, and one may have been seen by nobody',
    end: { declaredTotal: 'disagree' },
    expected: { kind: 'incomplete', reason: expect.stringContaining('changed while it was read') },
  },
  {
    name: 'rows that came twice on several pages, without a total and without single reads',
    end: { rowsSeen: 102, pages: 3 },
    expected: { kind: 'incomplete', reason: expect.stringContaining('came twice: 2') },
  },
  {
    name: 'rows that came twice, and a total that is met',
    end: { rowsSeen: 102, pages: 3, declaredTotal: 100 },
    expected: { kind: 'complete' },
  },
  {
    name: 'rows that came twice, and each known one asked for',
    end: { rowsSeen: 102, pages: 3, confirmedGone: [] },
    expected: { kind: 'complete' },
  },
  {
    name: 'rows that came twice in every pass, although each known one was asked for: a new one may be on no page',
    end: { rowsSeen: 302, pages: 9, confirmedGone: [], neverStill: true },
    expected: { kind: 'incomplete', reason: expect.stringContaining('never stood still') },
  },
  {
    name: 'rows that came twice in every pass, and a total that is met',
    end: { rowsSeen: 302, pages: 9, declaredTotal: 100, confirmedGone: [], neverStill: true },
    expected: { kind: 'complete' },
  },
  {
    name: 'changes that were read twice',
    mode: 'delta',
    end: { rowsSeen: 102, pages: 3 },
    expected: { kind: 'complete' },
  },
  {
    name: 'a row that is on no page, yet is there, beside all that were declared',
    end: { declaredTotal: 99, readSingly: 1 },
    expected: { kind: 'complete' },
  },
  {
    name: 'a row that slipped away from its page and was read singly, one of those declared',
    end: { declaredTotal: 100, readSingly: 1 },
    expected: { kind: 'complete' },
  },
  {
    name: 'more missing than was read singly',
    end: { declaredTotal: 102, readSingly: 1 },
    expected: { kind: 'incomplete', reason: '100 of 102 declared rows arrived' },
  },
  {
    name: 'one known row of which the vendor says nothing',
    end: { unproven: ['p-1'] },
    expected: {
      kind: 'suspicious',
      lost: 1,
      reason: expect.stringContaining('does not say whether they are there: 1'),
    },
  },
  {
    name: 'fewer than minRows',
    minRows: 101,
    expected: { kind: 'incomplete', reason: '100 rows arrived, and minRows is 101' },
  },
  { name: 'exactly minRows', minRows: 100, expected: { kind: 'complete' } },
  {
    name: 'a delta may be smaller than minRows',
    mode: 'delta',
    counts: { distinctIds: 0 },
    minRows: 50,
    expected: { kind: 'complete' },
  },
  {
    name: 'an empty delta shows no change',
    mode: 'delta',
    counts: { distinctIds: 0, knownPresent: 4, baseline: 0, lost: 0 },
    expected: { kind: 'complete' },
  },
  {
    name: 'empty after non-empty, in a small team',
    counts: { distinctIds: 0, knownPresent: 1, baseline: 1, lost: 1 },
    expected: { kind: 'suspicious', lost: 1, baseline: 1, limit: 1 },
  },
  {
    name: 'empty after non-empty, also below minRows',
    counts: EMPTY,
    minRows: 1,
    expected: { kind: 'suspicious', reason: 'the listing is empty, and 3 rows were present before' },
  },
  {
    name: 'empty after rows that were all inactive',
    counts: { distinctIds: 0, knownPresent: 4, baseline: 0, lost: 0 },
    expected: { kind: 'suspicious' },
  },
  {
    name: 'empty, although a total was declared, is a listing that lost its rows',
    end: { declaredTotal: 3 },
    counts: EMPTY,
    expected: { kind: 'incomplete', reason: '0 of 3 declared rows arrived' },
  },
  {
    name: 'empty, and every present row released by a person',
    counts: { ...EMPTY, knownPresent: 0, lost: 0 },
    expected: { kind: 'complete' },
  },
  {
    name: 'empty, and a release that covers all but one row does not cover that',
    counts: { distinctIds: 0, knownPresent: 1, baseline: 5, lost: 1 },
    expected: { kind: 'suspicious', lost: 1, baseline: 5, limit: 1 },
  },
  {
    name: 'empty, and more gone than the release and the limit cover',
    counts: { distinctIds: 0, knownPresent: 5, baseline: 10, lost: 5 },
    expected: { kind: 'suspicious', lost: 5, limit: 2 },
  },
  {
    name: 'empty after rows that no complete listing has shown',
    counts: { distinctIds: 0, knownPresent: 4, baseline: 0, lost: 0 },
    expected: {
      kind: 'suspicious',
      lost: 4,
      baseline: 4,
      reason: 'the listing is empty, and 4 rows were present before',
    },
  },
  {
    name: 'an id repeated in what was read at one moment',
    end: { atOnce: true, rowsSeen: 102 },
    expected: {
      kind: 'incomplete',
      code: 'source-contract',
      reason: 'ids occur more than once (rows too many: 2): ids must be unique',
    },
  },
  { name: 'no id repeated in what was read at one moment', end: { atOnce: true }, expected: { kind: 'complete' } },
  { name: 'an id repeated by pages that moved', end: { rowsSeen: 102 }, expected: { kind: 'complete' } },
  {
    name: 'an incomplete listing may still switch off no more rows than the breaker allows',
    end: { outcome: BROKEN },
    expected: { kind: 'incomplete', lossLimit: 20 },
  },
  {
    name: 'a deferred listing may still switch off no more rows than the breaker allows',
    end: { outcome: DEFERRED },
    counts: { baseline: 7, lost: 7 },
    expected: { kind: 'deferred', lossLimit: 2 },
  },
  {
    name: 'the first listing ever may be empty',
    counts: { distinctIds: 0, knownPresent: 0, baseline: 0 },
    expected: { kind: 'complete' },
  },
  {
    name: 'too many lost',
    counts: { distinctIds: 79, lost: 21 },
    expected: {
      kind: 'suspicious',
      reason: '21 of 100 rows are gone, inactive, unknown or without an address at once, and the breaker allows 20',
      lost: 21,
      baseline: 100,
      limit: 20,
    },
  },
  {
    name: 'too many lost in a delta',
    mode: 'delta',
    counts: { distinctIds: 21, lost: 21 },
    expected: { kind: 'suspicious', lost: 21 },
  },
];

describe('judgeListing', () => {
  test.each(cases)('$name', ({ end, counts, mode = 'full', minRows = 0, expected }) => {
    const verdict = judgeListing(aListingEnd(end), someCounts(counts), { mode, minRows, ratio: 0.2 });
    expect(verdict).toMatchObject(expected);
  });
});
