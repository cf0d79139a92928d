import { SEVERITIES } from '../../core/rule.ts';
import { seatPhrase } from '../../core/seats.ts';
import { RULE_WORDS } from '../../core/rule-words.ts';
import { subjectLabel } from '../../core/subject-label.ts';
import type { FindingRow, PastSourceRow } from '../../core/views.ts';
import { renderSourceAge } from './report-text.ts';
import { renderCompleteness } from '../../words/completeness.ts';
import { toTerminalText } from '../../words/inert-text.ts';
import { renderSummary, type ReportParts } from '../../words/report-summary.ts';
import { renderMoment } from '../../words/time.ts';

/** What Markdown, its GitHub dialect and the HTML that passes through it would act on. */
const ACTIVE = /[\\`*_[\]<>|~#!$@&]|:(?=\/\/)/gu;
/** A dot that makes an address of what begins like one. */
const WWW = /\bwww\./giu;

/** Text of people and vendors in a Markdown cell or sentence: it stays the text that it is, whatever is in it. */
export function toMarkdownText(text: string): string {
  const line = toTerminalText(text)
    .replaceAll(ACTIVE, (sign) => (sign === '<' ? '&lt;' : sign === '&' ? '&amp;' : `\\${sign}`))
    .replaceAll(WWW, (start) => `${start.slice(0, 3)}\\.`);
  return line.trim() === '' ? '-' : line;
}

/** The same report as on a terminal, for a ticket or a wiki; all findings, nothing cut. */
export function renderMarkdownReport(parts: ReportParts, now: Date): string {
  const { report, findings, sources, past } = parts;
  const page = past === undefined ? now : new Date(past.at);
  const severities = [...SEVERITIES].toReversed();
  return [
    `# Report ${report.id}, ${renderMoment(report.finished_at)}\n`,
    `${toMarkdownText(renderSummary(parts))}\n`,
    renderSources({ ...parts, sources }, page),
    renderSeatCost(sources),
    ...severities.map((severity) => {
      const rows = findings.filter((finding) => finding.severity === severity);
      return rows.length === 0
        ? ''
        : `## ${severity.toUpperCase()} (${rows.length})\n\n${renderMarkdownFindings(rows)}`;
    }),
    renderWithheld(parts),
  ]
    .filter((section) => section !== '')
    .join('\n');
}

export function renderMarkdownFindings(findings: readonly FindingRow[]): string {
  return renderMarkdownTable(
    ['Finding', 'Severity', 'Status', 'Source', 'Rule', 'Who', 'Why', 'Since', 'What to do'],
    findings.map((finding) => [
      String(finding.id),
      finding.severity,
      finding.status,
      finding.source,
      finding.rule,
      subjectLabel(finding),
      RULE_WORDS[finding.rule].why(finding),
      finding.first_detected_at.slice(0, 10),
      RULE_WORDS[finding.rule].action,
    ]),
  );
}

function renderMarkdownTable(head: readonly string[], rows: readonly (readonly string[])[]): string {
  return renderMarkdownHead(head) + renderMarkdownRows(rows);
}

export function renderMarkdownHead(head: readonly string[]): string {
  return `${toRow(head.map(toMarkdownText))}${toRow(head.map(() => '---'))}`;
}

export function renderMarkdownRows(rows: readonly (readonly string[])[]): string {
  return rows.map((row) => toRow(row.map(toMarkdownText))).join('');
}

function toRow(cells: readonly string[]): string {
  return `| ${cells.join(' | ')} |\n`;
}

function renderSources({ sources, runs }: Pick<ReportParts, 'sources' | 'runs'>, now: Date): string {
  if (sources.length === 0) return '';
  const latest = new Map(runs.map((run) => [run.source, run]));
  const toCells = (source: PastSourceRow): readonly string[] => [
    source.source,
    source.type,
    source.authoritative ? 'identities' : 'accounts',
    latest.get(source.source)?.verdict ?? 'none yet',
    renderCompleteness(latest.get(source.source)),
    renderSourceAge(source, now),
    String(source.open_findings),
    source.breaker ?? '-',
  ];
  const head = ['Source', 'Type', 'Holds', 'Last listing', 'Rows', 'Complete', 'Findings', 'Breaker'];
  return renderMarkdownTable(head, sources.map(toCells));
}

function renderSeatCost(sources: readonly PastSourceRow[]): string {
  const phrase = seatPhrase(sources);
  return phrase === undefined ? '' : `${toMarkdownText(`${phrase}.`)}\n`;
}

function renderWithheld({ report }: ReportParts): string {
  if (report.withheld.length === 0) return '';
  const rows = report.withheld.map(({ source, rules, reason }) => [source, reason, rules.join(', ')]);
  return `## Withheld\n\nFindings of these rules stay as they are.\n\n${renderMarkdownTable(['Source', 'Because', 'Not judged'], rows)}`;
}
