import fc from '../../support/property.ts';
import { describe, expect, test } from 'vitest';
import { OperationalError, type ErrorCode } from '../../../src/errors.ts';
import { fingerprintOf, readPages, type Page, type PagesEnd, type PagesOptions } from '../../../src/sources/pages.ts';

type Roster = {
  readonly rows: number;
  /** Rows a page that the server sends, whatever it was asked for. */
  readonly serves?: number;
  readonly total?: number | ((page: number) => number | undefined) | undefined;
  readonly declaredPages?: number;
  readonly failing?: ReadonlyMap<number, ErrorCode>;
};

function idsOfPage(roster: Roster, page: number): readonly string[] {
  const size = roster.serves ?? 50;
  const length = Math.min(size, Math.max(0, roster.rows - (page - 1) * size));
  return Array.from({ length }, (_unused, index) => `id-${(page - 1) * size + index}`);
}

function pageOf(ids: readonly string[], declaredTotal?: number, declaredPages?: number): Page<string> {
  return { rows: ids, received: ids.length, fingerprint: fingerprintOf(ids), declaredTotal, declaredPages };
}

type Read = {
  readonly ids: readonly string[];
  readonly end: PagesEnd;
  readonly asked: readonly number[];
  readonly widest: number;
};

async function read(
  fetchPage: (page: number) => Page<string>,
  options: Partial<PagesOptions<string>> = {},
): Promise<Read> {
  const asked: number[] = [];
  const ids: string[] = [];
  let inFlight = 0;
  let widest = 0;
  const pages = readPages({
    source: 'vendor',
    concurrency: 4,
    perPage: 50,
    endsWith: 'empty-page',
    progress: () => {},
    ...options,
    fetchPage: async (page) => {
      asked.push(page);
      inFlight += 1;
      widest = Math.max(widest, inFlight);
      // Later pages answer first.
      for (let turn = 0; turn < 10 - (page % 10); turn += 1) await Promise.resolve();
      inFlight -= 1;
      return fetchPage(page);
    },
  });
  for (;;) {
    const step = await pages.next();
    if (step.done === true) return { ids, end: step.value, asked, widest };
    ids.push(...step.value);
  }
}

function serve(roster: Roster): (page: number) => Page<string> {
  return (page) => {
    const code = roster.failing?.get(page);
    if (code !== undefined) throw new OperationalError(code, 'it failed');
    const total = typeof roster.total === 'function' ? roster.total(page) : roster.total;
    return pageOf(idsOfPage(roster, page), total, roster.declaredPages);
  };
}

const allIds = (count: number): readonly string[] => Array.from({ length: count }, (_unused, index) => `id-${index}`);

