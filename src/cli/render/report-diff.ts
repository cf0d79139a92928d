import {
  type Difference,
  differenceOf,
  DIFFERENCES,
  diffWithheld,
  type FindingDiff,
  type WithheldDiff,
} from '../../core/report-diff.ts';
import { subjectLabel } from '../../core/subject-label.ts';
import type { ReportRow } from '../../core/views.ts';
import { describeEvent } from '../../words/history-text.ts';
import { toTerminalText } from '../../words/inert-text.ts';
import { renderMoment } from '../../words/time.ts';
import { renderJson } from './json.ts';
import { renderTable } from './table.ts';

export type DiffParts = {
  readonly before: ReportRow;
  readonly after: ReportRow;
  readonly findings: readonly FindingDiff[];
  readonly ruleSetChanged: boolean;
};

const TITLES: Readonly<Record<Difference, string>> = {
  new: 'NEW',
  back: 'OPEN AGAIN',
  held: 'HELD',
  waived: 'WAIVED',
  resolved: 'RESOLVED',
  changed: 'CHANGED',
  passed: 'CAME AND WENT',
};

/** `{ before, after, rule_set_changed, withheld, findings }`: each finding with `difference`, `reason` and its events. */
export function renderDiffJson({ before, after, findings, ruleSetChanged }: DiffParts): string {
  return renderJson({
    before,
    after,
    rule_set_changed: ruleSetChanged,
    withheld: diffWithheld(before.withheld, after.withheld),
    findings: findings.map((finding) => ({ ...finding, difference: differenceOf(finding), reason: reasonOf(finding) })),
  });
}

/** What changed, by kind, and why. */
export function renderDiffText(parts: DiffParts, width: number): string {
  const { before, after, findings, ruleSetChanged } = parts;
  const withheld = diffWithheld(before.withheld, after.withheld);
  const head = `From report ${before.id} (${renderMoment(before.finished_at)}) to report ${after.id} (${renderMoment(after.finished_at)}): ${summaryOf(findings)}\n`;
  const rules = ruleSetChanged ? 'The configuration or the program has changed between them.\n' : '';
  const sections = DIFFERENCES.map((difference) =>
    renderSection(
      difference,
      findings.filter((finding) => differenceOf(finding) === difference),
      width,
    ),
  );
  return head + rules + renderWithheld(withheld) + sections.join('');
}

function summaryOf(findings: readonly FindingDiff[]): string {
  const counts = DIFFERENCES.flatMap((difference) => {
    const count = findings.filter((finding) => differenceOf(finding) === difference).length;
    return count === 0 ? [] : [`${count} ${TITLES[difference].toLowerCase()}`];
  });
  return counts.length === 0 ? 'nothing has changed.' : `${counts.join(', ')}.`;
}

function renderWithheld(withheld: readonly WithheldDiff[]): string {
  return withheld
    .map(({ source, rule, change, reason }) =>
      change === 'withheld'
        ? `Not judged any more: ${source} ${rule}, because ${reason}\n`
        : `Judged again: ${source} ${rule} (was withheld, because ${reason})\n`,
    )
    .map(toTerminalLine)
    .join('');
}

function toTerminalLine(line: string): string {
  return `${toTerminalText(line.trimEnd())}\n`;
}

function renderSection(difference: Difference, findings: readonly FindingDiff[], width: number): string {
  if (findings.length === 0) return '';
  return `\n${TITLES[difference]} (${findings.length})\n${renderTable(COLUMNS, findings, width)}`;
}

const COLUMNS = [
  { title: 'ID', text: (row: FindingDiff) => String(row.id), align: 'right' as const },
  { title: 'SEVERITY', text: (row: FindingDiff) => row.severity },
  { title: 'SOURCE', text: (row: FindingDiff) => row.source },
  { title: 'RULE', text: (row: FindingDiff) => row.rule },
  { title: 'WHO', text: subjectLabel, shrinkTo: 12 },
  { title: 'WHY', text: reasonOf, shrinkTo: 24 },
];

/** What happened, in the words of the finding's history; of a new one what it says. */
function reasonOf(finding: FindingDiff): string {
  const told = finding.events.map((event) => {
    const what = event.event === 'opened' ? finding.summary : describeEvent({ ...event, report_id: null });
    const where = event.report_id === null ? '' : ` (report ${event.report_id})`;
    return what === '' ? `${event.event}${where}` : `${event.event}: ${what}${where}`;
  });
  return told.join('; then ');
}
