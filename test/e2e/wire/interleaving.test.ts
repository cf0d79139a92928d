import fc from '../../support/property.ts';
import { expect, test } from 'vitest';
import { breakerLimit } from '../../../src/core/breaker.ts';
import type { ListingCounts, ListingEnd } from '../../../src/core/listing.ts';
import { judgeListing } from '../../../src/core/verdict.ts';
import { serveScript, type ScriptedServer } from '../../support/http-server.ts';
import { collect } from '../../support/listing.ts';
import { aTenant, namelyAt, NINE, profile, type Profile, type Tenant } from '../../support/namely-tenant.ts';

// Whatever is written while pages are read: nobody who was there throughout is concluded gone.

const RATIO = 0.2;
const PER_PAGE = 5;

type Write =
  | { readonly kind: 'insert'; readonly place: number }
  | { readonly kind: 'delete'; readonly place: number }
  | { readonly kind: 'update'; readonly place: number };
const write: fc.Arbitrary<Write> = fc.record({
  kind: fc.constantFrom('insert', 'delete', 'update'),
  place: fc.nat({ max: 60 }),
});

class Company {
  readonly tenant: Tenant = aTenant();
  readonly removed = new Set<string>();
  #number = 0;
  #second = 0;

  constructor(size: number) {
    this.tenant.profiles = Array.from({ length: size }, () => this.#next());
  }

  ids(): readonly string[] {
    return this.tenant.profiles.map(({ id }) => id);
  }

  apply({ kind, place }: Write): void {
    const list = [...this.tenant.profiles];
    const at = list.length === 0 ? 0 : place % list.length;
    const [found] = list.splice(at, kind === 'insert' ? 0 : 1);
    if (kind === 'insert') list.splice(at, 0, this.#next());
    if (kind === 'update' && found !== undefined)
      list.splice(at, 0, { ...found, updated_at: this.#tick(), job_title: `t${this.#second}` });
    if (kind === 'delete' && found !== undefined) this.removed.add(found.id);
    this.tenant.profiles = list;
  }

  #next(): Profile {
    this.#number += 1;
    return profile(this.#number, { updated_at: this.#tick() });
  }

  #tick(): number {
    this.#second += 1;
    return NINE + this.#second;
  }
}

/** What the store would count, from the ids alone. */
function judge(end: ListingEnd, known: ReadonlySet<string>, seen: ReadonlySet<string>) {
  const lost = [...known].filter((id) => !seen.has(id)).length;
  const counts: ListingCounts = { distinctIds: seen.size, knownPresent: known.size, baseline: known.size, lost };
  return judgeListing(end, counts, { mode: 'full', minRows: 0, ratio: RATIO });
}

async function readInFull(server: ScriptedServer, known: ReadonlySet<string>) {
  const seen = new Set<string>();
  const source = namelyAt(server.origin, { perPage: PER_PAGE, concurrency: 2, requestsPerMinute: 6_000_000 });
  const missing = async (): Promise<readonly string[]> => {
    const ids = [...known].filter((id) => !seen.has(id));
    return ids.length > breakerLimit(known.size, RATIO) ? [] : ids;
  };
  const listing = await collect(
    source,
    { mode: 'full', missing, progress: () => undefined },
    ({ externalId }) => void seen.add(externalId),
  );
  return { ...listing, seen, verdict: judge(listing.end, known, seen) };
}

test('nobody who is there throughout is concluded gone, whatever is written between two requests', async () => {
  let company = new Company(0);
  await using server = await serveScript((request) => company.tenant.answer(request));
  await fc.assert(
    fc.asyncProperty(
      fc.integer({ min: 1, max: 40 }),
      fc.array(fc.array(write, { maxLength: 3 }), { maxLength: 12 }),
      async (size, writes) => {
        company = new Company(size);
        const known = new Set(company.ids());
        let request = 0;
        company.tenant.before = () => {
          for (const each of writes[request] ?? []) company.apply(each);
          request += 1;
        };

        const { verdict, seen } = await readInFull(server, known);

        const gone = verdict.kind === 'complete' ? [...known].filter((id) => !seen.has(id)) : [];
        for (const id of gone) expect(company.removed).toContain(id);
      },
    ),
    { numRuns: 40 },
  );
});

test('without writes the true roster results, and is complete', async () => {
  let company = new Company(0);
  await using server = await serveScript((request) => company.tenant.answer(request));
  await fc.assert(
    fc.asyncProperty(fc.integer({ min: 1, max: 60 }), fc.array(write, { maxLength: 8 }), async (size, writes) => {
      company = new Company(size);
      const known = new Set(company.ids());
      for (const each of writes) company.apply(each);

      const { verdict, seen } = await readInFull(server, known);

      expect(seen).toEqual(new Set(company.ids()));
      const lost = [...known].filter((id) => !seen.has(id)).length;
      const believed = lost <= breakerLimit(known.size, RATIO) && seen.size > 0;
      expect(verdict.kind).toBe(believed ? 'complete' : 'suspicious');
    }),
    { numRuns: 30 },
  );
});

test('changes read one after the other leave nothing out that was written before the last of them', async () => {
  let company = new Company(0);
  await using server = await serveScript((request) => company.tenant.answer(request));
  await fc.assert(
    fc.asyncProperty(
      fc.integer({ min: 1, max: 30 }),
      fc.array(fc.array(write, { maxLength: 6 }), { minLength: 1, maxLength: 6 }),
      async (size, rounds) => {
        company = new Company(size);
        const source = namelyAt(server.origin, { perPage: PER_PAGE, requestsPerMinute: 6_000_000 });
        const stored = new Map<string, string | undefined>();
        let watermark: string | undefined;
        const read = async (mode: 'full' | 'delta'): Promise<void> => {
          const { rows, end } = await collect(source, {
            mode,
            watermark,
            missing: async () => [],
            progress: () => undefined,
          });
          if (end.outcome.kind === 'full_needed') return await read('full');
          expect(end.outcome.kind).toBe('ended');
          for (const { externalId, title } of rows) stored.set(externalId, title);
          watermark = end.watermark;
        };
        await read('full');
        for (const writes of rounds) {
          // Some of it before the reading, some while it goes on.
          const during = writes.splice(0, 2);
          for (const each of writes) company.apply(each);
          let request = 0;
          company.tenant.before = () => {
            const next = during[request];
            if (next !== undefined) company.apply(next);
            request += 1;
          };
          await read('delta');
          company.tenant.before = () => undefined;
        }
        await read('delta');
        for (const { id, job_title: title } of company.tenant.profiles) {
          expect([id, stored.has(id), stored.get(id)]).toEqual([id, true, title]);
        }
      },
    ),
    { numRuns: 20 },
  );
});
