import fc from '../../../support/property.ts';
import { describe, expect, test } from 'vitest';
import { renderBreakers } from '../../../../src/cli/render/breaker-text.ts';
import { renderDryRun } from '../../../../src/cli/render/dry-run-text.ts';
import { paintOf } from '../../../../src/cli/render/paint.ts';
import { renderFindings, renderReport } from '../../../../src/cli/render/report.ts';
import { renderTable, type Column } from '../../../../src/cli/render/table.ts';
import { cellWidth } from '../../../../src/cli/render/text.ts';
import { SEVERITIES } from '../../../../src/core/rule.ts';
import { CHANGES } from '../../../../src/core/views.ts';
import { aFinding, aReport, aRun, aSourceHealth } from '../../../support/view-rows.ts';

const now = new Date('2026-11-21T09:00:00Z');
const ESCAPE = String.fromCodePoint(27);
const COLORED = new RegExp(`${ESCAPE}\\[[0-9;]*m`, 'gu');

const breaker = {
  id: 5,
  source: 'nimble',
  kind: 'source',
  tripped_at: '2026-11-21T08:00:00.000Z',
  closed_at: null,
  closed_by: null,
  reason: null,
  evidence: { lost: 120, baseline: 400, limit: 80 },
} as const;

describe.each([60, 80, 140])('%i cells', (width) => {
  const findings = SEVERITIES.map((severity, at) =>
    aFinding({ id: at + 1, severity, rule: 'service_account_owner_left' }),
  );
  const sources = ['directory', 'nimble', 'namely'].map((source) => aSourceHealth({ source }));
  const runs = sources.map(({ source }) => aRun({ source }));
  const parts = { report: aReport(), sources, runs, findings };
  const changes = CHANGES.flatMap((change) =>
    findings.map((finding) => ({
      ...finding,
      change,
      resolution: change === 'resolved' ? 'identity current' : null,
    })),
  );
  const dryRun = { ...parts, changes, breakers: [breaker], failed: ['namely'] };
  const texts = [
    ['report', renderReport(parts, { format: 'table', width, now })],
    ['findings', renderFindings(findings, { format: 'table', width, now })],
    ['breakers', renderBreakers([breaker], width)],
    ['dry run', renderDryRun(dryRun, { width, now })],
  ] as const;

  test.each(texts)('%s: no line is wider', (_, text) => {
    expect(text.split('\n').filter((line) => cellWidth(line) > width)).toEqual([]);
  });

  test.each(texts.slice(0, 2))('%s: each finding has its id and the whole of its sentence', (_, text) => {
    const words = text.replaceAll(/\s+/gu, ' ');
    expect(words.match(/Jane Doe left and still has an account\./gu)).toHaveLength(SEVERITIES.length);
    for (const { id } of findings) expect(text).toMatch(new RegExp(`^ *${id} `, 'mu'));
  });

  test('dry run: whom it is about, the whole of each sentence, and why it would end', () => {
    const words = renderDryRun(dryRun, { width, now }).replaceAll(/\s+/gu, ' ');
    expect(words.match(/Jane Doe left and still has an account\./gu)).toHaveLength(changes.length);
    expect(words.match(/identity current/gu)).toHaveLength(SEVERITIES.length);
  });
});

test('a pipe has one line a finding, so that it can be searched', () => {
  const findings = [1, 2, 3].map((id) => aFinding({ id }));
  expect(renderFindings(findings, { format: 'table', width: 240, now }).trimEnd().split('\n')).toHaveLength(4);
});

describe('columns that may be left out', () => {
  const columns: readonly Column<string>[] = [
    { title: 'ID', text: (row) => row },
    { title: 'LESS', text: () => 'less', spare: 1 },
    { title: 'LEAST', text: () => 'least', spare: 2 },
    { title: 'WHAT', text: () => 'what it is about', shrinkTo: 8 },
  ];
  test.each([
    [40, 'ID   LESS  LEAST  WHAT'],
    [26, 'ID   LESS  LEAST  WHAT'],
    [25, 'ID   LESS  WHAT'],
    [17, 'ID   WHAT'],
    [5, 'ID   WHAT'],
  ])('in %i cells', (width, head) => {
    expect(renderTable(columns, ['id1'], width).split('\n')[0]).toBe(head);
  });
});

describe('colour', () => {
  const findings = SEVERITIES.map((severity, at) => aFinding({ id: at + 1, severity }));
  const parts = { report: aReport(), sources: [], runs: [], findings };

  test('says how severe, and takes no room: without it the text is the same', () => {
    fc.assert(
      fc.property(fc.integer({ min: 40, max: 250 }), (width) => {
        for (const render of [
          (color: boolean) => renderReport(parts, { format: 'table', width, now, color }),
          (color: boolean) => renderFindings(findings, { format: 'table', width, now, color }),
        ]) {
          expect(render(true)).toMatch(COLORED);
          expect(render(true).replaceAll(COLORED, '')).toBe(render(false));
        }
      }),
      { numRuns: 50 },
    );
  });

  test('is on severities alone, and on none of low', () => {
    const text = renderReport(parts, { format: 'table', width: 240, now, color: true });
    const painted = [...text.matchAll(new RegExp(`${ESCAPE}\\[3[1-7]m([^${ESCAPE}]+)${ESCAPE}`, 'gu'))];
    expect(painted.map(([, word]) => word)).toEqual(['CRITICAL (1)', 'HIGH (1)', 'MEDIUM (1)']);
    expect(paintOf(true)('low', 'x')).toBe('x');
    expect(paintOf(true)('no severity', 'x')).toBe('x');
  });

  test('is in no other format', () => {
    for (const format of ['json', 'ndjson', 'csv', 'md'] as const) {
      expect(renderReport(parts, { format, width: 80, now, color: true })).not.toMatch(COLORED);
    }
  });
});
