import fc from '../support/property.ts';
import { afterEach, describe, expect, test, vi } from 'vitest';

import type { AccountCase, IdentityRow } from '../../src/core/case.ts';
import { classify } from '../../src/core/classify.ts';
import { todayIn } from '../../src/core/dates.ts';
import { chargeDigest } from '../../src/core/ledger.ts';
import { keysOf, toRow } from '../../src/core/normalise.ts';
import { type RosterRow, STATUSES } from '../../src/core/row.ts';
import { aLinkedCase, anAccountCase, anIdentity, aJudging, aRow, NO_POLICY } from '../support/builders.ts';

// The list of accidents, matching and findings, as far as it needs no database; the others are in test/db/matching-faults.test.ts.

describe('fault case 80: spellings of one address, and addresses that only look alike', () => {
  const ADDRESS = 'jane.doe@b\u00fccher.example';
  const meets = (email: string, aliases: readonly string[] = []): boolean =>
    !keys(email, aliases).isDisjointFrom(keys(ADDRESS));

  test.each([
    ['upper case', 'Jane.Doe@B\u00dcCHER.example'],
    ['space around it', ' jane.doe@b\u00fccher.example\t'],
    ['punycode', 'jane.doe@xn--bcher-kva.example'],
    ['a decomposed letter', 'jane.doe@bu\u0308cher.example'],
  ])('%s is the same', (_name, email) => {
    expect(meets(email)).toBe(true);
  });

  test.each([
    ['without the dot', 'janedoe@b\u00fccher.example'],
    ['with a tag', 'jane.doe+crm@b\u00fccher.example'],
    ['a Cyrillic a', 'j\u0430ne.doe@b\u00fccher.example'],
    ['another top-level domain', 'jane.doe@b\u00fccher.test'],
    ['the name alone', 'Jane Doe'],
  ])('%s is another', (_name, email) => {
    expect(meets(email)).toBe(false);
  });

  test('an alias makes the other address the same', () => {
    expect(meets('jane.doe+crm@b\u00fccher.example', [ADDRESS])).toBe(true);
  });
});

describe('fault case 82: an end date in the zone of the company, never a day early', () => {
  afterEach(() => vi.unstubAllEnvs());

  test.each([
    ['Pacific/Auckland', '2026-11-21T10:59:59Z', '2026-11-21'],
    ['Pacific/Auckland', '2026-11-21T11:00:00Z', '2026-11-22'],
    ['Pacific/Honolulu', '2026-11-21T09:59:59Z', '2026-11-20'],
    ['Pacific/Honolulu', '2026-11-21T10:00:00Z', '2026-11-21'],
    ['UTC', '2026-11-21T23:59:59Z', '2026-11-21'],
    ['UTC', '2026-11-22T00:00:00Z', '2026-11-22'],
  ])('in %s it is at %s the %s', (zone, now, today) => {
    for (const server of ['UTC', 'Pacific/Auckland', 'America/Los_Angeles']) {
      vi.stubEnv('TZ', server);
      expect(todayIn(zone, now)).toBe(today);
      const isLeaver = (endDate: string): boolean =>
        classify(
          aLinkedCase(anIdentity({ row: { endDate } })),
          aJudging({ now, today: todayIn(zone, now) }),
        ).charges.some(({ rule }) => rule === 'leaver_account');
      expect([-1, 0, 1].map((days) => isLeaver(shifted(today, days)))).toEqual([true, false, false]);
    }
  });
});

describe('fault case 83: a status that nobody knows', () => {
  test('of an identity: neither an orphan nor a leaver, and not in order either', () => {
    const judgement = classify(aLinkedCase(anIdentity({ row: { status: 'unknown' } })), aJudging());
    expect(judgement.charges).toEqual([]);
    expect(judgement.undecided).toContain('leaver_account');
  });

  test.each(['on_leave', 'pending'] as const)('%s is a known one: no leaver and no orphan', (status) => {
    const rules = classify(aLinkedCase(anIdentity({ row: { status } })), aJudging()).charges.map(({ rule }) => rule);
    expect(rules.filter((rule) => rule === 'leaver_account' || rule === 'orphaned_account')).toEqual([]);
  });

  test('of an account: it is usable, and without an identity an orphan', () => {
    const { charges } = classify(anAccountCase({ row: { status: 'unknown' } }), aJudging());
    expect(charges.map(({ rule }) => rule)).toEqual(['orphaned_account']);
  });
});

