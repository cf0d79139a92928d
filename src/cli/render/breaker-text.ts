import { breakerHeadline } from '../../core/notices.ts';
import type { BreakerRow } from '../../core/views.ts';
import { type Page, renderEvidence, section } from './sections.ts';
import { wrapToWidth } from './text.ts';
import { toTerminalText } from '../../words/inert-text.ts';
import { renderMoment } from '../../words/time.ts';
import { renderWrapped, type Column } from './table.ts';

export function renderBreakers(breakers: readonly BreakerRow[], width: number): string {
  const columns: readonly Column<BreakerRow>[] = [
    { title: 'ID', text: (breaker) => String(breaker.id), align: 'right' },
    { title: 'SOURCE', text: (breaker) => breaker.source, shrinkTo: 10 },
    { title: 'KIND', text: (breaker) => breaker.kind, spare: 1 },
    { title: 'TRIPPED', text: (breaker) => renderMoment(breaker.tripped_at) },
    { title: 'STATE', text: (breaker) => (breaker.closed_at === null ? 'open' : 'closed'), spare: 2 },
    { title: 'WHAT', text: breakerHeadline, shrinkTo: 20 },
  ];
  return renderWrapped(columns, breakers, width);
}

/** A breaker for `breaker show`: what was not believed, and what a release would mean. */
export function renderBreaker(breaker: BreakerRow, losses: readonly string[], page: Page): string {
  const state =
    breaker.closed_at === null
      ? 'open'
      : `closed ${renderMoment(breaker.closed_at)} by ${breaker.closed_by ?? 'nobody known'}${breaker.reason === null ? '' : `: ${breaker.reason}`}`;
  const title = `Breaker ${breaker.id} (${breaker.kind}) of ${breaker.source}, ${state}`;
  const sections = [
    `${wrapToWidth(toTerminalText(`${title}. Tripped ${renderMoment(breaker.tripped_at)}.`), page.width).join('\n')}\n`,
    renderEvidence(breaker.evidence, page),
    losses.length === 0 ? '' : section('ROWS IT SHOWS AS LOST', losses.join(', '), page),
    breaker.closed_at === null
      ? section('TO RELEASE IT', `rollcall breaker release ${breaker.id} --reason "why this is right"`, page)
      : '',
  ];
  return sections.filter((each) => each !== '').join('\n');
}
