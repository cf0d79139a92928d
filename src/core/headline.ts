import { counted } from './alert-plan.ts';
import { RULE_WORDS } from './rule-words.ts';
import type { Rule } from './rule.ts';

/** Findings of one rule. `subjects`: people, where one person may have several of them. */
export type RuleCount = { readonly rule: Rule; readonly subjects: number; readonly findings: number };

const PHRASES_MAX = 3;

/** `3 people who left still have accounts, 1 account belongs to nobody we know, 4 other findings`; the most important must come first. */
export function headlineOf(counts: readonly RuleCount[]): string {
  const phrases = counts.slice(0, PHRASES_MAX).map(({ rule, subjects }) => RULE_WORDS[rule].headline(subjects));
  const rest = counts.slice(PHRASES_MAX).reduce((sum, each) => sum + each.findings, 0);
  return [...phrases, ...(rest > 0 ? [counted(rest, 'other finding', 'other findings')] : [])].join(', ');
}

type Quiet = {
  readonly isWithheld: boolean;
  /** Sources without a complete listing. */
  readonly unread: readonly string[];
  readonly waived: number;
  /** See `forgottenPhrase`. */
  readonly forgotten?: string | undefined;
};

/** Nothing found is good news only where everything was read and judged. */
export function quietHeadline({ isWithheld, unread, waived, forgotten }: Quiet): string {
  if (isWithheld) return 'No finding is open, but not everything could be judged.';
  if (unread.length > 0) return `No finding is open, but not everything could be read: ${sentenceList(unread)}.`;
  return waived > 0 || forgotten !== undefined
    ? 'No finding is open.'
    : 'No finding is open: what was read is in order.';
}

/** `a, b and c`. */
export function sentenceList(items: readonly string[]): string {
  if (items.length < 2) return items.join('');
  return `${items.slice(0, -1).join(', ')} and ${items.at(-1) ?? ''}`;
}
