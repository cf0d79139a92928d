import type { Json } from '../../core/case.ts';
import { renderWrapped, type Column } from './table.ts';
import { breakToWidth } from './text.ts';
import { flattenEvidence, toCell } from '../../words/cells.ts';
import { toTerminalText } from '../../words/inert-text.ts';

export type Page = { readonly width: number; readonly now: Date };

/** A heading and a paragraph under it. */
export function section(title: string, text: string, page: Page): string {
  const lines = breakToWidth(toTerminalText(text), page.width - 2);
  return `${title}\n${indent(`${lines.join('\n')}\n`)}`;
}

/** What is nested is written with its path: `account.email`. */
export function renderEvidence(evidence: { readonly [key: string]: Json }, page: Page): string {
  const rows = flattenEvidence(evidence);
  if (rows.length === 0) return '';
  const width = page.width - 2;
  const columns: readonly Column<readonly [string, Json]>[] = [
    { title: 'FACT', text: ([key]) => key, shrinkTo: 16 },
    { title: 'VALUE', text: ([, value]) => toCell(value), shrinkTo: 20 },
  ];
  return `EVIDENCE\n${indent(renderWrapped(columns, rows, width))}`;
}

export function indent(text: string): string {
  return text.replaceAll(/^(?=.)/gmu, '  ');
}
