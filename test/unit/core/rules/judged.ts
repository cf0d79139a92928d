import { classify } from '../../../../src/core/classify.ts';
import type { Case, Charge } from '../../../../src/core/case.ts';
import type { Judging } from '../../../../src/core/policy.ts';
import type { Rule } from '../../../../src/core/rule.ts';
import { aJudging } from '../../../support/builders.ts';

/** What one rule says of a case, judged as the worker judges it: through `classify`. */
export function chargeOf(of: Case, rule: Rule, judging: Partial<Judging> = {}): Charge | undefined {
  return classify(of, aJudging(judging)).charges.find((charge) => charge.rule === rule);
}

export function isUndecided(of: Case, rule: Rule): boolean {
  return classify(of, aJudging()).undecided.includes(rule);
}
