import { forgottenPhrase } from '../../core/forgotten-usable.ts';
import { quietHeadline, sentenceList } from '../../core/headline.ts';
import { RULE_WORDS } from '../../core/rule-words.ts';
import { SEVERITIES, type Rule, type Severity } from '../../core/rule.ts';
import type { Instant } from '../../core/row.ts';
import type { FindingRow, ListingRow, PastSourceRow, ReportRow } from '../../core/views.ts';
import { renderFindingsTable } from './findings-table.ts';
import { paintOf } from './paint.ts';
import { renderTable, type Column } from './table.ts';
import { padToWidth, toTerminalText, wrapToWidth } from './text.ts';
import { renderAge, renderMoment } from './time.ts';

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

/** Rows of one severity on a screen; a company that starts with ten thousand findings reads them as CSV. */
const ROWS_OF_A_SEVERITY_MAX = 50;

type Page = { readonly width: number; readonly now: Date; readonly color?: boolean | undefined };

/** The report for a person: what was found, on what it rests, what was not concluded and why, what to do next. */
export function renderReportText(parts: ReportParts, { width, now, color }: Page): string {
  // Ages are those of then, too.
  const page = { width, color, now: parts.past === undefined ? now : new Date(parts.past.at) };
  const sections = [
    renderHead(parts, page),
    renderSources(parts, page),
    ...[...SEVERITIES].toReversed().map((severity) => renderSeverity(parts.findings, severity, page)),
    renderWithheld(parts.report, page),
    renderNext(parts, page),
  ];
  return sections.filter((section) => section !== '').join('\n');
}

function renderHead(parts: ReportParts, page: Page): string {
  const { report } = parts;
  const title = `Report ${report.id}, ${renderMoment(report.finished_at)}`;
  return `${title}\n\n${wrapToWidth(renderSummary(parts), page.width).join('\n')}\n`;
}

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

/** Nothing found is good news only where everything was read. */
export function renderUnread(parts: Pick<ReportParts, 'sources' | 'runs' | 'failed'>, page: Page): string {
  const unread = unreadSources(parts);
  if (unread.length === 0) return '';
  const lines = wrapToWidth(toTerminalText(`Not everything could be read: ${sentenceList(unread)}.`), page.width);
  return `${lines.join('\n')}\n`;
}

function unreadSources({
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
  return 'A first look (baseline): Slack gets one summary of it, and from now on what is new.';
}

/** The listing of each source that a report rests on. */
export function renderSources({ sources, runs }: Pick<ReportParts, 'sources' | 'runs'>, page: Page): string {
  const latestRun = new Map(runs.map((run) => [run.source, run]));
  const columns: readonly Column<PastSourceRow>[] = [
    { title: 'SOURCE', text: (source) => source.source, shrinkTo: 10 },
    { title: 'TYPE', text: (source) => source.type, spare: 2 },
    { title: 'HOLDS', text: (source) => (source.authoritative ? 'identities' : 'accounts'), spare: 1 },
    { title: 'LISTING', text: (source) => latestRun.get(source.source)?.verdict ?? 'none yet' },
    { title: 'ROWS', text: (source) => renderCompleteness(latestRun.get(source.source)), align: 'right' },
    { title: 'COMPLETE', text: (source) => renderSourceAge(source, page.now), align: 'right' },
    { title: 'FINDINGS', text: (source) => String(source.open_findings), align: 'right' },
    { title: 'BREAKER', text: (source) => source.breaker ?? '-' },
  ];
  return sources.length === 0 ? '' : renderTable(columns, sources, page.width);
}

/** `412/412`: distinct ids read, and the total that the vendor declared; `412` where it declares none. */
export function renderCompleteness(run: Pick<ListingRow, 'distinct_ids' | 'declared_total'> | undefined): string {
  if (run === undefined) return '-';
  return run.declared_total === null ? String(run.distinct_ids) : `${run.distinct_ids}/${run.declared_total}`;
}

export function renderSourceAge(source: PastSourceRow, now: Date): string {
  if (source.last_complete_at === null) return 'never';
  return `${renderAge(source.last_complete_at, now)} ago${source.stale ? ' (stale)' : ''}`;
}

function renderSeverity(findings: readonly FindingRow[], severity: Severity, page: Page): string {
  const rows = findings.filter((finding) => finding.severity === severity);
  if (rows.length === 0) return '';
  const shown = rows.slice(0, ROWS_OF_A_SEVERITY_MAX);
  const more = rows.length - shown.length;
  const rest = more > 0 ? `and ${more} more: \`rollcall findings --format csv\` lists them all\n` : '';
  const title = paintOf(page.color ?? false)(severity, `${severity.toUpperCase()} (${rows.length})`);
  return `${title}\n${renderFindingsTable(shown, { severity: false, ...page })}${rest}`;
}

/** What was not concluded, and why. */
export function renderWithheld(report: Pick<ReportRow, 'withheld'>, page: Page): string {
  if (report.withheld.length === 0) return '';
  const lines = report.withheld.flatMap((each) =>
    wrapToWidth(
      toTerminalText(`${each.source}: ${reasonWithout(each)}. Not judged: ${each.rules.join(', ')}.`),
      page.width - 2,
    ),
  );
  return `WITHHELD: findings of these rules stay as they are\n${lines.map((line) => `  ${line}\n`).join('')}`;
}

/** Most reasons begin with the name that stands before them already. */
function reasonWithout({ source, reason }: ReportRow['withheld'][number]): string {
  const parts = reason.split('; ');
  return parts.map((part) => (part.startsWith(`${source} `) ? part.slice(source.length + 1) : part)).join('; ');
}

const COMMAND_WIDTH = 24;

function renderNext({ findings, sources, past }: ReportParts, page: Page): string {
  // What those commands show is of today.
  if (past !== undefined) return '';
  const worst = [...SEVERITIES]
    .toReversed()
    .flatMap((severity) => findings.filter((each) => each.severity === severity))[0];
  const tripped = sources.some((source) => source.breaker !== null);
  const next = [
    ...(worst === undefined
      ? []
      : [[`rollcall explain ${worst.id}`, 'why, on what it rests, what would clear it'] as const]),
    ...(tripped ? [['rollcall breaker list', 'what was not believed, and how to release it'] as const] : []),
  ];
  if (next.length === 0) return '';
  const margin = ' '.repeat(COMMAND_WIDTH + 2);
  const lines = next.map(([command, what]) => {
    const text = wrapToWidth(what, page.width - margin.length).join(`\n${margin}`);
    return `  ${padToWidth(command, COMMAND_WIDTH)}${text}\n`;
  });
  return `NEXT\n${lines.join('')}`;
}
