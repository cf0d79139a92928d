import { html } from 'hono/html';
import { figure } from '../core/figure.ts';
import { SEVERITIES, type Severity } from '../core/rule.ts';
import type { BreakerRow, FindingLine, ReportRow } from '../core/views.ts';
import type { TrendDay } from '../ports/page.ts';
import { renderClock, type ShownLeaver } from './clock.ts';
import { renderDocument } from './document.ts';
import { describeFilter, isFiltered, renderFilterForm, type AskedFilter } from './filter-form.ts';
import { renderFindingsList } from './findings.ts';
import { PAGE_LINKS } from './links.ts';
import { renderBreakerNotice, renderForgottenNotice, renderWithheldNotice } from './notices.ts';
import { severityTag } from './parts.ts';
import { renderSeatCost, renderSourcesTable, type ShownSource } from './sources.ts';
import { renderTrend } from './trend.ts';
import { ago, moment, type Html } from './words.ts';

/** What the report page shows. */
export type Home = {
  readonly now: Date;
  /** Absent: nothing was reconciled yet. */
  readonly report: ReportRow | undefined;
  readonly headline: string;
  readonly severities: Readonly<Record<Severity, number>>;
  readonly sources: readonly ShownSource[];
  /** What accounts that should not be cost, in words. */
  readonly seatCost?: string | undefined;
  readonly breakers: readonly BreakerRow[];
  readonly trend: readonly TrendDay[];
  readonly leavers: { readonly shown: readonly ShownLeaver[]; readonly total: number };
  readonly list: FindingsPart;
};
export type FindingsPart = {
  readonly asked: AskedFilter;
  readonly findings: readonly FindingLine[];
  /** How many match, and the place of the first one shown, counted from 1. */
  readonly matching: number;
  readonly first: number;
  /** Where the first page and the next are. */
  readonly firstPage?: string | undefined;
  readonly nextPage?: string | undefined;
};

const NAV = html`<nav aria-label="On this page">
  <a href="#sources">Sources</a> <a href="#leavers">Leavers</a> <a href="#findings">Findings</a>
</nav>`;

export function renderHome(home: Home): Html {
  const { report } = home;
  const body = report === undefined ? renderNothingYet(home) : renderReport(home, report);
  return renderDocument({ title: 'Report', body, nav: report === undefined ? undefined : NAV });
}

/** Before the first report: what will happen, and what is there already. */
function renderNothingYet({ sources, breakers, now }: Home): Html {
  return html`<h1>There is no report yet.</h1>
    <p class="lede">
      The worker reads each source once at its start and reports as soon as the first one has been read. Load this page
      again in a minute.
    </p>
    <p>Nothing after some minutes? <code>rollcall doctor</code> says which setting is in the way.</p>
    ${renderBreakerNotice(breakers, now)}
    <h2 id="sources">Sources</h2>
    ${
      sources.length === 0
        ? html`<p>None is known yet: the worker takes them from the configuration when it starts.</p>`
        : renderSourcesTable(sources, PAGE_LINKS, now)
    }`;
}

function renderReport(home: Home, report: ReportRow): Html {
  const { now, leavers, sources } = home;
  return html`<h1>${home.headline}</h1>
    <p class="lede">${renderWhen(report, now)} ${renderCounts(report)}</p>
    ${renderBreakerNotice(home.breakers, now)} ${renderWithheldNotice(report.withheld)}
    ${renderForgottenNotice(sources)}
    <div class="overview">
      <section class="card" aria-labelledby="severities">
        <h2 id="severities">Open by severity</h2>
        ${renderSeverities(home.severities)}
      </section>
      <section class="card" aria-labelledby="trend">
        <h2 id="trend">Open findings by day</h2>
        ${renderTrend(home.trend)}
      </section>
    </div>
    <section aria-labelledby="sources">
      <h2 id="sources">Sources</h2>
      ${renderSourcesTable(sources, PAGE_LINKS, now)} ${renderSeatCost(home.seatCost)}
    </section>
    <section aria-labelledby="leavers">
      <h2 id="leavers">Leaver clock</h2>
      ${renderClock(leavers.shown, leavers.total, PAGE_LINKS)}
    </section>
    <section aria-labelledby="findings">
      <h2 id="findings">Findings</h2>
      ${renderFilterForm(
        home.list.asked,
        sources.map(({ source }) => source),
      )}
      ${renderList(home.list, now)}
    </section>`;
}

export function renderWhen(report: ReportRow, now: Date): Html {
  return html`Checked ${ago(report.finished_at, now)} (report ${report.id}, ${moment(report.finished_at)}).`;
}

export function renderCounts({ opened, resolved, held, waived }: ReportRow): string {
  const changes = [
    opened === 0 ? '' : `opened ${figure(opened)}`,
    resolved === 0 ? '' : `resolved ${figure(resolved)}`,
  ].filter((part) => part !== '');
  const quiet = [held === 0 ? '' : `${figure(held)} held`, waived === 0 ? '' : `${figure(waived)} waived`].filter(
    (part) => part !== '',
  );
  const changed = changes.length === 0 ? 'It changed nothing.' : `It ${changes.join(' and ')}.`;
  return quiet.length === 0 ? changed : `${changed} Besides there are ${quiet.join(' and ')}.`;
}

function renderSeverities(counts: Readonly<Record<Severity, number>>): Html {
  return html`<ul class="counts">
    ${SEVERITIES.toReversed().map(
      (severity) =>
        html`<li>
          <a href="/?status=open&amp;severity=${severity}#findings">${severityTag(severity)}</a>
          <b>${figure(counts[severity])}</b>
        </li>`,
    )}
  </ul>`;
}

function renderList(list: FindingsPart, now: Date): Html {
  const { asked, findings, matching, first } = list;
  const filter = isFiltered(asked) ? html` with ${describeFilter(asked)}` : '';
  const count = `${figure(matching)} ${matching === 1 ? 'finding' : 'findings'}`;
  if (findings.length === 0) {
    return html`<p>${matching === 0 ? 'No finding' : `Nothing more: ${count}`}${filter}.</p>
      ${renderPager(list)}`;
  }
  const order = matching === 1 ? '' : ', the most severe first';
  const part = `; shown are ${figure(first)} to ${figure(first + findings.length - 1)}`;
  const caption = html`${count}${filter}${order}${findings.length < matching ? part : ''}`;
  return html`${renderFindingsList(caption, findings, PAGE_LINKS, now)} ${renderPager(list)}`;
}

function renderPager({ asked, firstPage, nextPage }: FindingsPart): Html | string {
  const links = [
    firstPage === undefined ? '' : html`<a href="${firstPage}">First page</a>`,
    nextPage === undefined ? '' : html`<a href="${nextPage}" rel="next">Next page</a>`,
    isFiltered(asked) ? html`<a href="/#findings">All open findings</a>` : '',
  ].filter((link) => link !== '');
  return links.length === 0 ? '' : html`<nav class="pager" aria-label="Pages of findings">${links}</nav>`;
}
