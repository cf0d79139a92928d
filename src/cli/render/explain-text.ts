import type { ComparedField } from '../../core/compare-records.ts';
import type { Json } from '../../core/case.ts';
import { INSTANT_FIELDS } from '../../core/record-fields.ts';
import { RULE_WORDS } from '../../core/rule-words.ts';
import { waiveCommand } from '../../words/waive-command.ts';
import type { FindingEvent, FindingRow, RosterViewRow, WaiverRow } from '../../core/views.ts';
import { commandLine, renderLink, renderSuggestions } from './explain-links.ts';
import { indent, type Page, renderEvidence, section } from './sections.ts';
import { breakToWidth } from './text.ts';
import { toCell } from '../../words/cells.ts';
import { isAboutManagers, othersTitle, outlook, sinceSentence, waiverState } from '../../words/explain-sentences.ts';
import type { Explained } from '../../words/explained.ts';
import { describeEvent } from '../../words/history-text.ts';
import { toTerminalText } from '../../words/inert-text.ts';
import { renderAge, renderMoment } from '../../words/time.ts';
import { renderWrapped, type Column } from './table.ts';

const MOMENTS: readonly string[] = [...INSTANT_FIELDS, 'first_seen_at', 'last_seen_at', 'gone_at'];
/** Everything a finding rests on, for a person who must decide today and an auditor who asks next year. */
export function renderExplanation(explained: Explained, page: Page): string {
  const { finding, rule } = explained;
  const sections = [
    renderHead(explained, page),
    renderWhatToDo(finding, page),
    section('THE RULE', `${finding.rule}: ${rule.meaning}`, page),
    renderRecords(explained, page),
    renderLink(explained, page),
    renderSuggestions(explained, page),
    renderEvidence(finding.evidence, page),
    renderRuns(explained, page),
    renderManagers(explained, page),
    renderOthers(explained, page),
    renderWaivers(explained.waivers, page),
    renderHistory(explained.events, page),
    section('WHAT WOULD CLEAR IT', outlook(explained), page),
  ];
  return sections.filter((each) => each !== '').join('\n');
}

function renderWhatToDo(finding: FindingRow, page: Page): string {
  const advised = waiveCommand(finding);
  if (advised === undefined) return '';
  return `${section('WHAT TO DO', RULE_WORDS[finding.rule].action, page)}${commandLine(advised)}`;
}

function renderHead(explained: Explained, page: Page): string {
  const { finding } = explained;
  const title = `Finding ${finding.id} (${finding.severity}, ${finding.status}) in ${finding.source}`;
  const lines = [title, '', finding.summary, sinceSentence(explained, page.now)];
  return `${lines.flatMap((line) => breakToWidth(toTerminalText(line), page.width)).join('\n')}\n`;
}

function renderRecords({ comparison }: Explained, page: Page): string {
  const { left, right, fields } = comparison;
  if (left === null) return '';
  const columns: Column<ComparedField>[] = [
    { title: 'FIELD', text: ({ field }) => field },
    { title: toTitle(left), text: ({ field, left: value }) => toFieldCell(field, value), shrinkTo: 10 },
  ];
  if (right !== null) {
    columns.push({ title: toTitle(right), text: ({ field, right: value }) => toFieldCell(field, value), shrinkTo: 10 });
    if (fields.some(({ says }) => says !== null)) columns.push({ title: 'COMPARED', text: ({ says }) => says ?? '' });
  }
  return `RECORDS\n${indent(renderWrapped(columns, fields, page.width - 2))}`;
}

function toFieldCell(field: string, value: Json): string {
  return MOMENTS.includes(field) && typeof value === 'string' ? renderMoment(value) : toCell(value);
}

/** `ACCOUNT in nimble`. */
function toTitle(label: string): string {
  const [what = '', ...where] = label.split(' ');
  return [what.toUpperCase(), ...where].join(' ');
}

