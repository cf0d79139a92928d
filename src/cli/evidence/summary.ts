import { html, raw } from 'hono/html';
import { counted } from '../../core/alert-plan.ts';
import { forgottenPhrase } from '../../core/forgotten-usable.ts';
import type { Json } from '../../core/case.ts';
import type { EvidenceRow } from '../../ports/evidence.ts';
import type { Manifest, ManifestSource } from './schema.ts';

/** Rows of a table of the summary; the files have all of them. */
const SHOWN_MAX = 500;

type Verdicts = Map<string, Map<string, number>>;

/** What the summary shows, gathered while the rows pass by. */
export class Overview {
  readonly leavers: EvidenceRow[] = [];
  readonly decisions: EvidenceRow[] = [];
  readonly ruleSets: EvidenceRow[] = [];
  readonly seats: EvidenceRow[] = [];
  readonly counts = new Map<string, number>();
  /** By source: how many listings had which verdict, and the last complete one. */
  readonly verdicts: Verdicts = new Map();
  readonly complete = new Map<string, EvidenceRow>();
  breaches = 0;

  see(dataset: string, row: EvidenceRow): void {
    this.counts.set(dataset, (this.counts.get(dataset) ?? 0) + 1);
    if (dataset === 'runs') this.#seeRun(row);
    if (dataset === 'leavers' && row['breach'] === true) this.breaches += 1;
    const { leavers, decisions, ruleSets: rule_sets, seats } = this;
    const shown = { leavers, decisions, rule_sets, seat_cost: seats }[dataset];
    if (shown !== undefined && shown.length < SHOWN_MAX) shown.push(row);
  }

  #seeRun(row: EvidenceRow): void {
    const [source, verdict] = [text(row['source']), text(row['verdict'])];
    const counts = this.verdicts.get(source) ?? new Map<string, number>();
    counts.set(verdict, (counts.get(verdict) ?? 0) + 1);
    this.verdicts.set(source, counts);
    if (row['mode'] === 'full' && verdict === 'complete') this.complete.set(source, row);
  }
}

const STYLE = `
body{font:10pt/1.45 system-ui,sans-serif;max-width:68rem;margin:2rem auto;padding:0 1rem;color:#111}
h1{font-size:17pt;margin:0 0 .3rem}h2{font-size:12.5pt;margin:1.6rem 0 .4rem}
table{border-collapse:collapse;width:100%}th,td{border-bottom:1px solid #aaa;padding:.25rem .5rem;text-align:left;vertical-align:top}
th{font-weight:600}td.n{text-align:right;font-variant-numeric:tabular-nums}code{font-size:8.5pt;overflow-wrap:anywhere}.bad{font-weight:700}
thead{display:table-header-group}tr{break-inside:avoid}h2{break-after:avoid}
@media print{body{margin:0;max-width:none;font-size:9pt}@page{size:A4 landscape;margin:14mm}}`;
const STYLE_ELEMENT = raw(`<style>${STYLE}</style>`);

type Facts = Omit<Manifest, 'files'>;

