import fc from '../../support/property.ts';
import { describe, expect, test } from 'vitest';
import type { AccountCase, Candidate, Case, IdentityRow } from '../../../src/core/case.ts';
import { classify } from '../../../src/core/classify.ts';
import { toRow } from '../../../src/core/normalise.ts';
import { KINDS, STATUSES, type RosterRow } from '../../../src/core/row.ts';
import { DEFAULT_OPTIONS, expectationOf, MISMATCH_FIELDS, type RuleOptions } from '../../../src/core/rule-options.ts';
import { RULES } from '../../../src/core/rule.ts';
import {
  aCandidate,
  aJudging,
  aLinkedCase,
  aManager,
  anAccountCase,
  anIdentity,
  anIdentityCase,
  NO_POLICY,
} from '../../support/builders.ts';

const day = fc.constantFrom(
  undefined,
  '2026-11-19',
  '2026-11-20',
  '2026-11-21',
  '2026-11-22',
  '2026-12-06',
  '9999-12-31',
);
const name = fc.constantFrom(undefined, 'Jane', 'JANE', 'John');
const email = fc.constantFrom(undefined, 'jane@acme.com', 'john@acme.com', 'not an address');
const rowArbitrary: fc.Arbitrary<RosterRow> = fc.record({
  externalId: fc.constantFrom('a', 'b', 'c'),
  email,
  aliases: fc.subarray(['j@acme.com', 'k@acme.com']),
  givenName: name,
  familyName: name,
  status: fc.constantFrom(...STATUSES),
  kind: fc.constantFrom(...KINDS),
  privileged: fc.boolean(),
  title: name,
  lastActiveAt: fc.constantFrom(undefined, '2026-10-07T00:00:00Z', '2026-10-08T03:30:00Z', '2026-11-20T08:00:00Z'),
  startDate: day,
  endDate: day,
  flags: fc.constant([]),
});
const strangerArbitrary: fc.Arbitrary<IdentityRow> = fc
  .record({
    row: rowArbitrary,
    sourceId: fc.constantFrom(1, 9),
    present: fc.boolean(),
    leftOn: fc.constantFrom(undefined, '2026-11-19'),
    leftBy: fc.constantFrom(undefined, 'end_date', 'status', 'absence'),
  })
  .map(({ row, sourceId, ...rest }) => ({
    ref: { sourceId, externalId: row.externalId },
    sourceName: `source ${sourceId}`,
    sourceRank: sourceId,
    row,
    ...rest,
  }));
const managers = fc.array(strangerArbitrary, { maxLength: 2 });
const identityArbitrary = fc
  .tuple(strangerArbitrary, fc.option(managers, { nil: undefined }))
  .map(([row, manager]): IdentityRow => ({ ...row, manager }));
const managerArbitrary = fc
  .record({ row: rowArbitrary, present: fc.boolean(), linked: managers, candidates: managers })
  .map((fields) => aManager(fields));
const identities = fc.uniqueArray(identityArbitrary, {
  maxLength: 4,
  selector: ({ ref }) => `${ref.sourceId}/${ref.externalId}`,
});
const candidates: fc.Arbitrary<Candidate[]> = fc
  .tuple(identities, fc.constantFrom('employee_id', 'email', 'alias'))
  .map(([rows, by]) => rows.map((identity) => ({ identity, by })));
const accountArbitrary: fc.Arbitrary<AccountCase> = fc
  .record({
    row: rowArbitrary,
    linked: identities,
    candidates,
    manager: fc.option(managerArbitrary, { nil: undefined }),
    present: fc.boolean(),
    authoritative: fc.boolean(),
  })
  .map((fields) => aLinkedCase(fields.linked, fields));
