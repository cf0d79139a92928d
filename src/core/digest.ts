import { counted, ROWS_SHOWN_MAX, type AlertPlan, type AlertRow, type AlertSection } from './alert-plan.ts';
import { headlineOf } from './headline.ts';
import { compareText } from './identity.ts';
import { RULE_WORDS } from './rule-words.ts';
import { RULES, SEVERITIES, type Rule, type Severity } from './rule.ts';
import type { Instant } from './row.ts';
import { subjectLabel } from './subject-label.ts';
import type { FindingRow, ReportRow, WaiverNews } from './views.ts';
import { waiverPhrases, waiverSections } from './waiver-notice.ts';

export type DigestInput = Changes & { readonly reportId: number };

/** What a message tells, whatever reports it stands for. */
export type Changes = {
  /** Opened or reopened by this report; what is not `open` (held, waived) is left out. */
  readonly opened: readonly FindingRow[];
  readonly resolvedCount: number;
  readonly withheld: ReportRow['withheld'];
  /** Waivers that are over, and such as soon will be. */
  readonly waivers?: readonly WaiverNews[] | undefined;
  /** Findings known from before their source or rule was taken out of the configuration, and open again with it. */
  readonly backCount?: number | undefined;
  /** Since when nothing was reported before this report, where that is longer than usual. */
  readonly pausedSince?: Instant | undefined;
  /** What accounts that should not be cost, in words (seats.ts). */
  readonly seatCost?: string | undefined;
};

type Group = { readonly rule: Rule; readonly severity: Severity; readonly findings: readonly FindingRow[] };

/** Contract §9: one digest for a reconciliation that changed something. */
export function planDigest(input: DigestInput): AlertPlan {
  return {
    headline: changesHeadline(input),
    sections: changesSections(input),
    footer: [...remarksOn(input), `Report ${input.reportId}`],
  };
}

export function changesSections({ opened, waivers = [] }: Changes): readonly AlertSection[] {
  return [...groupByRule(opened).map(toSection), ...waiverSections(waivers)];
}

/** The summary of a first look (contract §5, baseline); also when there is nothing to report, so that silence is not a riddle. */
export function planBaselineSummary(input: DigestInput & { readonly sources: readonly string[] }): AlertPlan {
  const groups = groupByRule(input.opened);
  const sources = input.sources.join(', ');
  const found = groups.length > 0 ? headlineOf(groups.map(toCount)) : 'nothing to report';
  return {
    headline: `First look at ${sources}: ${found}`,
    sections: groups.map(toSection),
    footer: ['From now on you hear of changes only.', ...remarksOn(input), `Report ${input.reportId}`],
  };
}

function groupByRule(findings: readonly FindingRow[]): readonly Group[] {
  const groups: Group[] = [];
  for (const rule of RULES) {
    const ofRule = findings.filter((finding) => finding.rule === rule && finding.status === 'open').toSorted(compare);
    const [first] = ofRule;
    if (first !== undefined) groups.push({ rule, severity: first.severity, findings: ofRule });
  }
  return groups.toSorted((a, b) => rank(b.severity) - rank(a.severity) || leaversFirst(a, b));
}

/** At equal severity: who left comes first, for that account was somebody's yesterday. */
function leaversFirst(a: Group, b: Group): number {
  return Number(b.rule === 'leaver_account') - Number(a.rule === 'leaver_account');
}

function toCount(group: Group) {
  return { rule: group.rule, subjects: subjectCount(group), findings: group.findings.length };
}

/** What has changed, in one line of plain words. */
export function changesHeadline(input: Omit<Changes, 'withheld'>): string {
  const { opened, waivers = [], backCount = 0, resolvedCount } = input;
  const groups = groupByRule(opened);
  const phrases = [
    ...(groups.length > 0 ? [headlineOf(groups.map(toCount))] : []),
    ...waiverPhrases(waivers),
    ...(backCount > 0 ? [counted(backCount, 'known finding is back', 'known findings are back')] : []),
  ];
  return phrases.length > 0 ? phrases.join(', ') : quietHeadline(resolvedCount);
}

function quietHeadline(resolvedCount: number): string {
  if (resolvedCount === 0) return 'Nothing new';
  return `${counted(resolvedCount, 'finding is', 'findings are')} resolved, nothing new`;
}

/** "3 people who left": one who left with two accounts is one. */
function subjectCount({ rule, findings }: Group): number {
  if (rule !== 'leaver_account') return findings.length;
  return new Set(findings.map((finding) => JSON.stringify([finding.identity_source, finding.identity_id]))).size;
}

function toSection({ rule, severity, findings }: Group): AlertSection {
  const { title, action } = RULE_WORDS[rule];
  const rows = findings.slice(0, ROWS_SHOWN_MAX).map(toAlertRow);
  const more = findings.length - rows.length;
  return { title, severity, rows, more, list: `rollcall findings --rule ${rule}`, action };
}

function toAlertRow(finding: FindingRow): AlertRow {
  const { rule, source, first_detected_at: detectedAt } = finding;
  const why = RULE_WORDS[rule].why(finding);
  const detail = `${source}: ${why}, seen since ${detectedAt.slice(0, 10)}`;
  return { primary: subjectLabel(finding), detail, look: `rollcall explain ${finding.id}` };
}

/** What is said below the findings, without the reports that the message stands for. */
export function remarksOn(input: Changes): readonly string[] {
  const { resolvedCount, withheld, backCount = 0 } = input;
  const footer: string[] = [];
  if (input.pausedSince !== undefined) footer.push(recoveryNote(input.pausedSince));
  if (backCount > 0) {
    const findings = counted(backCount, 'finding', 'findings');
    footer.push(`${findings} from before, back with their source or rule: rollcall findings`);
  }
  if (resolvedCount > 0) footer.push(`${counted(resolvedCount, 'finding', 'findings')} resolved`);
  if (input.seatCost !== undefined) footer.push(input.seatCost);
  for (const { source, rules, reason } of withheld) {
    footer.push(`Not judged for ${source}: ${counted(rules.length, 'rule', 'rules')}, because ${reason}`);
  }
  return footer;
}

/** After a restored backup the same is found again; a reader who has seen it must not take it for news. */
function recoveryNote(since: Instant): string {
  const at = `${since.slice(0, 10)} ${since.slice(11, 16)}`;
  return `Recovery: the report before this one is of ${at} UTC. After a restored backup you may have been told some of this already.`;
}

function compare(a: FindingRow, b: FindingRow): number {
  return rank(b.severity) - rank(a.severity) || compareText(a.first_detected_at, b.first_detected_at) || a.id - b.id;
}

function rank(severity: Severity): number {
  return SEVERITIES.indexOf(severity);
}
