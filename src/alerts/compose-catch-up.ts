import type { AlertPlan } from '../core/alert-plan.ts';
import { planCatchUp } from '../core/catch-up.ts';
import type { BreakerRow, FindingRow } from '../core/views.ts';
import type { Meanwhile, Reader } from '../ports/reading.ts';
import type { CatchUp } from '../ports/store.ts';

export type CatchUpReader = Pick<Reader, 'report' | 'findings' | 'breaker' | 'meanwhile'>;

/** Of a range of reports: none where only breakers had something to tell. */
type Past = Meanwhile & Pick<Parameters<typeof planCatchUp>[0], 'withheld'> & { readonly since?: string | undefined };
const NOTHING: Past = { resolved: 0, passed: 0, back: 0, waivers: [], firstLooks: [], withheld: [] };

/** What a catch-up tells, from what the store says now. */
export async function composeCatchUp(alert: CatchUp, reader: CatchUpReader): Promise<AlertPlan | undefined> {
  const past = await loadPast(alert.reports, reader);
  const breakers = await loadBreakers(alert.breakerIds, reader);
  const opened = await loadOpened(alert, reader);
  const moments = [past.since ?? [], ...breakers.map((breaker) => breaker.tripped_at)].flat();
  const { resolved, passed, back, waivers, firstLooks, withheld } = past;
  return planCatchUp({
    reports: alert.reports ?? reportsOf(opened),
    since: moments.toSorted()[0],
    opened,
    resolvedCount: resolved,
    passedCount: passed,
    backCount: back,
    waivers,
    firstLooks,
    withheld,
    breakers,
  });
}

async function loadPast(reports: CatchUp['reports'], reader: CatchUpReader): Promise<Past> {
  if (reports === undefined) return NOTHING;
  const first = await reader.report(reports.from);
  const last = await reader.report(reports.to);
  return { ...(await reader.meanwhile(reports)), since: first?.finished_at, withheld: last?.withheld ?? [] };
}

/** Open now: what these reports announced, and what the releases opened, each once. */
async function loadOpened({ reports, releasedIds }: CatchUp, reader: CatchUpReader): Promise<readonly FindingRow[]> {
  const found = new Map<number, FindingRow>();
  const add = (findings: readonly FindingRow[]): void => {
    for (const finding of findings) found.set(finding.id, finding);
  };
  if (reports !== undefined) {
    add(await reader.findings({ statuses: ['open'], announcedIn: reports.from, announcedUntil: reports.to }));
  }
  for (const releasedBy of releasedIds) add(await reader.findings({ statuses: ['open'], releasedBy }));
  return [...found.values()];
}

/** What a release opened is marked with the report that found it. */
function reportsOf(opened: readonly FindingRow[]): CatchUp['reports'] {
  const [first] = opened;
  return first === undefined ? undefined : { from: first.report_id, to: first.report_id };
}

async function loadBreakers(ids: readonly number[], reader: CatchUpReader): Promise<readonly BreakerRow[]> {
  const breakers: BreakerRow[] = [];
  for (const id of ids) {
    const breaker = await reader.breaker(id);
    if (breaker !== undefined) breakers.push(breaker);
  }
  return breakers;
}
