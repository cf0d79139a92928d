import { html } from 'hono/html';
import { flattenEvidence, toCell } from '../words/cells.ts';
import { isAboutManagers, othersTitle, outlook, sinceSentence, waiverState } from '../words/explain-sentences.ts';
import type { Explained } from '../words/explained.ts';
import { describeEvent } from '../words/history-text.ts';
import { askCommand, type Advised, linkSentences, takeBackCommand } from '../words/link-sentences.ts';
import type { Json } from '../core/case.ts';
import { RULE_WORDS } from '../core/rule-words.ts';
import type { FindingEvent, RosterViewRow, WaiverRow } from '../core/views.ts';
import type { Links } from './links.ts';
import { commandLine, dataTable, linked, severityTag, sourceName, type TableColumn } from './parts.ts';
import { renderComparison, renderPeople } from './records.ts';
import { ago, inert, moment, sentence, type Html } from './words.ts';

export type Shown = { readonly links: Links; readonly now: Date; /** Of the headings inside. */ readonly level: 2 | 4 };

/** Everything that a finding rests on, under its heading: what `explain` says, in the same order, for a browser. */
export function renderExplanation(explained: Explained, shown: Shown): Html {
  const { finding, rule } = explained;
  const head = (text: string): Html => (shown.level === 2 ? html`<h2>${text}</h2>` : html`<h4>${text}</h4>`);
  const under = (title: string, content: Html | string): Html | string =>
    content === '' ? '' : html`${head(title)} ${content}`;
  return html`<p class="facts">
      ${severityTag(finding.severity)} <span class="tag">${finding.status}</span>
      <span>${RULE_WORDS[finding.rule].title}</span> <span>${sourceName(finding.source, shown.links)}</span>
      ${renderPersonLink(explained, shown.links)}
    </p>
    <p class="muted begins">${inert(sinceSentence(explained, shown.now))}</p>
    ${finding.status === 'resolved' ? '' : under('What to do', html`<p>${sentence(RULE_WORDS[finding.rule].action)}</p>`)}
    ${under('The rule', html`<p>${sentence(rule.meaning)} <span class="muted">(${finding.rule})</span></p>`)}
    ${under('Records', renderComparison(explained.comparison))} ${under('Link', renderLink(explained))}
    ${under('Who it could be', renderSuggestions(explained, shown.links))}
    ${under('Evidence', renderEvidence(finding.evidence))}
    ${under('Listings it rests on', renderRuns(explained, shown))}
    ${under('Managers', renderManagers(explained, shown.links))}
    ${under(othersTitle(explained), renderOthers(explained, shown.links))}
    ${under('Waivers', renderWaivers(explained.waivers))} ${under('History', renderHistory(explained.events))}
    ${under('What would clear it', html`<p>${sentence(outlook(explained))}</p>`)}`;
}

/** Where a person is concerned: all their accounts. */
function renderPersonLink({ finding, identity }: Explained, links: Links): Html | string {
  const [source, id] =
    identity === null ? [finding.source, finding.account_id] : [identity['source'], identity['external_id']];
  if (typeof source !== 'string' || typeof id !== 'string') return '';
  const href = links.person(source, id);
  return href === undefined
    ? ''
    : linked(href, identity === null ? html`its record` : html`all accounts of this person`);
}

function renderLink(explained: Explained): Html | string {
  const sentences = linkSentences(explained);
  if (sentences.length === 0) return '';
  const back = takeBackCommand(explained);
  return html`${sentences.map((each) => html`<p>${inert(each)}</p>`)} ${back === undefined ? '' : renderCommand(back)}`;
}

function renderCommand({ lead, command }: Advised): Html {
  return html`<p>${lead}:</p>
    ${commandLine(command)}`;
}

type Suggested = Explained['suggestions'][number];