/** The evidence for somebody who reads it on paper: one file, no script, nothing loaded. */
export async function renderSummary(facts: Facts, overview: Overview): Promise<string> {
  const { period } = facts;
  const page = await html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'" />
        <title>Evidence ${period.from} to ${period.to}</title>
        ${STYLE_ELEMENT}
      </head>
      <body>
        <h1>Evidence of accounts and leavers, ${period.from} to ${period.to}</h1>
        <p>
          Days of ${period.timezone}. Collected ${facts.made_at} by ${facts.made_by} with Rollcall ${facts.rollcall}.
          Every table is whole in a file of its own beside this one (CSV for spreadsheets, NDJSON for programs);
          <code>manifest.json</code> holds their digests, and <code>python3 verify.py .</code> computes them anew.
        </p>
        ${renderSources(facts, overview)} ${renderLeavers(facts, overview)} ${renderSeats(overview)}
        ${renderDecisions(overview)} ${renderRuleSets(overview)}
      </body>
    </html> `;
  return page.toString();
}

function renderSources(facts: Facts, overview: Overview) {
  return html`<h2>Completeness and accuracy of the listings</h2>
    <p>
      A listing counts as complete when every page had the right shape, the pages ended properly, and the total that the
      vendor declares is what arrived. “Proved by” names the complete listing whose digest is that of the roster shown.
    </p>
    <table>
      <thead>
        <tr>
          <th>Source
          <th>Holds
          <th>Listings by verdict
          <th>Last complete: declared / received
          <th>Rows at the start, proved by
          <th>Rows at the end, proved by
        </tr>
      </thead>
      <tbody>
        ${facts.sources.map((source) => renderSource(source, overview))}
      </tbody>
    </table>`;
}

function renderSource(source: ManifestSource, { verdicts, complete }: Overview) {
  const counts = [...(verdicts.get(source.name) ?? [])].map(([verdict, count]) => `${count} ${verdict}`);
  const last = complete.get(source.name);
  const declared = last === undefined ? '-' : `${text(last['declared_total'], 'none')} / ${text(last['distinct_ids'])}`;
  return html`<tr>
    <td>${source.name} (${source.type})
    <td>${source.authoritative ? 'identities' : 'accounts'}
    <td>${counts.join(', ') || 'none'}
    <td>${declared}
    <td>${proved(source.roster_from)}
    <td>${proved(source.roster_to)}
  </tr>`;
}

function proved({ rows, listed_by_run: run }: ManifestSource['roster_to']): string {
  if (run !== null) return `${rows}, run ${run}`;
  return rows === 0 ? 'none known: no listing shows it' : `${rows}, not by one listing alone`;
}

function renderForgotten(seats: readonly EvidenceRow[]): string {
  const rows = seats.map((row) => ({ source: text(row['source']), forgotten_usable: Number(row['forgotten_usable']) }));
  const phrase = forgottenPhrase(rows);
  return phrase === undefined ? '' : `At the export, ${phrase}; nobody knows any more whose they are.`;
}

function renderLeavers({ sla_hours: sla }: Facts, { leavers, seats, breaches, counts }: Overview) {
  const total = counts.get('leavers') ?? 0;
  return html`<h2>Accounts of people who left</h2>
    <p>
      ${counted(counts.get('terminations') ?? 0, 'person', 'people')} left in these days (terminations). ${total} of
      their accounts, or of those who left before, were still usable (leavers); <span class="bad">${breaches}</span> of
      them for longer than ${sla} hours. ${renderForgotten(seats)}
    </p>
    <table>
      <thead>
        <tr>
          <th>Finding
          <th>Source
          <th>Account
          <th>Left on
          <th>Found
          <th>Access removed
          <th>Hours exposed
          <th>Breach
          <th>At the end
        </tr>
      </thead>
      <tbody>
        ${leavers.map(
          (row) =>
            html`<tr>
              <td>${text(row['finding_id'])}
              <td>${text(row['source'])}
              <td><bdi>${text(row['account_email'] ?? row['account_name'] ?? row['account_id'])}</bdi>
              <td>${text(row['left_on'])}
              <td>${text(row['first_detected_at'])}
              <td>${text(row['access_removed_at'])}
              <td class="n">${text(row['hours_exposed'])}
              <td>${row['breach'] === true ? 'breach' : ''}
              <td>${text(row['status_at_end'])}
            </tr>`,
        )}
      </tbody>
    </table>
    ${more(total, leavers.length, 'leavers.csv')}`;
}

function renderSeats({ seats }: Overview) {
  const priced = seats.filter((row) => row['seat_currency'] !== null);
  if (priced.length === 0) return '';
  return html`<h2>Paid for accounts that should not be</h2>
    <p>As it was at the export, at today’s prices.</p>
    <table>
      <thead>
        <tr>
          <th>Source
          <th>Seats
          <th>A month
          <th>Price of a seat
        </tr>
      </thead>
      <tbody>
        ${priced.map(
          (row) =>
            html`<tr>
              <td>${text(row['source'])}
              <td>${text(row['seats_at_risk'])}
              <td>${text(row['seat_cost_at_risk'])} ${text(row['seat_currency'])}
              <td>${text(row['seat_amount'])} ${text(row['seat_currency'])} a ${text(row['seat_per'])}
            </tr>`,
        )}
      </tbody>
    </table>`;
}

function renderDecisions({ decisions, counts }: Overview) {
  return html`<h2>What people decided</h2>
    <table>
      <thead>
        <tr>
          <th>When
          <th>Who
          <th>What
          <th>Of
          <th>Why
        </tr>
      </thead>
      <tbody>
        ${decisions.map(
          (row) =>
            html`<tr>
              <td>${text(row['at'])}
              <td><bdi>${text(row['author'])}</bdi>
              <td>${text(row['action'])}
              <td><bdi>${text(row['subject'])}</bdi>
              <td><bdi>${text(row['reason'])}</bdi>
            </tr>`,
        )}
      </tbody>
    </table>
    ${more(counts.get('decisions') ?? 0, decisions.length, 'decisions.csv')}`;
}

function renderRuleSets({ ruleSets }: Overview) {
  return html`<h2>By what was judged</h2>
    <table>
      <thead>
        <tr>
          <th>Version
          <th>From
          <th>Parameters
        </tr>
      </thead>
      <tbody>
        ${ruleSets.map(
          (row) =>
            html`<tr>
              <td><code>${text(row['digest'])}</code>
              <td>${text(row['first_used_at'])}
              <td><code>${JSON.stringify(row['facts'])}</code>
            </tr>`,
        )}
      </tbody>
    </table>`;
}

function more(total: number, shown: number, file: string) {
  return total > shown ? html`<p>And ${total - shown} more: <code>${file}</code> has all of them.</p>` : '';
}

function text(value: Json | undefined, absent = '-'): string {
  if (value === null || value === undefined) return absent;
  return typeof value === 'string' ? value : JSON.stringify(value);
}
