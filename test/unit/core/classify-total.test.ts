import fc from '../../support/property.ts';
import { describe, expect, test } from 'vitest';
import { classify } from '../../../src/core/classify.ts';
import { settle } from '../../../src/core/ledger.ts';
import { RULES } from '../../../src/core/rule.ts';
import { anyCase, anyJudging, reordered, reorderedOwners } from './random-cases.ts';

const CASES = 1_000;
/** Of a machine that does much else. */
const TIMEOUT_MS = 60_000;
const ALL = new Set(RULES);

// Totality is of the three kinds alike: an account, an identity with its accounts, a credential. A throw fails the property.
describe('classify, for any case', { timeout: TIMEOUT_MS }, () => {
  test('has an answer, the same each time, and leaves what it was given as it was', () => {
    fc.assert(
      fc.property(anyCase, anyJudging, (of, judging) => {
        const judgement = classify(frozen(of), judging);
        expect(classify(of, judging)).toEqual(judgement);
        expect(settle(of, judgement, { ran: ALL, isOther: false }).length).toBeLessThanOrEqual(
          RULES.length + of.findings.length,
        );
      }),
      { numRuns: CASES },
    );
  });

  test('speaks of each rule once at most, of none that is switched off, and of days to come', () => {
    fc.assert(
      fc.property(anyCase, anyJudging, (of, judging) => {
        const { link, charges, undecided, recheckOn } = classify(of, judging);
        const spoken = [...charges.map(({ rule }) => rule), ...undecided];
        expect(spoken).toEqual([...new Set(spoken)].filter((rule) => !judging.disabled.has(rule)));
        expect(recheckOn === undefined || recheckOn > judging.today).toBe(true);
        // Only an account is linked.
        expect(of.kind === 'account' || link.kind === 'keep').toBe(true);
      }),
      { numRuns: CASES },
    );
  });

  test('does not depend on the order of what it is shown', () => {
    const pairs = fc
      .tuple(anyCase, anyJudging)
      .chain(([of, judging]) =>
        fc.tuple(fc.constant({ of, judging }), fc.record({ of: reordered(of), judging: reorderedOwners(judging) })),
      );
    fc.assert(
      fc.property(pairs, ([a, b]) => {
        expect(classify(b.of, b.judging)).toEqual(classify(a.of, a.judging));
      }),
      { numRuns: CASES },
    );
  });
});

/** Whoever writes into it throws. */
function frozen<T>(value: T): T {
  if (typeof value !== 'object' || value === null || Object.isFrozen(value)) return value;
  for (const part of Object.values(value)) frozen(part);
  return Object.freeze(value);
}
