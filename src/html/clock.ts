import { html } from 'hono/html';
import { figure } from '../core/figure.ts';
import type { FindingLine } from '../core/views.ts';
import type { ClockRow } from '../ports/page.ts';
import type { Links } from './links.ts';
import { dataTable, linked, sourceName, subjectOf, type TableColumn } from './parts.ts';
import { inertName, lasting, type Html } from './words.ts';

/** A leaver who still has an account, and for how long already. */
export type ShownLeaver = { readonly finding: FindingLine; readonly clock: ClockRow };

const HOUR_MS = 3_600_000;

/** In the order of the clocks, without those whose account has been seen to be off. */
export function showLeavers(findings: readonly FindingLine[], clocks: readonly ClockRow[]): readonly ShownLeaver[] {
  return clocks.flatMap((clock) => {
    const finding = findings.find(({ id }) => id === clock.finding_id);
    return finding === undefined || clock.access_removed_at !== null ? [] : [{ finding, clock }];
  });
}

/** Breaches first, then the longest. `total`: open findings of leavers, which may be more than are shown. */
export function renderClock(leavers: readonly ShownLeaver[], total: number, links: Links): Html {
  if (total === 0) return html`<p>Nobody who left has an account, as far as it was judged.</p>`;
  const columns: readonly TableColumn<ShownLeaver>[] = [
    {
      title: 'Who left',
      cell: ({ finding }) => linked(links.finding(finding.id), inertName(subjectOf(finding).name)),
    },
    { title: 'On', cell: ({ clock }) => clock.left_on, as: 'short wide' },
    { title: 'Account in', cell: ({ clock }) => sourceName(clock.source, links), as: 'short' },
    { title: 'Access for', cell: ({ clock }) => lasting(clock.hours_exposed * HOUR_MS), as: 'num' },
    { title: 'Limit', cell: renderBreach },
  ];
  const more = total > leavers.length ? `, the ${leavers.length} longest of ${figure(total)}` : '';
  return dataTable(`People who left and still have access${more}`, columns, leavers);
}

function renderBreach({ clock }: ShownLeaver): Html {
  return clock.breach ? html`<span class="tag high">over it</span>` : html`<span class="tag">within it</span>`;
}
