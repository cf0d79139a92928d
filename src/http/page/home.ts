import { forgottenPhrase } from '../../core/forgotten-usable.ts';
import { headlineOf, quietHeadline, type RuleCount } from '../../core/headline.ts';
import { seatPhrase } from '../../core/seats.ts';
import type { ReportRow } from '../../core/views.ts';
import type { FindingsPart, Home } from '../../html/home.ts';
import type { PageReader, SourceStateRow } from '../../ports/page.ts';
import type { Reader } from '../../ports/reading.ts';
import { addressOf, matches, type Asked } from './filter.ts';
import type { Ledger } from './ledger.ts';
import { compareFindings, cursorText } from './order.ts';

const PAGE_ROWS = 50;

type Reading = Pick<Reader, 'report'> & Pick<PageReader, 'findings' | 'sourceStates' | 'openBreakers'>;

/** All that the report page shows, for one moment. */
export async function loadHome(
  reader: Reading,
  ledgerOf: () => Promise<Ledger>,
  asked: Asked,
  now: Date,
): Promise<Home> {
  const [report, sources, breakers, ledger] = await Promise.all([
    reader.report(),
    reader.sourceStates(),
    reader.openBreakers(),
    ledgerOf(),
  ]);
  return {
    now,
    report,
    headline: headline(ledger.rules, report, sources),
    severities: ledger.severities,
    sources: sources.map((source) => ({ ...source, open: ledger.openOf.get(source.source) ?? 0 })),
    seatCost: seatPhrase(ledger.seats),
    breakers,
    trend: ledger.trend,
    leavers: ledger.leavers,
    list: await loadList(reader, ledger, asked, now),
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

/** The rows of one page are read by their ids; one that has been resolved since is left out. */
async function loadList(reader: Reading, ledger: Ledger, asked: Asked, now: Date): Promise<FindingsPart> {
  const { filter, after } = asked;
  const matching = ledger.live.filter((finding) => matches(finding, filter, now));
  const next = after === undefined ? 0 : matching.findIndex((finding) => compareFindings(finding, after) > 0);
  const start = next === -1 ? matching.length : next;
  const page = matching.slice(start, start + PAGE_ROWS);
  const rows = await reader.findings(page.map(({ id }) => id));
  const last = page.at(-1);
  const hasMore = last !== undefined && matching.length > start + page.length;
  return {
    asked: filter,
    findings: rows.filter(({ status }) => status !== 'resolved').toSorted(compareFindings),
    matching: matching.length,
    first: start + 1,
    firstPage: after === undefined ? undefined : addressOf(filter, undefined),
    nextPage: hasMore ? addressOf(filter, cursorText(last)) : undefined,
    isCut: ledger.isCut,
  };
}
