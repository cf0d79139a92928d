import type { Json } from '../core/case.ts';
import type { FindingEvent } from '../core/views.ts';
import { renderDetail, toCell } from './cells.ts';

/** One event in words: what it did, in which report, and what was said until then. */
export function describeEvent({ detail, report_id: reportId }: FindingEvent): string {
  const { severity, severity_before: _severity, before, resolution, from, breaker, ...rest } = detail;
  const parts = [
    severity === undefined ? '' : `severity ${toCell(severity)}`,
    resolution === undefined ? '' : `${from === undefined ? '' : 'was resolved: '}${toCell(resolution)}`,
    from === undefined || resolution !== undefined ? '' : `was ${toCell(from)}`,
    breaker === undefined ? '' : `breaker ${toCell(breaker)}`,
    renderDetail(rest),
    describeBefore(before),
    reportId === null ? '' : `report ${reportId}`,
  ];
  return parts.filter((part) => part !== '').join('; ');
}

/** Of the evidence only that it changed: it is as long as a finding, and the JSON has it. */
function describeBefore(before: Json | undefined): string {
  if (before === undefined || before === null || typeof before !== 'object') return '';
  const words = Object.entries(before).map(([key, value]: [string, Json]) => {
    if (key === 'evidence') return 'other evidence';
    return `${key} ${key === 'summary' ? `“${toCell(value)}”` : toCell(value)}`;
  });
  return words.length === 0 ? '' : `before: ${words.join(', ')}`;
}
