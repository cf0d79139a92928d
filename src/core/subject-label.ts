import { personLabel } from './person.ts';
import { tokenOwnerId } from './rule-words.ts';
import type { FindingRow } from './views.ts';

/** Whom or what a finding is about, in a message. */
export function subjectLabel(finding: FindingRow): string {
  return personLabel({
    name: finding.account_name ?? undefined,
    email: finding.account_email ?? finding.identity_email ?? undefined,
    id: finding.account_id ?? finding.identity_id ?? tokenOwnerId(finding) ?? `finding ${finding.id}`,
  });
}
