import { compareText } from '../core/identity.ts';
import { seatPhrase } from '../core/seats.ts';
import type { Explanation, FindingRow, ListingRow, PastSourceRow } from '../core/views.ts';
import { toText } from '../html/document.ts';
import { EXPLAINED_MAX, renderReportFile } from '../html/report-file.ts';
import { showLeavers } from '../html/clock.ts';
import type { ShownSource } from '../html/sources.ts';
import type { PageReader } from '../ports/page.ts';
import type { Reader } from '../ports/reading.ts';
import { headline, type ReportParts } from '../words/report-summary.ts';

type Deps = { readonly reader: Pick<Reader, 'explain'>; readonly pages: PageReader };

const TREND_DAYS = 30;
const LEAVERS_MAX = 50;

/** The report as one HTML file, with what it needs besides: explanations, the trend, the leaver clock. */
export async function makeReportFile({ reader, pages }: Deps, parts: ReportParts, now: Date): Promise<string> {
  const { report, findings, past } = parts;
  const isPresent = past === undefined;
  const [trend, breakers, states, leavers] = await Promise.all([
    pages.trend(TREND_DAYS, report.id),
    isPresent ? pages.openBreakers() : [],
    isPresent ? pages.sourceStates() : undefined,
    isPresent ? readLeavers(pages, parts) : undefined,
  ]);
  const open = new Map(parts.sources.map((source) => [source.source, source.open_findings]));
  const sources =
    states === undefined
      ? parts.sources.map((source) => toShown(source, parts.runs))
      : states.map((state) => ({ ...state, open: open.get(state.source) ?? 0 }));
  return toText(
    renderReportFile({
      now: isPresent ? now : new Date(past.at),
      report,
      headline: headline(parts),
      sources,
      seatCost: seatPhrase(parts.sources),
      breakers,
      trend,
      leavers,
      findings,
      explanations: isPresent ? await explainFirst(reader, parts) : [],
      past,
    }),
  );
}

/** One after the other: each asks a dozen questions, and nobody waits for a file as for a page. */
async function explainFirst(reader: Deps['reader'], { findings }: ReportParts): Promise<readonly Explanation[]> {
  const explanations: Explanation[] = [];
  for (const { id } of findings.slice(0, EXPLAINED_MAX)) {
    const explanation = await reader.explain(id);
    if (explanation !== undefined) explanations.push(explanation);
  }
  return explanations;
}

async function readLeavers(pages: PageReader, { findings }: ReportParts) {
  const leavers = findings.filter(({ rule }) => rule === 'leaver_account');
  const longest = leavers.toSorted((a, b) => compareText(leftOn(a), leftOn(b))).slice(0, LEAVERS_MAX);
  const shown = showLeavers(longest, await pages.clock(longest.map(({ id }) => id)));
  return { shown, total: leavers.length };
}

function leftOn({ evidence }: FindingRow): string {
  const day = evidence['left_on'];
  return typeof day === 'string' ? day : '9999';
}

/** A source of an earlier time is known by its latest listing of then. */
function toShown(source: PastSourceRow, runs: readonly ListingRow[]): ShownSource {
  const run = runs.find((each) => each.source === source.source);
  const isComplete = run?.verdict === 'complete';
  return {
    source: source.source,
    type: source.type,
    authoritative: source.authoritative,
    stale: source.stale,
    breaker: source.breaker,
    last_complete_at: source.last_complete_at,
    complete_ids: isComplete ? run.distinct_ids : null,
    complete_total: isComplete ? run.declared_total : null,
    latest_verdict: run?.verdict ?? null,
    latest_mode: null,
    latest_at: null,
    latest_reason: null,
    latest_ids: run?.distinct_ids ?? null,
    latest_total: run?.declared_total ?? null,
    forgotten_usable: source.forgotten_usable,
    open: source.open_findings,
  };
}
