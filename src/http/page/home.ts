import { forgottenPhrase } from '../../core/forgotten-usable.ts';
import { headlineOf, quietHeadline, type RuleCount } from '../../core/headline.ts';
import { seatPhrase } from '../../core/seats.ts';
import type { ReportRow } from '../../core/views.ts';
import type { Home } from '../../html/home.ts';
import type { PageReader, SourceStateRow } from '../../ports/page.ts';
import type { Reader } from '../../ports/reading.ts';
import { countOpen, countRules, countSeverities } from './counts.ts';
import type { Asked } from './filter.ts';
import { countLeavers, loadLeavers } from './leavers.ts';
import { loadList } from './list.ts';

const TREND_DAYS = 30;

type Reading = Pick<Reader, 'report'> & PageReader;

/** All that the report page shows, for one moment. */
export async function loadHome(reader: Reading, asked: Asked, now: Date): Promise<Home> {
  const [live, people, report, sources, breakers, seats, trend, leavers] = await Promise.all([
    reader.live(),
    reader.leaverPeople(),
    reader.report(),
    reader.sourceStates(),
    reader.openBreakers(),
    reader.seats(),
    reader.trend(TREND_DAYS),
    loadLeavers(reader),
  ]);
  return {
    now,
    report,
    headline: headline(countRules(live, people), report, sources),
    severities: countSeverities(live),
    sources: sources.map((source) => ({ ...source, open: countOpen(live, source.source) })),
    seatCost: seatPhrase(seats),
    breakers,
    trend,
    leavers: { shown: leavers, total: countLeavers(live) },
    list: await loadList(reader, live, asked, now),
  };
}

function headline(
  open: readonly RuleCount[],
  report: ReportRow | undefined,
  sources: readonly SourceStateRow[],
): string {
  if (open.length > 0) return `${headlineOf(open)}.`;
  return quietHeadline({
    isWithheld: (report?.withheld.length ?? 0) > 0,
    unread: sources.filter(({ latest_verdict: verdict }) => verdict !== 'complete').map(({ source }) => source),
    waived: report?.waived ?? 0,
    forgotten: forgottenPhrase(sources),
  });
}
