import { html } from 'hono/html';
import { waiveCommand } from '../words/waive-command.ts';
import { type Explained, toExplained } from '../words/explained.ts';
import type { Explanation } from '../core/views.ts';
import { renderDocument } from './document.ts';
import { renderExplanation } from './explanation.ts';
import { PAGE_LINKS } from './links.ts';
import { commandLine } from './parts.ts';
import { inert, type Html } from './words.ts';

const BACK = html`<nav aria-label="Back"><a href="/">Report</a></nav>`;

/** One finding: what `rollcall explain ID` says. */
export function renderFindingPage(explanation: Explanation, now: Date): Html {
  const explained = toExplained(explanation, now);
  const { finding } = explained;
  const body = html`<h1>${inert(finding.summary)}</h1>
    ${renderExplanation(explained, { links: PAGE_LINKS, now, level: 2 })} ${renderWaive(explained)}`;
  return renderDocument({ title: `Finding ${finding.id}`, body, nav: BACK });
}

function renderWaive({ finding }: Explained): Html | string {
  const advised = waiveCommand(finding);
  if (advised === undefined) return '';
  return html`<h2>${advised.lead}</h2>
    ${commandLine(advised.command)}`;
}