describe('fault case 84: the same input twice, and in another order', () => {
  const CASES = 1000;
  const word = fc.constantFrom('ann', 'bob', 'cem');
  const identity = fc.record({
    source: fc.constantFrom(1, 3),
    id: fc.nat(5),
    name: word,
    mail: word,
    alias: word,
    status: fc.constantFrom(...STATUSES),
    present: fc.boolean(),
  });

  test('the same judgement, to the letter', () => {
    fc.assert(
      fc.property(
        fc.uniqueArray(identity, { maxLength: 6, selector: ({ source, id }) => `${source} ${id}` }).chain((rows) =>
          fc.record({
            rows: fc.constant(rows),
            mixed: fc.shuffledSubarray(rows, { minLength: rows.length }),
            mail: word,
            linked: fc.boolean(),
          }),
        ),
        ({ rows, mixed, mail, linked }) => {
          const judged = (order: typeof rows): unknown => {
            const { charges, ...rest } = classify(toCase(order, rows[0], mail, linked), aJudging());
            return { ...rest, charges: charges.map((charge) => [charge.rule, charge.subject, chargeDigest(charge)]) };
          };
          expect(judged(mixed)).toEqual(judged(rows));
          expect(judged(rows)).toEqual(judged(rows));
        },
      ),
      { numRuns: CASES },
    );
  });

  type Told = typeof identity extends fc.Arbitrary<infer T> ? T : never;

  function toCase(order: readonly Told[], first: Told | undefined, mail: string, isLinked: boolean): AccountCase {
    const row: Partial<RosterRow> = { email: `${mail}@example.com` };
    const hits = order.filter((each) => each.mail === mail || each.alias === mail);
    const candidates = hits.map((each) => ({
      identity: toIdentity(each),
      by: each.mail === mail ? ('email' as const) : ('alias' as const),
    }));
    return isLinked && first !== undefined
      ? aLinkedCase(toIdentity(first), { row, candidates })
      : anAccountCase({ row, candidates });
  }

  function toIdentity({ source, id, name, mail, alias, status, present }: Told): IdentityRow {
    const externalId = `p-${id}`;
    return anIdentity({
      ref: { sourceId: source, externalId },
      sourceName: source === 1 ? 'directory' : 'contractors',
      sourceRank: source,
      present,
      row: { externalId, givenName: name, email: `${mail}@example.com`, aliases: [`${alias}@example.com`], status },
    });
  }
});

describe('fault case 88: what the configuration names is text, and never a pattern', () => {
  const LONG = 'a'.repeat(1_000_000);
  const MS_MAX = 50;
  const TRIES = 5;
  const policy = {
    privilegedRoles: new Set(['.*', '(a+)+$', 'adm*n']),
    serviceAccounts: new Set(['.*', '(a+)+$', '*@example.com', '@example.com']),
  };

  test('a pattern matches itself alone', () => {
    const row = toRow({ externalId: 'n-1', email: 'jane@example.com', role: 'admin', status: 'active' }, policy);
    expect(row).toMatchObject({ kind: 'unknown', privileged: false });
    expect(toRow({ externalId: '(a+)+$', role: 'ADM*N', status: 'active' }, policy)).toMatchObject({
      kind: 'service',
      privileged: true,
    });
  });

  test.each([
    ['a role', { role: `${LONG}!` }],
    ['an address', { email: `jane@${LONG}.example` }],
    ['an address of one kind of letter', { email: '@'.repeat(1_000_000) }],
    ['an alias', { aliases: [`${LONG}!`] }],
    ['a date', { endDate: '1'.repeat(1_000_000) }],
    ['white space', { givenName: ' '.repeat(1_000_000) }],
  ] as const)('a million letters in %s take less than 50 ms', (_name, long) => {
    // Of the processor, the least of some: the machine may be doing other things, and what explodes explodes each time.
    const times = Array.from({ length: TRIES }, () => {
      const before = process.cpuUsage();
      toRow({ ...aRow(), ...long, status: 'active' }, policy);
      const { user, system } = process.cpuUsage(before);
      return (user + system) / 1000;
    });
    expect(Math.min(...times)).toBeLessThan(MS_MAX);
  });
});

/** What a row can be found by. */
function keys(email: string, aliases: readonly string[] = []): ReadonlySet<string> {
  const raw = { externalId: 'x', email, aliases, givenName: 'Jane', familyName: 'Doe', status: 'active' } as const;
  const row = toRow(raw, NO_POLICY);
  return new Set(row === undefined ? [] : keysOf(row).map(({ key }) => key));
}

function shifted(date: string, days: number): string {
  return new Date(Date.parse(`${date}T00:00:00Z`) + days * 86_400_000).toISOString().slice(0, 10);
}
