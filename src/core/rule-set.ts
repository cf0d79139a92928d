import { textHash } from './canonical-json.ts';
import { compareText } from './identity.ts';

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
