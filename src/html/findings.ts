import { html } from 'hono/html';
import { RULE_WORDS } from '../core/rule-words.ts';
import type { FindingLine } from '../core/views.ts';
import type { Links } from './links.ts';
import { dataTable, linked, severityTag, sourceName, subjectOf, type TableColumn } from './parts.ts';
import { ago, inertName, type Html } from './words.ts';

/** A summary that compares five fields is longer than a name. */
const SUMMARY_MAX = 300;

/** Findings as rows: how bad, who, what, where, since when. */
export function renderFindingsList(
  caption: Html | string,
  findings: readonly FindingLine[],
  links: Links,
  now: Date,
): Html {
  const columns: readonly TableColumn<FindingLine>[] = [
    { title: 'Who', cell: (finding) => renderWho(finding, links) },
    { title: 'Severity', cell: (finding) => renderSeverity(finding) },
    { title: 'What', cell: renderWhat },
    { title: 'Source', cell: ({ source }) => sourceName(source, links), as: 'short wide' },
    { title: 'Since', cell: ({ first_detected_at: at }) => ago(at, now), as: 'short wide' },
  ];
  return dataTable(caption, columns, findings);
}

function renderWho(finding: FindingLine, links: Links): Html {
  const { name, more } = subjectOf(finding);
  const under = more === undefined ? '' : html`<span class="sub">${inertName(more)}</span>`;
  return html`${linked(links.finding(finding.id), inertName(name))}${under}`;
}

function renderSeverity({ severity, status }: FindingLine): Html {
  const state = status === 'open' ? '' : html`<span class="sub">${status}</span>`;
  return html`${severityTag(severity)}${state}`;
}

function renderWhat({ rule, summary }: FindingLine): Html {
  return html`${inertName(summary, SUMMARY_MAX)}<span class="sub">${RULE_WORDS[rule].title}</span>`;
}
