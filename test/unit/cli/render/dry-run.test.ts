import { describe, expect, test } from 'vitest';
import { renderDryRun, renderDryRunJson } from '../../../../src/cli/render/dry-run-text.ts';
import type { FindingChange, FindingRow } from '../../../../src/core/views.ts';
import { aFinding, aReport, aRun, aSourceHealth } from '../../../support/view-rows.ts';

const PAGE = { width: 140, now: new Date('2026-11-21T09:00:00Z') };
const change = (kind: FindingChange['change'], overrides: Partial<FindingRow> = {}): FindingChange => ({
  ...aFinding(overrides),
  change: kind,
});
const BREAKER = {
  id: 1,
  source: 'nimble',
  kind: 'conclusion',
  tripped_at: '2026-11-21T09:00:00.000Z',
  closed_at: null,
  closed_by: null,
  reason: null,
  evidence: { found: 9, limit: 4 },
} as const;
const nothing = {
  report: aReport(),
  sources: [aSourceHealth()],
  runs: [aRun()],
  changes: [],
  breakers: [],
  failed: [],
};

describe('a dry run as text', () => {
  test('says first that nothing was written', () => {
    expect(renderDryRun(nothing, PAGE)).toMatch(
      /^Dry run: nothing was written, and nobody was told. No finding would change.\n/,
    );
  });

  test('shows each kind of change by rule, without ids, with what would be withheld and not believed', () => {
    const withheld = [{ source: 'nimble', rules: ['leaver_account'], reason: 'directory is stale' }];
    const changes = [
      change('opened'),
      change('held', { rule: 'orphaned_account' }),
      change('resolved', { resolution: 'account gone' }),
      change('opened', { summary: 'Two\nlines\u001b[2J' }),
    ];
    const text = renderDryRun(
      { ...nothing, changes, breakers: [BREAKER], report: aReport({ withheld }), failed: ['namely'] },
      PAGE,
    );
    expect(text).toContain('Findings: 2 would open, 1 would be held, 1 would be resolved.');
    expect(text).toContain('WOULD OPEN (leaver_account 2)\n');
    expect(text).toContain('WOULD BE HELD until a person releases them (orphaned_account 1)\n');
    expect(text).toMatch(/WOULD BE RESOLVED \(leaver_account 1\)\n.*BECAUSE.*\n.*account gone/);
    expect(text).toContain('Two lines[2J');
    expect(text).toContain('BREAKERS THAT WOULD BE OPEN\n  nimble, conclusion: found 9, limit 4\n');
    expect(text).toContain('nimble: directory is stale. Not judged: leaver_account.');
    expect(text).toContain('Not everything could be read: namely.');
    expect(text).not.toContain('explain');
  });

  test('shows at most fifty rows of a kind, and how many more', () => {
    const changes = Array.from({ length: 51 }, (_, id) => change('opened', { id }));
    expect(renderDryRun({ ...nothing, changes }, PAGE)).toContain('and 1 more: `--json` shows them all');
  });
});

test('a dry run as JSON names no id of what does not exist', () => {
  const report = aReport({ started_at: '2026-11-21T09:00:00.000Z' });
  const isNew = { first_detected_at: report.started_at };
  const changes = [
    change('opened', isNew),
    change('held', isNew),
    change('held', { first_detected_at: '2026-11-01T09:00:00.000Z' }),
    change('resolved'),
  ];
  const printed: { readonly report: { readonly id: unknown }; readonly findings: readonly { readonly id: unknown }[] } =
    JSON.parse(renderDryRunJson({ report, sources: [], changes, breakers: [BREAKER] }));
  expect(printed).toMatchObject({ dry_run: true, breakers: [{ source: 'nimble', kind: 'conclusion' }] });
  expect(printed.report.id).toBeNull();
  expect(printed.findings.map(({ id }) => id)).toEqual([null, null, 17, 17]);
});
