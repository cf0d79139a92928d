import { tokenOwnerId } from '../../core/rule-words.ts';
import type { FindingRow } from '../../core/views.ts';
import { paintOf } from './paint.ts';
import { fitColumns, layOut, renderHead, renderRows, renderTable, type Column } from './table.ts';
import { breakToWidth, cellWidth } from './text.ts';
import { toTerminalText } from '../../words/inert-text.ts';
import { renderAge } from '../../words/time.ts';

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
  /** Findings that would be, or would end: what there is not yet has no id, status and age. */
  readonly planned?: boolean | undefined;
  readonly now: Date;
  readonly width: number;
  readonly color?: boolean | undefined;
};

/** `severity` false where the rows stand under a heading that says it. */
export function renderFindingsTable(findings: readonly FindingRow[], shown: Shown): string {
  const columns = columnsOf(findings, shown);
  const what = layOut(columns, findings, shown.width).at(-1) ?? 0;
  const widest = Math.max(0, ...findings.map(({ summary }) => cellWidth(toTerminalText(summary))));
  // A sentence of which only the start is there says nothing: it has lines of its own then, and is there whole.
  if (what < Math.min(widest, SENTENCE_MIN)) return renderStacked(columns, findings, shown.width);
  return renderTable(columns, findings, shown.width);
}

function columnsOf(findings: readonly FindingRow[], shown: Shown): readonly Column<FindingRow>[] {
  const paint = paintOf(shown.color ?? false);
  const isKnown = shown.planned !== true;
  const isEnd = !isKnown && findings.some(({ resolution }) => resolution !== null);
  const severity: Column<FindingRow> = {
    title: 'SEVERITY',
    text: (finding) => finding.severity,
    // Of what would end, why says more.
    spare: isEnd ? 1 : undefined,
    paint: (text, finding) => paint(finding.severity, text),
  };
  return [
    ...(isKnown ? [ID] : []),
    ...(shown.severity ? [severity] : []),
    ...(isKnown ? [STATUS] : []),
    { title: 'SOURCE', text: (finding) => finding.source, shrinkTo: 8 },
    { title: 'RULE', text: (finding) => finding.rule },
    ...(isEnd ? [BECAUSE] : []),
    { title: 'WHO', text: renderSubject, shrinkTo: 16 },
    ...(isKnown ? [sinceColumn(shown.now)] : []),
    { title: 'WHAT', text: (finding) => finding.summary, shrinkTo: 20 },
  ];
}

const ID: Column<FindingRow> = { title: 'ID', text: (finding) => String(finding.id), align: 'right' };
const STATUS: Column<FindingRow> = { title: 'STATUS', text: (finding) => finding.status, spare: 1 };
const BECAUSE: Column<FindingRow> = { title: 'BECAUSE', text: ({ resolution }) => resolution ?? '-' };

function sinceColumn(now: Date): Column<FindingRow> {
  const text = (finding: FindingRow): string => renderAge(finding.first_detected_at, now);
  return { title: 'SINCE', text, align: 'right', spare: 2 };
}

const SENTENCE_MIN = 80;
/** Under an id the sentence begins where the next column does; under a word that would be far. */
const MARGIN_MAX = 6;
const NAMED = new Set(['WHO', 'WHAT']);

function renderStacked(columns: readonly Column<FindingRow>[], findings: readonly FindingRow[], width: number): string {
  const facts = fitColumns(
    columns.filter(({ title }) => !NAMED.has(title)),
    findings,
    width,
  );
  const widths = layOut(facts, findings, width);
  const margin = ' '.repeat(Math.min(MARGIN_MAX, (widths[0] ?? 0) + 2));
  const blocks = findings.map((finding) => {
    const lines = breakToWidth(toTerminalText(finding.summary), width - margin.length);
    return `${renderRows(facts, widths, [finding])}${lines.map((line) => `${margin}${line}\n`).join('')}`;
  });
  return renderHead(facts, widths) + blocks.join('');
}

/** The account's e-mail, else whatever names the subject best. */
function renderSubject(finding: FindingRow): string {
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
