import type { Explanation, FindingRow, RosterViewRow, SyncRunRow, WaiverRow } from '../../core/views.ts';
import { renderLink, renderSuggestions } from './explain-links.ts';
import { renderCompleteness } from './report-text.ts';
import { RULE_MEANINGS } from './rule-meanings.ts';
import { indent, renderDetail, renderEvidence, section, toCell, type Page } from './sections.ts';
import { renderTable, type Column } from './table.ts';
import { toTerminalText, wrapToWidth } from './text.ts';
import { renderAge, renderMoment } from './time.ts';

/** Everything a finding rests on, for a person who must decide today and an auditor who asks next year. */
export function renderExplanation(explanation: Explanation, page: Page): string {
  const { finding } = explanation;
  const sections = [
    renderHead(finding, page),
    section('THE RULE', `${finding.rule}: ${RULE_MEANINGS[finding.rule].meaning}`, page),
    renderRecords(explanation, page),
    renderLink(explanation, page),
    renderSuggestions(explanation, page),
    renderEvidence(finding.evidence, page),
    renderRuns(explanation.runs, page),
    renderOthers(explanation.others, page),
    renderWaivers(explanation.waivers, page),
    renderHistory(explanation, page),
    section('WHAT WOULD CLEAR IT', RULE_MEANINGS[finding.rule].clears, page),
  ];
  return sections.filter((each) => each !== '').join('\n');
}

function renderHead(finding: FindingRow, page: Page): string {
  const since = `first seen ${renderMoment(finding.first_detected_at)} (${renderAge(finding.first_detected_at, page.now)} ago)`;
  const last = finding.last_detected_at === null ? '' : `, last seen ${renderMoment(finding.last_detected_at)}`;
  const resolved =
    finding.resolved_at === null
      ? ''
      : `, resolved ${renderMoment(finding.resolved_at)}${finding.resolution === null ? '' : `: ${finding.resolution}`}`;
  const waived = finding.waived_until === null ? '' : `, waived until ${finding.waived_until}`;
  const title = `Finding ${finding.id} (${finding.severity}, ${finding.status}) in ${finding.source}`;
  const lines = [title, '', finding.summary, `${since}${last}${resolved}${waived}.`];
  return `${lines.flatMap((line) => wrapToWidth(toTerminalText(line), page.width)).join('\n')}\n`;
}

/** What a row says of itself, in the order of contract §3, then what Rollcall knows of it. */
const RECORD_FIELDS = [
  'external_id',
  'email',
  'aliases',
  'employee_id',
  'given_name',
  'family_name',
  'display_name',
  'status',
  'kind',
  'role',
  'privileged',
  'title',
  'department',
  'manager_id',
  'start_date',
  'end_date',
  'last_active_at',
  'source_created_at',
  'source_updated_at',
  'first_seen_at',
  'last_seen_at',
  'gone_at',
] as const;

type Field = { readonly name: string; readonly account: string; readonly identity: string };

function renderRecords({ account, identity }: Explanation, page: Page): string {
  if (account === null && identity === null) return '';
  const fields = RECORD_FIELDS.map((name) => ({
    name,
    account: toCell(account?.[name]),
    identity: toCell(identity?.[name]),
  })).filter((field) => field.account !== '-' || field.identity !== '-');
  const columns: Column<Field>[] = [{ title: 'FIELD', text: (field) => field.name }];
  if (account !== null)
    columns.push({ title: `ACCOUNT in ${toCell(account['source'])}`, text: (field) => field.account, shrinkTo: 16 });
  if (identity !== null)
    columns.push({ title: `IDENTITY in ${toCell(identity['source'])}`, text: (field) => field.identity, shrinkTo: 16 });
  return `RECORDS\n${indent(renderTable(columns, fields, page.width - 2))}`;
}

function renderRuns(runs: readonly SyncRunRow[], page: Page): string {
  const columns: readonly Column<SyncRunRow>[] = [
    { title: 'SOURCE', text: (run) => run.source, shrinkTo: 10 },
    { title: 'RUN', text: (run) => String(run.id), align: 'right' },
    { title: 'MODE', text: (run) => run.mode },
    { title: 'VERDICT', text: (run) => run.verdict },
    { title: 'ROWS', text: renderCompleteness, align: 'right' },
    { title: 'FINISHED', text: (run) => renderMoment(run.finished_at) },
  ];
  if (runs.length === 0) return '';
  return `LISTINGS IT RESTS ON\n${indent(renderTable(columns, runs, page.width - 2))}`;
}

function renderOthers(others: readonly RosterViewRow[], page: Page): string {
  if (others.length === 0) return '';
  const columns: readonly Column<RosterViewRow>[] = [
    { title: 'SOURCE', text: (row) => toCell(row['source']), shrinkTo: 10 },
    { title: 'ID', text: (row) => toCell(row['external_id']), shrinkTo: 12 },
    { title: 'E-MAIL', text: (row) => toCell(row['email']), shrinkTo: 16 },
    { title: 'STATUS', text: (row) => toCell(row['status']) },
    { title: 'ROLE', text: (row) => toCell(row['role']), shrinkTo: 8 },
  ];
  return `OTHER ACCOUNTS OF THE SAME PERSON\n${indent(renderTable(columns, others, page.width - 2))}`;
}

function renderWaivers(waivers: readonly WaiverRow[], page: Page): string {
  if (waivers.length === 0) return '';
  const columns: readonly Column<WaiverRow>[] = [
    { title: 'MADE', text: (waiver) => renderMoment(waiver.created_at) },
    { title: 'UNTIL', text: (waiver) => waiver.until },
    { title: 'BY', text: (waiver) => waiver.author, shrinkTo: 10 },
    { title: 'REASON', text: (waiver) => waiver.reason, shrinkTo: 16 },
    { title: 'STATE', text: renderWaiverState, shrinkTo: 16 },
  ];
  return `WAIVERS\n${indent(renderTable(columns, waivers, page.width - 2))}`;
}

function renderWaiverState(waiver: WaiverRow): string {
  if (waiver.ended_at === null) return 'in force';
  return `${waiver.ended_because ?? 'ended'} ${renderMoment(waiver.ended_at)}`;
}

function renderHistory({ events }: Explanation, page: Page): string {
  if (events.length === 0) return '';
  const columns: readonly Column<Explanation['events'][number]>[] = [
    { title: 'AT', text: (event) => renderMoment(event.at) },
    { title: 'EVENT', text: (event) => event.event },
    { title: 'DETAIL', text: (event) => renderDetail(event.detail), shrinkTo: 20 },
  ];
  return `HISTORY\n${indent(renderTable(columns, events, page.width - 2))}`;
}