describe('readPages', () => {
  test('reads every row once, in order, within two requests of the fewest, with a total or without', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 0, max: 730 }),
        fc.boolean(),
        fc.integer({ min: 1, max: 8 }),
        async (rows, hasTotal, concurrency) => {
          const { ids, end, asked, widest } = await read(serve({ rows, total: hasTotal ? rows : undefined }), {
            concurrency,
          });
          expect(ids).toEqual(allIds(rows));
          expect(end.outcome).toEqual({ kind: 'ended' });
          expect(end.declaredTotal).toBe(hasTotal ? rows : undefined);
          expect(asked.length).toBeLessThanOrEqual(Math.ceil(rows / 50) + 2);
          expect(widest).toBeLessThanOrEqual(concurrency);
        },
      ),
    );
  });

  test('has four pages in flight where a total tells how many there are', async () => {
    expect((await read(serve({ rows: 500, total: 500 }))).widest).toBe(4);
  });

  test.each([400, undefined])('25 rows a page instead of 50 leave no gap (total %s)', async (total) => {
    const { ids, end } = await read(serve({ rows: 400, serves: 25, total }));
    expect(ids).toEqual(allIds(400));
    expect(end.outcome).toEqual({ kind: 'ended' });
  });

  test('a short page in the middle is not the last page', async () => {
    const parts = [50, 48, 50, 30, 0];
    const fetchPage = (page: number): Page<string> =>
      pageOf(Array.from({ length: parts[page - 1] ?? 0 }, (_unused, index) => `p${page}-${index}`));
    expect((await read(fetchPage)).ids).toHaveLength(178);
  });

  test('a total that is only that of the page does not end the roster after a full page', async () => {
    const { ids, end } = await read((page) =>
      pageOf(idsOfPage({ rows: 120 }, page), Math.min(50, 120 - (page - 1) * 50)),
    );
    expect(ids).toEqual(allIds(120));
    // No total at all, and not one that changes.
    expect(end.declaredTotal).toBeUndefined();
  });

  test.each([
    ['that is too small', 90],
    ['that is too big', 500],
  ])('a total %s is reported beside all rows there are', async (_name, total) => {
    const { ids, end } = await read(serve({ rows: 120, total }));
    expect(ids).toEqual(allIds(120));
    expect(end).toMatchObject({ declaredTotal: total, outcome: { kind: 'ended' } });
  });

  test('totals that change while we read are reported as such, and prove no end', async () => {
    const { end, ids } = await read(serve({ rows: 121, total: (page) => (page === 1 ? 120 : 121) }));
    expect(end.declaredTotal).toBe('disagree');
    expect(ids).toEqual(allIds(121));
  });

  test('a total on page 1 only is no total', async () => {
    const { end, ids } = await read(serve({ rows: 130, total: (page) => (page === 1 ? 100 : undefined) }));
    expect(end.declaredTotal).toBeUndefined();
    expect(ids).toEqual(allIds(130));
  });

  test.each([400, undefined])('a server that sends the same page for ever is noticed (total %s)', async (total) => {
    const { end, ids, asked } = await read(() => pageOf(idsOfPage({ rows: 400 }, 1), total), { concurrency: 2 });
    expect(end.outcome).toMatchObject({ kind: 'broken', code: 'source-contract' });
    expect(ids).toHaveLength(50);
    expect(asked.length).toBeLessThanOrEqual(3);
  });

  test('a server that sends everything on each page, and says how much that is, has sent everything', async () => {
    const { end, ids } = await read(() => pageOf(allIds(276), 276));
    expect(end.outcome).toEqual({ kind: 'ended' });
    expect(ids).toEqual(allIds(276));
  });

  test('pages after one that failed count as seen, and the outcome says which failed', async () => {
    const failing = new Map<number, ErrorCode>([[7, 'source-unavailable']]);
    const { ids, end } = await read(serve({ rows: 450, total: 450, failing }));
    expect(ids).toEqual(allIds(450).filter((_id, index) => index < 300 || index >= 350));
    expect(end).toMatchObject({ pages: 8, rowsSeen: 400, outcome: { kind: 'broken', code: 'source-unavailable' } });
    expect(end.outcome.kind === 'broken' && end.outcome.detail).toContain('page 7');
  });

  test('without a total, pages after one that failed are read to the empty one', async () => {
    const failing = new Map<number, ErrorCode>([[2, 'source-contract']]);
    const { ids, end } = await read(serve({ rows: 210, failing }));
    expect(ids).toHaveLength(160);
    expect(end.outcome).toMatchObject({ kind: 'broken', code: 'source-contract' });
  });

  test('three failed pages end the reading', async () => {
    const failing = new Map(Array.from({ length: 99 }, (_unused, index) => [index + 2, 'source-unavailable'] as const));
    const { asked } = await read(serve({ rows: 5000, total: 5000, failing }));
    expect(asked.length).toBeLessThan(10);
  });

  test.each<ErrorCode>(['source-auth', 'source-forbidden', 'network-refused'])(
    '%s ends the reading with what is in flight',
    async (code) => {
      const { asked, end } = await read(serve({ rows: 5000, total: 5000, failing: new Map([[2, code]]) }));
      expect(asked).toEqual([1, 2, 3, 4, 5]);
      expect(end.outcome).toMatchObject({ kind: 'broken', code });
    },
  );

  test('a roster whose first page fails is not searched for a second one', async () => {
    const { asked, end } = await read(serve({ rows: 5000, failing: new Map([[1, 'source-unavailable']]) }));
    expect(asked).toEqual([1]);
    expect(end).toMatchObject({ pages: 0, rowsSeen: 0, outcome: { kind: 'broken', code: 'source-unavailable' } });
  });

  test('what a page past the end declares does not count', async () => {
    const { end } = await read(serve({ rows: 100, total: (page) => (page > 2 ? 0 : 100) }));
    expect(end).toMatchObject({ declaredTotal: 100, outcome: { kind: 'ended' } });
  });

  test('a wait that the vendor asked for decides the outcome', async () => {
    const notBefore = new Date('2026-11-21T11:00:00Z');
    const { end } = await read((page) => {
      if (page === 3) throw new OperationalError('source-contract', 'odd');
      if (page === 4) throw new OperationalError('source-deferred', 'later', { notBefore });
      return serve({ rows: 450, total: 450 })(page);
    });
    expect(end.outcome).toEqual({ kind: 'deferred', until: notBefore.toISOString(), detail: 'later' });
  });

  test('an empty page with rows after it is no end', async () => {
    const { end } = await read((page) => (page === 3 ? pageOf([], 450) : serve({ rows: 450, total: 450 })(page)));
    expect(end.outcome).toMatchObject({ kind: 'broken', code: 'source-contract' });
  });

  test('what fails beyond the end is not missed', async () => {
    const failing = new Map<number, ErrorCode>([[4, 'source-unavailable']]);
    expect((await read(serve({ rows: 100, failing }))).end.outcome).toEqual({ kind: 'ended' });
  });

  test('an empty roster is one request and a proper end', async () => {
    const { asked, end } = await read(serve({ rows: 0, total: 0 }));
    expect(asked).toEqual([1]);
    expect(end).toEqual({ pages: 1, rowsSeen: 0, declaredTotal: 0, outcome: { kind: 'ended' } });
  });

  test('where paging is not documented, one page without a total is everything', async () => {
    const { asked, ids } = await read(serve({ rows: 50 }), { endsWith: 'only-page', perPage: undefined });
    expect(asked).toEqual([1]);
    expect(ids).toHaveLength(50);
  });

  test('where paging is not documented, a number of pages is believed', async () => {
    const { asked, ids } = await read(serve({ rows: 120, declaredPages: 3 }), {
      endsWith: 'only-page',
      perPage: undefined,
    });
    expect(asked).toEqual([1, 2, 3]);
    expect(ids).toHaveLength(120);
  });

  test('a bug is thrown, not told as a failure of the vendor', async () => {
    await expect(
      read(() => {
        throw new RangeError('a bug');
      }),
    ).rejects.toThrow('a bug');
  });
});
