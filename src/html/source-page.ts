import { html } from 'hono/html';
import { figure } from '../core/figure.ts';
import type { BreakerRow, SyncRunRow } from '../core/views.ts';
import type { SourceView } from '../ports/page.ts';
import { renderDocument } from './document.ts';
import { renderBreakerNotice } from './notices.ts';
import { dataTable, type TableColumn } from './parts.ts';
import { completeness, renderSeatCost, renderState } from './sources.ts';
import { ago, inert, moment, type Html } from './words.ts';

type Page = {
  readonly now: Date;
  readonly open: number;
  readonly seatCost?: string | undefined;
  readonly olderPage?: string | undefined;
};

/** One source: how it stands, its breakers, and its runs over time. */
export function renderSourcePage(source: SourceView, { now, open, seatCost, olderPage }: Page): Html {
  const open_ = source.breakers.filter(({ closed_at }) => closed_at === null);
  const body = html`<h1>${inert(source.name)}</h1>
    <p class="lede">
      ${source.authoritative ? 'Says who works here (authoritative)' : 'An application whose accounts are judged'}, type
      ${source.type}. ${renderStanding(source, now)}
    </p>
    ${renderBreakerNotice(open_, now)}
    <p>
      <a href="/?source=${encodeURIComponent(source.name)}#findings"
        >${open === 1 ? '1 open finding' : `${figure(open)} open findings`}</a
      >
    </p>
    ${renderSeatCost(seatCost)}
    <h2>Runs</h2>
    ${renderRuns(source, now)}
    ${
      olderPage === undefined
        ? ''
        : html`<nav class="pager" aria-label="Pages of runs"><a href="${olderPage}" rel="next">Older runs</a></nav>`
    }
    ${renderClosed(source.breakers)}`;
  return renderDocument({ title: `Source ${source.name}`, body, nav: BACK });
}

const BACK = html`<nav aria-label="Back"><a href="/">Report</a></nav>`;

function renderStanding({ state, retired_at: retired }: SourceView, now: Date): Html {
  if (retired !== null) {
    return html`It was taken out of the configuration ${ago(retired, now)}; what was known of it is kept.`;
  }
  if (state === null) return html``;
  const read =
    state.last_complete_at === null ? 'Never read in full' : html`Read in full ${ago(state.last_complete_at, now)}`;
  return html`${read}. ${renderState(state)}`;
}

function renderRuns({ runs }: SourceView, now: Date): Html {
  if (runs.length === 0) {
    return html`<p>It was not read yet. <code>rollcall doctor</code> says whether it can be reached.</p>`;
  }
  const columns: readonly TableColumn<SyncRunRow>[] = [
    {
      title: 'Ended',
      cell: (run) =>
        html`${moment(run.finished_at)}<span class="sub">${ago(run.finished_at, now)}, run ${run.id}</span>`,
    },
    { title: 'Verdict', cell: renderVerdict },
    { title: 'Mode', cell: ({ mode }) => mode, as: 'wide' },
    { title: 'Rows', cell: (run) => completeness(run), as: 'num' },
    { title: 'Changed', cell: (run) => figure(run.rows_changed), as: 'num wide' },
    { title: 'Gone', cell: (run) => figure(run.rows_gone), as: 'num' },
    { title: 'Pages', cell: (run) => figure(run.pages), as: 'num wide' },
    { title: 'Requests', cell: (run) => figure(run.requests), as: 'num wide' },
  ];
  return dataTable('The latest first. Rows: distinct ids read, and how many the source says there are', columns, runs);
}

function renderVerdict({ verdict, reason }: SyncRunRow): Html {
  const why = reason === null ? '' : html`<span class="sub">${inert(reason)}</span>`;
  return html`<span class="tag ${verdict === 'complete' ? 'good' : 'high'}">${verdict}</span>${why}`;
}

function renderClosed(breakers: readonly BreakerRow[]): Html | string {
  const closed = breakers.filter(({ closed_at }) => closed_at !== null);
  if (closed.length === 0) return '';
  const columns: readonly TableColumn<BreakerRow>[] = [
    { title: 'Breaker', cell: ({ id, kind }) => `${id} (${kind})` },
    { title: 'Tripped', cell: ({ tripped_at: at }) => moment(at) },
    { title: 'Closed', cell: ({ closed_at: at }) => moment(at) },
    { title: 'By', cell: ({ closed_by: by }) => by ?? '-' },
    { title: 'Reason', cell: ({ reason }) => html`${inert(reason ?? '-')}` },
  ];
  return html`<h2>Breakers before</h2>
    ${dataTable('Who released them and why', columns, closed)}`;
}
