import { RULES } from '../../core/rule.ts';
import { CHANGES, type BreakerRow, type FindingChange } from '../../core/views.ts';
import type { Rehearsed } from '../../worker/rehearse.ts';
import { renderFindingsTable } from './findings-table.ts';
import { renderJson } from './json.ts';
import { renderSources, renderUnread, renderWithheld } from './report-text.ts';
import type { Page } from './sections.ts';
import { wrapToWidth } from './text.ts';
import { renderDetail } from '../../words/cells.ts';
import { toTerminalText } from '../../words/inert-text.ts';

/** Rows of one kind of change on a screen; `--json` has them all. */
const ROWS_MAX = 50;

const TITLES = {
  opened: 'WOULD OPEN',
  reopened: 'WOULD OPEN AGAIN',
  held: 'WOULD BE HELD until a person releases them',
  waived: 'WOULD BE WAIVED AGAIN',
  updated: 'WOULD SAY SOMETHING ELSE',
  resolved: 'WOULD BE RESOLVED',
} as const satisfies Record<FindingChange['change'], string>;

const WORDS = {
  opened: 'would open',
  reopened: 'would open again',
  held: 'would be held',
  waived: 'would be waived again',
  updated: 'would say something else',
  resolved: 'would be resolved',
} as const satisfies Record<FindingChange['change'], string>;

type Shown = Pick<Rehearsed, 'report' | 'sources' | 'runs' | 'changes' | 'breakers'> & {
  readonly failed: readonly string[];
};

/** What a run now would change. Ids of what does not exist are not shown. */
export function renderDryRun(shown: Shown, page: Page): string {
  const { report, sources, runs, failed, changes, breakers } = shown;
  const parts = [
    renderHead(changes, page),
    renderSources({ sources, runs }, page),
    renderUnread({ sources, runs, failed }, page),
    ...CHANGES.map((change) => renderChanges(changes, change, page)),
    renderBreakers(breakers, page),
    renderWithheld(report, page),
  ];
  return parts.filter((part) => part !== '').join('\n');
}

/**
 * `{ dry_run, report, sources, findings, breakers }` with the column names of the views; `findings` are those that would change, each with its
 * `change`. What would be new has no id yet.
 */
export function renderDryRunJson(rehearsed: Pick<Rehearsed, 'report' | 'sources' | 'changes' | 'breakers'>): string {
  const { report, sources, changes, breakers } = rehearsed;
  const findings = changes.map((finding) => ({
    ...finding,
    id: isNew(finding, report) ? null : finding.id,
    report_id: null,
  }));
  return renderJson({
    dry_run: true,
    report: { ...report, id: null },
    sources,
    findings,
    breakers: breakers.map(({ source, kind, evidence }) => ({ source, kind, evidence })),
  });
}

function isNew(finding: FindingChange, report: Rehearsed['report']): boolean {
  return finding.change === 'opened' || (finding.change === 'held' && finding.first_detected_at === report.started_at);
}

function renderHead(changes: readonly FindingChange[], page: Page): string {
  const counts = CHANGES.map((change) => ({ change, count: changes.filter((each) => each.change === change).length }));
  const said = counts.filter(({ count }) => count > 0).map(({ change, count }) => `${count} ${WORDS[change]}`);
  const sentence = said.length === 0 ? 'No finding would change.' : `Findings: ${said.join(', ')}.`;
  const text = `Dry run: nothing was written, and nobody was told. ${sentence}`;
  return `${wrapToWidth(text, page.width).join('\n')}\n`;
}

function renderChanges(changes: readonly FindingChange[], change: FindingChange['change'], page: Page): string {
  const rows = changes.filter((each) => each.change === change);
  if (rows.length === 0) return '';
  const shown = rows.slice(0, ROWS_MAX);
  const more = rows.length - shown.length;
  const title = wrapToWidth(`${TITLES[change]} (${countsByRule(rows)})`, page.width).join('\n');
  const rest = more > 0 ? `and ${more} more: \`--json\` shows them all\n` : '';
  return `${title}\n${renderFindingsTable(shown, { severity: true, planned: true, ...page })}${rest}`;
}

function countsByRule(rows: readonly FindingChange[]): string {
  return RULES.map((rule) => ({ rule, count: rows.filter((row) => row.rule === rule).length }))
    .filter(({ count }) => count > 0)
    .map(({ rule, count }) => `${rule} ${count}`)
    .join(', ');
}

function renderBreakers(breakers: readonly BreakerRow[], page: Page): string {
  if (breakers.length === 0) return '';
  const lines = breakers.flatMap(({ source, kind, evidence }) =>
    wrapToWidth(toTerminalText(`${source}, ${kind}: ${renderDetail(evidence)}`), page.width - 2),
  );
  return `BREAKERS THAT WOULD BE OPEN\n${lines.map((line) => `  ${line}\n`).join('')}`;
}
