import { compareText } from '../../core/identity.ts';
import { isRule, RULES, SEVERITIES, type Rule, type Severity } from '../../core/rule.ts';

/** The place of a finding in the list. It stays one when that finding is gone. */
export type Cursor = {
  readonly severity: Severity;
  readonly rule: Rule;
  readonly source: string;
  readonly id: number;
};

/** The most severe first; of one severity, leavers first, as in Slack: those accounts were somebody's yesterday. */
const ORDER: readonly Rule[] = ['leaver_account', ...RULES.filter((rule) => rule !== 'leaver_account')];
const SEVERITY_RANK = new Map(SEVERITIES.map((severity, at) => [severity, SEVERITIES.length - at]));
const RULE_RANK = new Map(ORDER.map((rule, at) => [rule, at]));

export function compareFindings(a: Cursor, b: Cursor): number {
  return (
    (SEVERITY_RANK.get(a.severity) ?? 0) - (SEVERITY_RANK.get(b.severity) ?? 0) ||
    (RULE_RANK.get(a.rule) ?? 0) - (RULE_RANK.get(b.rule) ?? 0) ||
    compareText(a.source, b.source) ||
    a.id - b.id
  );
}

export function cursorText({ severity, rule, source, id }: Cursor): string {
  return [severity, rule, source, id].join('.');
}

const CURSOR = /^([a-z]+)\.([a-z_]+)\.([a-z0-9-]{1,60})\.(\d{1,15})$/u;

export function parseCursor(text: string): Cursor | undefined {
  const [, word, rule = '', source = '', id] = CURSOR.exec(text) ?? [];
  const severity = SEVERITIES.find((each) => each === word);
  return severity === undefined || !isRule(rule) ? undefined : { severity, rule, source, id: Number(id) };
}
