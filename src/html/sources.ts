import { figure } from '../core/figure.ts';
import { html } from 'hono/html';
import { renderCompleteness } from '../words/completeness.ts';
import type { SourceStateRow } from '../ports/page.ts';
import type { Links } from './links.ts';
import { dataTable, sourceName, type TableColumn } from './parts.ts';
import { ago, inert, type Html } from './words.ts';

/** A source as a page or a file shows it. `open`: its open findings. */
export type ShownSource = SourceStateRow & { readonly open: number };

export function renderSourcesTable(sources: readonly ShownSource[], links: Links, now: Date): Html {
  const columns: readonly TableColumn<ShownSource>[] = [
    {
      title: 'Source',
      cell: ({ source, type, authoritative }) =>
        html`${sourceName(source, links)}<span class="sub"
            >${authoritative ? 'identities' : 'accounts'}, ${type}</span
          >`,
    },
    { title: 'Rows read', cell: renderRows, as: 'num' },
    { title: 'State', cell: (source) => html`${renderState(source)}${renderAge(source, now)}` },
    { title: 'Open', cell: ({ open }) => figure(open), as: 'num' },
  ];
  return dataTable('What this report rests on: rows read of rows that the source says it has', columns, sources);
}

/** Where a price is known and a seat could be given back. */
export function renderSeatCost(phrase: string | undefined): Html | string {
  return phrase === undefined ? '' : html`<p>${inert(`${phrase}.`)}</p>`;
}

/** Of the last complete listing; of one since then that is not complete as well. */
function renderRows(source: SourceStateRow): Html {
  const complete =
    source.complete_ids === null
      ? '-'
      : completeness({ distinct_ids: source.complete_ids, declared_total: source.complete_total });
  if (!isLatestBroken(source) || source.latest_ids === null) return html`${complete}`;
  const latest = completeness({ distinct_ids: source.latest_ids, declared_total: source.latest_total });
  return html`${complete}<span class="sub">then ${latest}</span>`;
}

/** `50,000/50,000`. */
export function completeness(run: Parameters<typeof renderCompleteness>[0]): string {
  return renderCompleteness(run).replaceAll(/\d+/gu, (digits) => figure(Number(digits)));
}

function isLatestBroken({ latest_verdict: verdict }: SourceStateRow): boolean {
  return verdict !== null && verdict !== 'complete';
}

function renderAge({ last_complete_at: at }: SourceStateRow, now: Date): Html | string {
  return at === null ? '' : html`<span class="sub">read in full ${ago(at, now)}</span>`;
}

/** In words, the worst first. */
export function renderState(source: SourceStateRow): Html {
  const { breaker, stale, latest_verdict: verdict, last_complete_at: at } = source;
  const why = renderReason(source);
  if (breaker !== null) return html`<span class="tag critical">breaker open</span>${why}`;
  if (at === null && verdict === null) return html`<span class="tag medium">not read yet</span>`;
  if (at === null) return html`<span class="tag high">never complete</span>${why}`;
  if (isLatestBroken(source)) return html`<span class="tag high">${verdict ?? ''}</span>${why}`;
  if (stale) return html`<span class="tag high">too old</span><span class="sub">nothing is concluded from it</span>`;
  return html`<span class="tag good">in order</span>`;
}

function renderReason(source: SourceStateRow): Html | string {
  const { latest_reason: reason, latest_verdict: verdict } = source;
  return isLatestBroken(source) ? html`<span class="sub">${inert(reason ?? verdict ?? '')}</span>` : '';
}
