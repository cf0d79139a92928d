import { expect, test } from 'vitest';
import { countReadings } from '../../src/counted-source.ts';
import type { ListRequest, Source } from '../../src/ports/sources.ts';
import { aListingEnd, aRow } from '../support/builders.ts';

type Counted = { readonly source: string; readonly requests?: number; readonly waitMs?: number };

const SOURCE: Source = {
  name: 'nimble',
  list: async function* list({ progress }) {
    yield [aRow()];
    progress({ kind: 'wait', ms: 1_500, reason: 'the vendor asked for it' });
    return aListingEnd({ requests: 9 });
  },
};

function count(): { readonly source: Source; readonly counted: Counted[] } {
  const counted: Counted[] = [];
  const countReading = (source: string, cost: Omit<Counted, 'source'>): void => void counted.push({ source, ...cost });
  return { source: countReadings(SOURCE, { countReading }), counted };
}

test('of a source that was never read the counters are there: they begin with its configuration, not with its first reading', () => {
  expect(count().counted).toEqual([{ source: 'nimble' }]);
});

test('a reading counts its waits as they come and its requests at its end, and gives all of it on', async () => {
  const { source, counted } = count();
  const steps: unknown[] = [];
  const request: ListRequest = {
    mode: 'full',
    budgetMs: 0,
    signal: new AbortController().signal,
    progress: (step) => steps.push(step),
  };
  const listing = source.list(request);
  expect(await listing.next()).toEqual({ done: false, value: [aRow()] });
  expect(await listing.next()).toMatchObject({ done: true, value: { requests: 9 } });
  expect(counted).toEqual([
    { source: 'nimble' },
    { source: 'nimble', waitMs: 1_500 },
    { source: 'nimble', requests: 9 },
  ]);
  expect(steps).toHaveLength(1);
});