const caseArbitrary: fc.Arbitrary<Case> = fc.oneof(
  accountArbitrary,
  fc
    .record({
      identity: identities,
      accounts: fc.array(rowArbitrary),
      mayOwnAnother: fc.boolean(),
      supplanted: fc.boolean(),
    })
    .map((fields) => anIdentityCase(fields)),
);
const ALL_ON: RuleOptions = {
  missingAccount: new Map([['nimble', expectationOf({})]]),
  mismatchFields: MISMATCH_FIELDS,
  preHireDays: 14,
  dormantDays: 45,
};
const optionsArbitrary = fc.constantFrom(DEFAULT_OPTIONS, ALL_ON, { ...ALL_ON, preHireDays: 0, dormantDays: 44 });
const timezoneArbitrary = fc.constantFrom('UTC', 'America/New_York');
const judgingArbitrary = fc
  .record({
    leaverGraceDays: fc.constantFrom(0, 1, 30),
    disabled: fc.subarray([...RULES]),
    options: optionsArbitrary,
    timezone: timezoneArbitrary,
  })
  .map(({ disabled, ...fields }) => aJudging({ ...fields, disabled: new Set(disabled) }));

describe('classify', () => {
  test('answers every case, the same each time, with each rule at most once', () => {
    fc.assert(
      fc.property(caseArbitrary, judgingArbitrary, (of, judging) => {
        const judgement = classify(of, judging);
        expect(classify(of, judging)).toEqual(judgement);
        const spoken = [...judgement.charges.map((charge) => charge.rule), ...judgement.undecided];
        expect(new Set(spoken).size).toBe(spoken.length);
        expect(spoken.filter((rule) => judging.disabled.has(rule))).toEqual([]);
        expect(judgement.recheckOn === undefined || judgement.recheckOn > judging.today).toBe(true);
      }),
      { numRuns: 1_000 },
    );
  });

  test('does not depend on the order of what it is shown', () => {
    const shuffled = accountArbitrary.chain((of) =>
      fc.tuple(
        fc.constant(of),
        fc.shuffledSubarray([...of.linked], { minLength: of.linked.length }),
        fc.shuffledSubarray([...of.candidates], { minLength: of.candidates.length }),
      ),
    );
    fc.assert(
      fc.property(shuffled, ([of, linked, found]) => {
        const judging = aJudging({ options: ALL_ON });
        expect(classify({ ...of, linked, candidates: found }, judging)).toEqual(classify(of, judging));
      }),
      { numRuns: 1_000 },
    );
  });

  test('nothing changes before the day it names, without a change of data', () => {
    fc.assert(
      fc.property(
        accountArbitrary,
        fc.constantFrom(0, 1, 3),
        optionsArbitrary,
        timezoneArbitrary,
        (of, leaverGraceDays, options, timezone) => {
          // The store marks leaving rows before anything is classified; unmarked rows would be marked anew each day.
          const marked = mark(of);
          const judging = aJudging({ leaverGraceDays, options, timezone });
          const judgement = classify(marked, judging);
          for (const today of ['2026-11-22', '2026-11-23', '2026-11-24', '2026-11-25']) {
            if (judgement.recheckOn !== undefined && today >= judgement.recheckOn) return;
            const later = classify(marked, { ...judging, today });
            expect({ ...later, recheckOn: undefined }).toEqual({ ...judgement, recheckOn: undefined });
          }
        },
      ),
      { numRuns: 1_000 },
    );
  });

  test('nor does anything of an identity in an application', () => {
    const of = fc.record({ identity: identities, mayOwnAnother: fc.boolean() });
    fc.assert(
      fc.property(of, (fields) => {
        const marked = anIdentityCase({ ...fields, accounts: [], identity: fields.identity.map(markRow) });
        const judging = aJudging({ options: ALL_ON });
        const judgement = classify(marked, judging);
        for (const today of ['2026-11-22', '2026-11-23', '2026-12-06', '2026-12-07']) {
          if (judgement.recheckOn !== undefined && today >= judgement.recheckOn) return;
          expect({ ...classify(marked, { ...judging, today }), recheckOn: undefined }).toEqual({
            ...judgement,
            recheckOn: undefined,
          });
        }
      }),
      { numRuns: 1_000 },
    );
  });

  test('an account that is gone is charged with nothing, and nothing about it is undecided', () => {
    const of = aLinkedCase(anIdentity({ row: { status: 'unknown' } }), {
      present: false,
      row: { endDate: '2020-01-01' },
    });
    expect(classify(of, aJudging())).toEqual({ link: { kind: 'keep' }, charges: [], undecided: [] });
  });

  test('a service account is never orphan, leaver or disputed', () => {
    const unwanted = new Set(['orphaned_account', 'leaver_account', 'disputed_account']);
    fc.assert(
      fc.property(accountArbitrary, (of) => {
        const { charges } = classify({ ...of, row: { ...of.row, kind: 'service' } }, aJudging());
        expect(charges.filter((charge) => unwanted.has(charge.rule))).toEqual([]);
      }),
    );
  });

  test('Jane.Doe@ACME.com and jane.doe@acme.com are one key; a tag is another one', () => {
    expect(rowOf('Jane.Doe@ACME.com ')?.email).toBe(rowOf('jane.doe@acme.com')?.email);
    expect(rowOf('jane+crm@acme.com')?.email).not.toBe(rowOf('jane@acme.com')?.email);
  });

  test.each([
    ['a future end date of the identity: the day after', { row: { endDate: '2026-12-31' } }, 0, '2027-01-01'],
    ['a start date of the identity', { row: { startDate: '2026-12-01' } }, 0, '2026-12-01'],
    [
      'grace after an end date',
      { row: { endDate: '2026-11-20' }, leftOn: '2026-11-20', leftBy: 'end_date' },
      7,
      '2026-11-28',
    ],
    ['grace after an absence', { present: false, leftOn: '2026-11-20', leftBy: 'absence' }, 7, '2026-11-27'],
    [
      'a start far ahead: the day from which an account may be there',
      { row: { startDate: '2026-12-31' } },
      0,
      '2026-12-17',
    ],
    ['nothing ahead', {}, 0, undefined],
  ] as const)('recheck: %s', (_name, identity, leaverGraceDays, expected) => {
    expect(classify(aLinkedCase(anIdentity(identity)), aJudging({ leaverGraceDays })).recheckOn).toBe(expected);
  });

  test('recheck: its own end date and the dates of candidates count too', () => {
    const own = anAccountCase({ row: { endDate: '2026-12-01' } });
    expect(classify(own, aJudging()).recheckOn).toBe('2026-12-02');
    const found = anAccountCase({ candidates: [aCandidate(anIdentity({ row: { endDate: '2026-11-25' } }))] });
    expect(classify(found, aJudging()).recheckOn).toBe('2026-11-26');
  });
});

function rowOf(address: string): RosterRow | undefined {
  return toRow({ externalId: 'x', email: address, status: 'active' }, NO_POLICY);
}

function mark(of: AccountCase): AccountCase {
  return {
    ...of,
    linked: of.linked.map(markRow),
    manager:
      of.manager === undefined
        ? undefined
        : { ...of.manager, linked: of.manager.linked.map(markRow), candidates: of.manager.candidates.map(markRow) },
    candidates: of.candidates.map((candidate) => ({ ...candidate, identity: markRow(candidate.identity) })),
  };
}

function markRow({ manager, ...identity }: IdentityRow): IdentityRow {
  return { ...markOwn(identity), manager: manager?.map(markRow) };
}

function markOwn(identity: IdentityRow): IdentityRow {
  const { row, present } = identity;
  const hasEnded = row.endDate !== undefined && row.endDate < '2026-11-21';
  // What the calendar ends later is marked then: with the end date.
  if (present && row.status !== 'inactive' && !hasEnded) return { ...identity, leftOn: undefined, leftBy: undefined };
  return hasEnded
    ? { ...identity, leftOn: row.endDate, leftBy: 'end_date' }
    : { ...identity, leftOn: '2026-11-21', leftBy: present ? 'status' : 'absence' };
}
