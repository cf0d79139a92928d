import { describe, expect, test } from 'vitest';
import type { Case, Known, Transition } from '../../../src/core/case.ts';
import { classify } from '../../../src/core/classify.ts';
import { settle } from '../../../src/core/ledger.ts';
import { RULES, type Rule } from '../../../src/core/rule.ts';
import { aJudging, aKnown, aLinkedCase, anAccountCase, anIdentity } from '../../support/builders.ts';

// Why a finding ended where contract §6 has no word for it (decision 43).

const gone = anIdentity({ present: false, leftOn: '2026-11-20', leftBy: 'absence' });
const somebody = anIdentity({ row: { externalId: 'p-9', email: 'max@example.com' } });

function settled(of: Case, isOther = false): readonly Transition[] {
  return settle(of, classify(of, aJudging()), { ran: new Set(RULES), isOther });
}

/** An open finding of this rule about whoever has left. */
function known(rule: Rule): Known {
  const [charge] = classify(aLinkedCase(gone), aJudging()).charges;
  if (charge === undefined) throw new Error('a leaver is charged');
  return aKnown({ ...charge, rule });
}

describe('a finding ends', () => {
  test.each<Rule>(['leaver_account', 'inactive_account', 'early_account', 'attribute_mismatch'])(
    '%s rests on the link: by the word of a person who took that away',
    (rule) => {
      const findings = [{ ...known(rule), identity: gone.ref }];
      const ended = settled(anAccountCase({ denied: [somebody.ref, gone.ref], findings }));
      expect(ended).toContainEqual(expect.objectContaining({ kind: 'resolve', resolution: 'decided by a person' }));
      const others = settled(anAccountCase({ denied: [somebody.ref], findings }));
      expect(others).toContainEqual(expect.objectContaining({ kind: 'resolve', resolution: 'record changed' }));
    },
  );

  test('under other rules than last time: by these, where nothing else explains it', () => {
    const waiting = aLinkedCase(gone, { findings: [known('early_account')] });
    expect(settled(waiting, true)).toContainEqual(
      expect.objectContaining({ kind: 'resolve', resolution: 'rules changed' }),
    );
    const back = aLinkedCase(anIdentity(), { findings: [known('leaver_account')] });
    expect(settled(back, true)).toMatchObject([{ kind: 'resolve', resolution: 'identity current' }]);
  });
});
