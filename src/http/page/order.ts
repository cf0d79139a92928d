import { compareText } from '../../core/identity.ts';
import { isRule, RULES, SEVERITIES, type Rule } from '../../core/rule.ts';
import { STATUSES_SHOWN } from '../../html/filter-form.ts';
import type { LiveGroup } from '../../ports/page.ts';

/** The place of a finding in the list. It stays one when that finding is gone. */
export type Cursor = LiveGroup & { readonly id: number };

/** The most severe first; of one severity, leavers first, as in Slack: those accounts were somebody's yesterday. */
const ORDER: readonly Rule[] = ['leaver_account', ...RULES.filter((rule) => rule !== 'leaver_account')];
const SEVERITY_RANK = new Map(SEVERITIES.map((severity, at) => [severity, SEVERITIES.length - at]));
const RULE_RANK = new Map(ORDER.map((rule, at) => [rule, at]));

export function compareGroups(a: LiveGroup, b: LiveGroup): number {
  return (
    (SEVERITY_RANK.get(a.severity) ?? 0) - (SEVERITY_RANK.get(b.severity) ?? 0) ||
    (RULE_RANK.get(a.rule) ?? 0) - (RULE_RANK.get(b.rule) ?? 0) ||
    compareText(a.source, b.source) ||
    STATUSES_SHOWN.indexOf(a.status) - STATUSES_SHOWN.indexOf(b.status)
  );
}

/** Within a group those that have been known for the longest come first: ids are given as findings are made. */
export function compareFindings(a: Cursor, b: Cursor): number {
  return compareGroups(a, b) || a.id - b.id;
}

export function cursorText({ severity, rule, source, status, id }: Cursor): string {
  return [severity, rule, source, status, id].join('.');
}

const CURSOR = /^([a-z]+)\.([a-z_]+)\.([a-z0-9-]{1,60})\.([a-z]+)\.(\d{1,15})$/u;

export function parseCursor(text: string): Cursor | undefined {
  const [, severityWord, rule = '', source = '', statusWord, id] = CURSOR.exec(text) ?? [];
  const severity = SEVERITIES.find((each) => each === severityWord);
  const status = STATUSES_SHOWN.find((each) => each === statusWord);
  if (severity === undefined || status === undefined || !isRule(rule)) return undefined;
  return { severity, rule, source, status, id: Number(id) };
}
