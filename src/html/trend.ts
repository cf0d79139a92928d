import { figure } from '../core/figure.ts';
import { html } from 'hono/html';
import type { TrendDay } from '../ports/page.ts';
import { dataTable } from './parts.ts';
import type { Html } from './words.ts';

const HEIGHT = 60;
const STEP = 10;
const BAR = 8;
/** A day with a few findings is not a day without. */
const BAR_HEIGHT_MIN = 1;

type Known = TrendDay & { readonly open: number };

/** Open findings by day: bars, the same in words, and the same as a table. */
export function renderTrend(days: readonly TrendDay[]): Html {
  const known = days.filter((day): day is Known => day.open !== null);
  const last = known.at(-1);
  if (last === undefined) return html`<p class="muted">The first report begins it.</p>`;
  const most = Math.max(1, ...known.map(({ open }) => open));
  const bars = days.map((day, at) => renderBar(day, { at, most, isLast: day === last }));
  const [first] = days;
  return html`<figure>
      <p class="axis"><span>most: ${figure(Math.max(...known.map(({ open }) => open)))}</span></p>
      <svg
        class="trend"
        viewBox="0 0 ${days.length * STEP} ${HEIGHT}"
        preserveAspectRatio="none"
        role="img"
        aria-label="${inWords(known)}"
      >
        ${bars}
      </svg>
      <p class="axis"><span>${first?.day ?? ''}</span><span>${last.day}: ${figure(last.open)}</span></p>
    </figure>
    <details>
      <summary>The same as a table</summary>
      ${dataTable(
        'What the last report of each day said',
        [
          { title: 'Day', cell: ({ day }) => day, as: 'short' },
          { title: 'Open', cell: ({ open }) => figure(open), as: 'num' },
          { title: 'Held', cell: ({ held }) => figure(held ?? 0), as: 'num' },
          { title: 'Waived', cell: ({ waived }) => figure(waived ?? 0), as: 'num' },
        ],
        known.toReversed(),
      )}
    </details>`;
}

type Place = { readonly at: number; readonly most: number; readonly isLast: boolean };

function renderBar({ open }: TrendDay, { at, most, isLast }: Place): Html | string {
  if (open === null) return '';
  const height = open === 0 ? 0 : Math.max(BAR_HEIGHT_MIN, Math.round((open / most) * HEIGHT * 10) / 10);
  return html`<rect
    class="${isLast ? 'last' : ''}"
    x="${at * STEP + (STEP - BAR) / 2}"
    y="${HEIGHT - height}"
    width="${BAR}"
    height="${height}"
  />`;
}

function inWords(days: readonly Known[]): string {
  const [first, last] = [days[0], days.at(-1)];
  const most = days.reduce((best, day) => (day.open > best.open ? day : best));
  return `Open findings by day: ${first?.open ?? 0} on ${first?.day ?? ''}, ${last?.open ?? 0} on ${last?.day ?? ''}, most on ${most.day} with ${most.open}.`;
}
