import type { FindingRow } from '../../core/views.ts';
import type { ReportFormat } from '../reading-command.ts';
import { FINDING_COLUMNS, renderFindingsTable } from './findings-table.ts';
import { renderCsv } from './csv.ts';
import { renderJson, renderNdjson } from './json.ts';
import { renderMarkdownFindings, renderMarkdownReport } from './markdown.ts';
import { renderReportText } from './report-text.ts';
import type { Past, ReportParts } from '../../words/report-summary.ts';

/** Those that need nothing but the report. */
export type TextFormat = Exclude<ReportFormat, 'html'>;
export type PrintOptions = {
  readonly format: TextFormat;
  readonly width: number;
  readonly now: Date;
  readonly color?: boolean | undefined;
};

/**
 * A report in one of the formats. `json` is `{ report, sources, findings }` with the column names of the views (contract §7);
 * `ndjson` the same values, one a line under those names in the singular; `csv` the findings. A report of an earlier time has a
 * last key or line besides, `as_of`.
 */
export function renderReport(parts: ReportParts, options: PrintOptions): string {
  const { report, sources, findings, past } = parts;
  const { format } = options;
  const then = past === undefined ? [] : [{ as_of: toAsOf(past) }];
  if (format === 'table') return renderReportText(parts, options);
  if (format === 'json') return renderJson({ report, sources, findings, ...then[0] });
  if (format === 'csv') return renderCsv(FINDING_COLUMNS, findings);
  if (format === 'md') return renderMarkdownReport(parts, options.now);
  return renderNdjson([
    { report },
    ...sources.map((source) => ({ source })),
    ...findings.map((finding) => ({ finding })),
    ...then,
  ]);
}

function toAsOf({ at, laterWords }: Past) {
  return { at, later_words: laterWords };
}

/** Findings alone, one a row, line or object. */
export function renderFindings(findings: readonly FindingRow[], options: PrintOptions): string {
  const { format } = options;
  if (format === 'json') return renderJson(findings);
  if (format === 'ndjson') return renderNdjson(findings);
  if (format === 'csv') return renderCsv(FINDING_COLUMNS, findings);
  if (findings.length === 0) return 'No finding matches.\n';
  if (format === 'md') return renderMarkdownFindings(findings);
  return renderFindingsTable(findings, { severity: true, ...options });
}
