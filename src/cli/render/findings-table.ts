import { tokenOwnerId } from '../../core/rule-words.ts';
import type { FindingRow } from '../../core/views.ts';
import { paintOf } from './paint.ts';
import { renderTable, type Column } from './table.ts';
import { renderAge } from './time.ts';

/** The columns of view `drift_findings`, in its order (contract §7). */
export const FINDING_COLUMNS = [
  'id',
  'fingerprint',
  'source',
  'rule',
  'severity',
  'status',
  'account_id',
  'account_email',
  'account_name',
  'identity_id',
  'identity_source',
  'identity_email',
  'summary',
  'evidence',
  'first_detected_at',
  'last_detected_at',
  'resolved_at',
  'resolution',
  'waived_until',
  'report_id',
] as const satisfies readonly (keyof FindingRow)[];

type Shown = {
  readonly severity: boolean;
  readonly now: Date;
  readonly width: number;
  readonly color?: boolean | undefined;
};

/** `severity` false where the rows stand under a heading that says it. */
export function renderFindingsTable(findings: readonly FindingRow[], shown: Shown): string {
  const paint = paintOf(shown.color ?? false);
  const severity: Column<FindingRow> = {
    title: 'SEVERITY',
    text: (finding) => finding.severity,
    paint: (text, finding) => paint(finding.severity, text),
  };
  const columns: readonly Column<FindingRow>[] = [
    { title: 'ID', text: (finding) => String(finding.id), align: 'right' },
    ...(shown.severity ? [severity] : []),
    { title: 'STATUS', text: (finding) => finding.status },
    { title: 'SOURCE', text: (finding) => finding.source, shrinkTo: 8 },
    { title: 'RULE', text: (finding) => finding.rule },
    { title: 'WHO', text: renderSubject, shrinkTo: 16 },
    { title: 'SINCE', text: (finding) => renderAge(finding.first_detected_at, shown.now), align: 'right' },
    { title: 'WHAT', text: (finding) => finding.summary, shrinkTo: 20 },
  ];
  return renderTable(columns, findings, shown.width);
}

/** The account's e-mail, else whatever names the subject best. */
export function renderSubject(finding: FindingRow): string {
  return (
    finding.account_email ??
    finding.account_name ??
    finding.account_id ??
    finding.identity_email ??
    finding.identity_id ??
    tokenOwnerId(finding) ??
    '-'
  );
}
