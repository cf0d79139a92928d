import { forgottenPhrase } from '../core/forgotten-usable.ts';
import { quietHeadline, sentenceList } from '../core/headline.ts';
import { RULE_WORDS } from '../core/rule-words.ts';
import type { Rule } from '../core/rule.ts';
import type { Instant } from '../core/row.ts';
import type { FindingRow, ListingRow, PastSourceRow, ReportRow } from '../core/views.ts';
import { renderMoment } from './time.ts';

/** All that a report shows. `runs`: the latest listing of each source. */
export type ReportParts = {
  readonly report: ReportRow;
  readonly sources: readonly PastSourceRow[];
  readonly runs: readonly ListingRow[];
  /** All that are open or held. */
  readonly findings: readonly FindingRow[];
  /** Everything above is as it was then; absent: as it is. */
  readonly past?: Past | undefined;
  /** Sources that this run could not read. */
  readonly failed?: readonly string[] | undefined;
};

export type Past = {
  readonly at: Instant;
  /** Ids of findings whose words are of a later time. */
  readonly laterWords: readonly number[];
};

/** In words: what was found, and how much. */
export function renderSummary(parts: ReportParts): string {
  const { report } = parts;
  const sentences = [asOf(parts), headline(parts), forgotten(parts), counts(report), baseline(report)];
  return sentences.filter((sentence) => sentence !== '').join(' ');
}

function asOf({ past }: ReportParts): string {
  return past === undefined ? '' : `As it was at ${renderMoment(past.at)}.`;
}

function forgotten({ sources }: ReportParts): string {
  const phrase = forgottenPhrase(sources);
  return phrase === undefined ? '' : `${phrase}: remove them there.`;
}

/** What was found, in one sentence of plain words. */
export function headline(parts: ReportParts): string {
  const { findings } = parts;
  if (findings.length === 0) {
    const { withheld, waived } = parts.report;
    return quietHeadline({
      isWithheld: withheld.length > 0,
      unread: unreadSources(parts),
      waived,
      forgotten: forgottenPhrase(parts.sources),
    });
  }
  const subjects = new Map<Rule, Set<string>>();
  for (const finding of findings) {
    const known = subjects.get(finding.rule) ?? new Set();
    subjects.set(finding.rule, known.add(subjectOf(finding)));
  }
  return `${sentenceList([...subjects].map(([rule, { size }]) => RULE_WORDS[rule].headline(size)))}.`;
}

export function unreadSources({
  sources,
  runs,
  failed = [],
}: Pick<ReportParts, 'sources' | 'runs' | 'failed'>): readonly string[] {
  const complete = new Set(runs.filter((run) => run.verdict === 'complete').map((run) => run.source));
  const names = sources.map(({ source }) => source).filter((source) => !complete.has(source));
  return [...new Set([...names, ...failed])];
}

/** One person who left with two accounts is one person who left, here as in Slack. */
function subjectOf(finding: FindingRow): string {
  if (finding.rule !== 'leaver_account') return finding.fingerprint;
  return JSON.stringify([finding.identity_source, finding.identity_id]);
}

function counts(report: ReportRow): string {
  const held = report.held > 0 ? `, ${report.held} held` : '';
  const waived = report.waived > 0 ? `, ${report.waived} waived` : '';
  return `${report.opened} opened, ${report.resolved} resolved, ${report.open} open${held}${waived}.`;
}

function baseline(report: ReportRow): string {
  if (report.baseline.length === 0) return '';
  return 'A first look (baseline): alerts begin with one summary of it, and then tell what is new.';
}
