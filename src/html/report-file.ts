import { html } from 'hono/html';
import { flattenEvidence, toCell } from '../words/cells.ts';
import { toExplained } from '../words/explained.ts';
import { RULE_MEANINGS } from '../words/rule-meanings.ts';
import { figure } from '../core/figure.ts';
import { RULE_WORDS } from '../core/rule-words.ts';
import type { BreakerRow, Explanation, FindingRow, ReportRow } from '../core/views.ts';
import type { TrendDay } from '../ports/page.ts';
import { renderClock, type ShownLeaver } from './clock.ts';
import { renderDocument } from './document.ts';
import { renderExplanation } from './explanation.ts';
import { renderFindingsList } from './findings.ts';
import { renderCounts, renderWhen } from './home.ts';
import type { Links } from './links.ts';
import { renderBreakerNotice, renderForgottenNotice, renderWithheldNotice } from './notices.ts';
import { dataTable, severityTag } from './parts.ts';
import { renderSeatCost, renderSourcesTable, type ShownSource } from './sources.ts';
import { renderTrend } from './trend.ts';
import { inert, moment, sentence, type Html } from './words.ts';

/** One report in one file. */
export type ReportFile = {
  /** Ages are counted to here: of an earlier report, the moment that it is of. */
  readonly now: Date;
  readonly report: ReportRow;
  readonly headline: string;
  readonly sources: readonly ShownSource[];
  /** What accounts that should not be cost, in words. */
  readonly seatCost?: string | undefined;
  readonly breakers: readonly BreakerRow[];
  readonly trend: readonly TrendDay[];
  /** Absent in a report of an earlier time: the clock knows only today. */
  readonly leavers?: { readonly shown: readonly ShownLeaver[]; readonly total: number } | undefined;
  /** Open or held, the most severe first. */
  readonly findings: readonly FindingRow[];
  /** Of the first of them: all that they rest on. Of an earlier time there is none. */
  readonly explanations: readonly Explanation[];
  /** An earlier moment; `laterWords`: findings whose words are of a later time. */
  readonly past?: { readonly at: string; readonly laterWords: readonly number[] } | undefined;
};

/** Some hundred pages of paper are more than anybody reads. */
const LISTED_MAX = 1_000;
/** Findings that have a section of their own. */
export const EXPLAINED_MAX = 30;

/** Opens from disk, prints, and needs nothing: no script, no server, no other file. */
export function renderReportFile(file: ReportFile): Html {
  const { report, now, past, findings } = file;
  const told = findings.slice(0, EXPLAINED_MAX);
  const links = linksTo(new Set(told.map(({ id }) => id)));
  const body = html`<h1>${file.headline}</h1>
    <p class="lede">
      ${past === undefined ? renderWhen(report, now) : html`As it was at ${moment(past.at)} (report ${report.id}).`}
      ${renderCounts(report)}
    </p>
    ${renderBreakerNotice(file.breakers, now)} ${renderWithheldNotice(report.withheld)}
    ${renderForgottenNotice(file.sources)}
    <div class="overview">
      <section class="card" aria-labelledby="trend">
        <h2 id="trend">Open findings by day</h2>
        ${renderTrend(file.trend)}
      </section>
    </div>
    <h2 id="sources">Sources</h2>
    ${file.sources.length === 0 ? html`<p>None was read.</p>` : renderSourcesTable(file.sources, links, now)}
    ${renderSeatCost(file.seatCost)}
    ${
      file.leavers === undefined
        ? ''
        : html`<h2 id="leavers">Leaver clock</h2>
            ${renderClock(file.leavers.shown, file.leavers.total, links)}`
    }
    <h2 id="findings">Findings</h2>
    ${renderFindings(findings, links, now)} ${renderLaterWords(past?.laterWords ?? [])}
    ${told.map((finding) => renderSection(finding, file, links))}`;
  return renderDocument({ title: `Report ${report.id}`, body, isFile: true });
}

function linksTo(told: ReadonlySet<number>): Links {
  return {
    finding: (id) => (told.has(id) ? `#finding-${id}` : undefined),
    source: () => undefined,
    person: () => undefined,
  };
}

function renderFindings(findings: readonly FindingRow[], links: Links, now: Date): Html {
  if (findings.length === 0) return html`<p>None is open or held.</p>`;
  const shown = findings.slice(0, LISTED_MAX);
  const more = findings.length - shown.length;
  const rest =
    more === 0
      ? ''
      : html`<p>And ${figure(more)} more: <code>rollcall findings --format csv</code> lists them all.</p>`;
  const caption = `${figure(findings.length)} open or held, the most severe first`;
  return html`${renderFindingsList(caption, shown, links, now)} ${rest}`;
}

function renderLaterWords(ids: readonly number[]): Html | string {
  if (ids.length === 0) return '';
  return html`<p class="muted">
    ${ids.length === 1 ? 'One finding is' : `${ids.length} findings are`} shown in later words, because what was said
    then was not kept: ${ids.join(', ')}.
  </p>`;
}

function renderSection(finding: FindingRow, file: ReportFile, links: Links): Html {
  const explanation = file.explanations.find((each) => each.finding.id === finding.id);
  const content =
    explanation === undefined
      ? renderShort(finding)
      : renderExplanation(toExplained(explanation, file.now), { links, now: file.now, level: 4 });
  return html`<section class="finding" id="finding-${finding.id}">
    <h3>${inert(finding.summary)}</h3>
    ${content}
    <p class="screen"><a href="#findings">Back to the list</a></p>
  </section>`;
}

/** What was known then: the records have moved on. */
function renderShort({ severity, status, rule, source, evidence, first_detected_at: at }: FindingRow): Html {
  const facts = flattenEvidence(evidence);
  return html`<p class="facts">
      ${severityTag(severity)} <span class="tag">${status}</span> <span>${RULE_WORDS[rule].title}</span>
      <span>${inert(source)}</span> <span>since ${moment(at)}</span>
    </p>
    <p>${sentence(RULE_MEANINGS[rule].meaning)} <span class="muted">(${rule})</span></p>
    ${
      facts.length === 0
        ? ''
        : dataTable(
            'What was known when it was judged',
            [
              { title: 'Fact', cell: ([key]) => key },
              { title: 'Value', cell: ([, value]) => inert(toCell(value)) },
            ],
            facts,
          )
    }`;
}
