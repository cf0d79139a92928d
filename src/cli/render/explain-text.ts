import type { ComparedField } from '../../core/compare-records.ts';
import type { Json } from '../../core/case.ts';
import { INSTANT_FIELDS } from '../../core/record-fields.ts';
import type { FindingEvent, FindingRow, RosterViewRow, WaiverRow } from '../../core/views.ts';
import { renderLink, renderSuggestions } from './explain-links.ts';
import { ABOUT_OWNERS, type Explained } from './explained.ts';
import { describeEvent } from './history-text.ts';
import { RESOLUTION_MEANINGS } from './rule-meanings.ts';
import { indent, renderEvidence, section, toCell, type Page } from './sections.ts';
import { renderWrapped, type Column } from './table.ts';
import { toTerminalText, breakToWidth } from './text.ts';
import { renderAge, renderMoment } from './time.ts';

const MOMENTS: readonly string[] = [...INSTANT_FIELDS, 'first_seen_at', 'last_seen_at', 'gone_at'];
/** Rules that judge by a manager; for the others a manager is a name among many. */
const ABOUT_MANAGERS: readonly string[] = ['manager_left', 'attribute_mismatch'];

/** Everything a finding rests on, for a person who must decide today and an auditor who asks next year. */
export function renderExplanation(explained: Explained, page: Page): string {
  const { finding, rule } = explained;
  const sections = [
    renderHead(explained, page),
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

function renderHead(explained: Explained, page: Page): string {
  const { finding } = explained;
  const title = `Finding ${finding.id} (${finding.severity}, ${finding.status}) in ${finding.source}`;
  const lines = [title, '', finding.summary, sinceSentence(explained, page.now)];
  return `${lines.flatMap((line) => breakToWidth(toTerminalText(line), page.width)).join('\n')}\n`;
}

/** Since when it is known, until when, and who has accepted it. */
export function sinceSentence({ finding, waivers }: Explained, now: Date): string {
  const since = `first seen ${renderMoment(finding.first_detected_at)} (${renderAge(finding.first_detected_at, now)} ago)`;
  const last = finding.last_detected_at === null ? '' : `, last seen ${renderMoment(finding.last_detected_at)}`;
  const resolved =
    finding.resolved_at === null
      ? ''
      : `, resolved ${renderMoment(finding.resolved_at)}${finding.resolution === null ? '' : `: ${finding.resolution}`}`;
  return `${since}${last}${resolved}${renderWaiver(finding, waivers)}.`;
}

function renderWaiver({ waived_until: until }: FindingRow, waivers: readonly WaiverRow[]): string {
  if (until === null) return '';
  const waiver = waivers.findLast((each) => each.ended_at === null) ?? null;
  return `, waived until ${until}${waiver === null ? '' : ` by ${waiver.author}: ${waiver.reason}`}`;
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

export function isAboutManagers(rule: string): boolean {
  return ABOUT_MANAGERS.includes(rule);
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

/** Of the records beside the two that are compared. */
export function othersTitle({ finding }: Pick<Explained, 'finding'>): string {
  if (finding.evidence['candidates'] !== undefined) return 'Who could own it';
  if (ABOUT_OWNERS.includes(finding.rule)) return 'Accounts of the owner';
  return finding.account_id === null ? 'Accounts of the same person' : 'Other accounts of the same person';
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

export function waiverState(waiver: WaiverRow): string {
  if (waiver.ended_at === null) return 'in force';
  return `${waiver.ended_because ?? 'ended'} ${renderMoment(waiver.ended_at)}`;
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

/** What would end it, by itself or by somebody. */
export function outlook({ finding, rule, recheck_on: day }: Explained): string {
  if (finding.status === 'resolved') return `${whatCleared(finding)} Should it come back, it has its history still.`;
  const sentences = [rule.clears];
  if (finding.waived_until !== null) {
    sentences.push(`Its waiver ends with ${finding.waived_until}: on the day after it is open again.`);
  }
  if (day !== null) sentences.push(`The next day on which the calendar alone could change it is ${day}.`);
  else if (finding.waived_until === null) sentences.push('No day of the calendar changes it by itself.');
  return sentences.join(' ');
}

function whatCleared({ resolution }: FindingRow): string {
  const known = Object.entries(RESOLUTION_MEANINGS).find(([word]) => word === resolution);
  return known === undefined ? 'It is resolved.' : `It is resolved: ${known[1]}`;
}
