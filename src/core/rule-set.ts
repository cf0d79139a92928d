import { textHash } from './canonical-json.ts';
import type { Json } from './case.ts';
import { compareText } from './identity.ts';
import { RULES, type Rule } from './rule.ts';
import type { RuleOptions } from './rule-options.ts';

/**
 * Of the program's version and everything that rules are judged by. When it differs from that of the last reconciliation, everything is
 * looked at again. The order of keys counts: a needless look costs seconds, a forgotten option would cost a finding.
 */
export function ruleSetDigest(version: string, policy: object): string {
  return textHash(JSON.stringify([version, policy], toPlain));
}

/** JSON has no sets and maps: they would all be `{}`, and every change in one would go unseen. */
function toPlain(_key: string, value: unknown): unknown {
  if (value instanceof Set) return [...value].map(String).toSorted(compareText);
  return value instanceof Map ? [...value] : value;
}

/** What a version of the rule set says to an auditor. Service accounts are counted only: who answers for them is a person. */
export function ruleSetFacts(
  version: string,
  policy: {
    readonly timezone: string;
    readonly breakerRatio: number;
    readonly leaverGraceDays: number;
    readonly leaverSlaHours: number;
    readonly disabledRules: ReadonlySet<Rule>;
    readonly serviceAccounts: readonly unknown[];
    readonly ruleOptions: RuleOptions;
  },
): Json {
  const { ruleOptions: options } = policy;
  return {
    rollcall: version,
    timezone: policy.timezone,
    breaker_ratio: policy.breakerRatio,
    leaver_grace_days: policy.leaverGraceDays,
    leaver_sla_hours: policy.leaverSlaHours,
    pre_hire_days: options.preHireDays,
    dormant_days: options.dormantDays ?? null,
    mismatch_fields: [...options.mismatchFields],
    missing_account_sources: [...options.missingAccount.keys()].toSorted(compareText),
    rules_disabled: RULES.filter((rule) => policy.disabledRules.has(rule)),
    service_accounts: policy.serviceAccounts.length,
  };
}