function renderSuggestions(explained: Explained, links: Links): Html | string {
  const asked = askCommand(explained);
  if (asked === undefined) return '';
  if (explained.suggestions.length === 0) return renderCommand(asked);
  const columns: readonly TableColumn<Suggested>[] = [
    { title: 'Id', cell: (each) => linked(links.person(each.source, each.external_id), inert(each.external_id)) },
    { title: 'Source', cell: ({ source }) => source, as: 'wide' },
    { title: 'Name', cell: ({ name }) => name ?? '-' },
    { title: 'E-mail', cell: ({ email }) => email ?? '-' },
    { title: 'Status', cell: ({ status }) => status },
    { title: 'Why', cell: ({ reasons }) => reasons.join(', ') },
  ];
  return html`${dataTable('The likeliest first. Names never link: a person decides', columns, explained.suggestions)}
  ${renderCommand(asked)}`;
}

function renderEvidence(evidence: { readonly [key: string]: Json }): Html | string {
  const facts = flattenEvidence(evidence);
  if (facts.length === 0) return '';
  const columns: readonly TableColumn<readonly [string, Json]>[] = [
    { title: 'Fact', cell: ([key]) => key },
    { title: 'Value', cell: ([, value]) => inert(toCell(value)) },
  ];
  return dataTable('What was known when it was judged', columns, facts);
}

function renderRuns({ runs, withheld }: Explained, { links, now }: Shown): Html | string {
  const why = withheld === null ? '' : html`<p>Not judged at present, so it stays as it is: ${sentence(withheld)}.</p>`;
  if (runs.length === 0) return why;
  const columns: readonly TableColumn<Explained['runs'][number]>[] = [
    { title: 'Source', cell: ({ source }) => sourceName(source, links) },
    {
      title: 'Verdict',
      cell: ({ verdict, reason }) =>
        html`<span class="short">${verdict}</span
          >${reason === null ? '' : html`<span class="sub">${inert(reason)}</span>`}`,
    },
    { title: 'Rows', cell: ({ completeness }) => completeness, as: 'num' },
    {
      title: 'Ended',
      cell: (run) => html`${moment(run.finished_at)}<span class="sub">${ago(run.finished_at, now)}</span>`,
    },
    { title: 'Run', cell: ({ id, mode }) => `${id} (${mode})`, as: 'wide' },
  ];
  return html`${dataTable('Rows: distinct ids read, and how many the source says there are', columns, runs)} ${why}`;
}

function renderManagers({ finding, managers }: Explained, links: Links): Html | string {
  if (!isAboutManagers(finding.rule)) return '';
  const named = [managers.of_account, managers.of_identity].filter((row): row is RosterViewRow => row !== null);
  return named.length === 0 ? '' : renderPeople('Whom the account names, and whom the identity names', named, links);
}

function renderOthers({ others }: Explained, links: Links): Html | string {
  return others.length === 0 ? '' : renderPeople('Those that are gone last', others, links);
}

function renderWaivers(waivers: readonly WaiverRow[]): Html | string {
  if (waivers.length === 0) return '';
  const columns: readonly TableColumn<WaiverRow>[] = [
    { title: 'Made', cell: ({ created_at: at }) => moment(at) },
    { title: 'Until', cell: ({ until }) => until, as: 'short' },
    { title: 'By', cell: ({ author }) => author },
    { title: 'Reason', cell: ({ reason }) => inert(reason) },
    { title: 'State', cell: waiverState },
  ];
  return dataTable('Everybody who ever accepted it', columns, waivers);
}

function renderHistory(events: readonly FindingEvent[]): Html | string {
  if (events.length === 0) return '';
  const columns: readonly TableColumn<FindingEvent>[] = [
    { title: 'At', cell: ({ at }) => moment(at), as: 'short' },
    { title: 'Event', cell: ({ event }) => event, as: 'short' },
    { title: 'Detail', cell: (event) => inert(describeEvent(event)) },
  ];
  return dataTable('The first event first', columns, events);
}
