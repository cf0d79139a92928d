import type { FindingRow, ReportRow } from '../../src/core/views.ts';
import type { FindingFilter, Reader } from '../../src/ports/reading.ts';

/** A Reader over given answers; what a test does not give is empty. Findings are filtered by status, rule and source only. */
export function createMemoryReader(
  given: {
    readonly findings?: readonly FindingRow[];
    readonly reports?: readonly ReportRow[];
  } & Partial<Omit<Reader, 'findings' | 'reports' | 'report'>> = {},
): Reader & { readonly filters: readonly FindingFilter[] } {
  const { findings = [], reports = [], ...rest } = given;
  const filters: FindingFilter[] = [];
  return {
    filters,
    report: async (id) => reports.find((report) => id === undefined || report.id === id),
    reportAt: async (at) => reports.find((report) => Date.parse(report.finished_at) <= Date.parse(at)),
    firstReport: async () => reports.at(-1),
    reportThen: async () => ({ findings: [], laterWords: [], sources: [], runs: [] }),
    reports: async (limit) => reports.slice(0, limit),
    findings: async (filter) => {
      filters.push(filter);
      const matching = findings.filter((finding) => isWanted(finding, filter));
      return filter.limit === undefined ? matching : matching.slice(0, filter.limit);
    },
    countFindings: async () => [],
    waiversEnding: async () => [],
    countResolved: async (id) => reports.find((report) => report.id === id)?.resolved ?? 0,
    countBack: async () => 0,
    changes: async () => [],
    diff: async () => ({ findings: [], ruleSetChanged: false }),
    waiverNews: async () => [],
    meanwhile: async () => ({ resolved: 0, passed: 0, back: 0, waivers: [], firstLooks: [] }),
    explain: async () => undefined,
    sources: async () => [],
    latestRuns: async () => [],
    roster: async function* () {
      // A source without rows.
    },
    breakers: async () => [],
    breaker: async () => undefined,
    breakerLosses: async () => [],
    ...rest,
  };
}

function isWanted(finding: FindingRow, filter: FindingFilter): boolean {
  return (
    (filter.statuses?.includes(finding.status) ?? true) &&
    (filter.rules?.includes(finding.rule) ?? true) &&
    (filter.sources?.includes(finding.source) ?? true)
  );
}