function renderRuns({ runs, withheld }: Explained, page: Page): string {
  const columns: readonly Column<Explained['runs'][number]>[] = [
    { title: 'SOURCE', text: (run) => run.source, shrinkTo: 8 },
    { title: 'RUN', text: (run) => String(run.id), align: 'right' },
    { title: 'MODE', text: (run) => run.mode },
    { title: 'VERDICT', text: (run) => run.verdict },
    { title: 'ROWS', text: (run) => run.completeness, align: 'right' },
    { title: 'AGE', text: (run) => renderAge(run.finished_at, page.now), align: 'right' },
    { title: 'FINISHED', text: (run) => renderMoment(run.finished_at), shrinkTo: 10 },
  ];
  const why = withheld === null ? '' : paragraph(`Not judged at present, so it stays as it is: ${withheld}.`, page);
  if (runs.length === 0) return why === '' ? '' : `LISTINGS IT RESTS ON\n${why}`;
  const reasons = runs.flatMap(({ id, reason }) => (reason === null ? [] : paragraph(`Run ${id}: ${reason}.`, page)));
  return `LISTINGS IT RESTS ON\n${indent(renderWrapped(columns, runs, page.width - 2))}${reasons.join('')}${why}`;
}

function paragraph(text: string, page: Page): string {
  return indent(`${breakToWidth(toTerminalText(text), page.width - 2).join('\n')}\n`);
}

type Named = { readonly whose: string; readonly row: RosterViewRow };

function renderManagers({ finding, managers }: Explained, page: Page): string {
  if (!isAboutManagers(finding.rule)) return '';
  const named: Named[] = [];
  if (managers.of_account !== null) named.push({ whose: 'the account', row: managers.of_account });
  if (managers.of_identity !== null) named.push({ whose: 'the identity', row: managers.of_identity });
  if (named.length === 0) return '';
  const whose: Column<Named> = { title: 'NAMED BY', text: (each) => each.whose };
  const columns = PEOPLE.map((column) => ({ ...column, text: (each: Named) => column.text(each.row) }));
  return `MANAGERS\n${indent(renderWrapped([whose, ...columns], named, page.width - 2))}`;
}

const PEOPLE: readonly Column<RosterViewRow>[] = [
  { title: 'SOURCE', text: (row) => toCell(row['source']), shrinkTo: 8 },
  { title: 'ID', text: (row) => toCell(row['external_id']), shrinkTo: 8 },
  { title: 'E-MAIL', text: (row) => toCell(row['email']), shrinkTo: 12 },
  { title: 'STATUS', text: (row) => (toCell(row['gone_at']) === '-' ? toCell(row['status']) : 'gone') },
  { title: 'ROLE', text: (row) => toCell(row['role']), shrinkTo: 8 },
  { title: 'ENDS', text: (row) => toCell(row['end_date']) },
];

function renderOthers(explained: Explained, page: Page): string {
  const { others } = explained;
  if (others.length === 0) return '';
  return `${othersTitle(explained).toUpperCase()}\n${indent(renderWrapped(PEOPLE, others, page.width - 2))}`;
}

function renderWaivers(waivers: readonly WaiverRow[], page: Page): string {
  if (waivers.length === 0) return '';
  const columns: readonly Column<WaiverRow>[] = [
    { title: 'MADE', text: (waiver) => renderMoment(waiver.created_at) },
    { title: 'UNTIL', text: (waiver) => waiver.until },
    { title: 'BY', text: (waiver) => waiver.author, shrinkTo: 10 },
    { title: 'REASON', text: (waiver) => waiver.reason, shrinkTo: 16 },
    { title: 'STATE', text: waiverState, shrinkTo: 16 },
  ];
  return `WAIVERS\n${indent(renderWrapped(columns, waivers, page.width - 2))}`;
}

function renderHistory(events: readonly FindingEvent[], page: Page): string {
  if (events.length === 0) return '';
  const columns: readonly Column<FindingEvent>[] = [
    { title: 'AT', text: (event) => renderMoment(event.at) },
    { title: 'EVENT', text: (event) => event.event },
    { title: 'DETAIL', text: describeEvent, shrinkTo: 20 },
  ];
  return `HISTORY\n${indent(renderWrapped(columns, events, page.width - 2))}`;
}
