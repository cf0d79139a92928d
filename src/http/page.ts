import { createHash } from 'node:crypto';
import { html, raw } from 'hono/html';
import { tokenOwnerId } from '../core/rule-words.ts';
import type { FindingRow, ReportRow, SourceHealthRow } from '../core/views.ts';

/** No script, no image, no font, nothing from elsewhere; the one style by its digest. */
const STYLE = `:root{color-scheme:light dark;font-family:system-ui,sans-serif}body{margin:2rem auto;max-width:75rem;padding:0 1rem}
table{border-collapse:collapse;width:100%}th,td{border-bottom:1px solid #8885;padding:.3rem .6rem;text-align:left;vertical-align:top}`;
/** In one piece: a formatter that breaks the line would change what the digest is of. */
const STYLE_ELEMENT = raw(`<style>${STYLE}</style>`);
export const CONTENT_SECURITY_POLICY = [
  "default-src 'none'",
  `style-src 'sha256-${createHash('sha256').update(STYLE).digest('base64')}'`,
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ');

export type PageParts = {
  readonly report: ReportRow | undefined;
  readonly sources: readonly SourceHealthRow[];
  readonly findings: readonly FindingRow[];
  readonly more: boolean;
};

/** The findings as one static page. `html` escapes every value; `bdi` keeps a name's writing direction to itself. */
export function renderPage({ report, sources, findings, more }: PageParts) {
  return html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width" />
        <title>Rollcall</title>
        ${STYLE_ELEMENT}
      </head>
      <body>
        <h1>Rollcall</h1>
        <p>${renderStatus(report)}</p>
        <h2>Sources</h2>
        <table>
          <thead>
            <tr>
              <th>Source
              <th>Holds
              <th>Rows
              <th>Last complete
              <th>Breaker
            </tr>
          </thead>
          <tbody>
            ${sources.map(renderSource)}
          </tbody>
        </table>
        <h2>Findings</h2>
        <table>
          <thead>
            <tr>
              <th>Id
              <th>Severity
              <th>Status
              <th>Source
              <th>Rule
              <th>Who
              <th>What
              <th>Since
            </tr>
          </thead>
          <tbody>
            ${findings.map(renderFinding)}
          </tbody>
        </table>
        ${more ? html`<p>There are more: <code>rollcall findings --format csv</code> lists them all.</p>` : ''}
      </body>
    </html> `;
}

function renderStatus(report: ReportRow | undefined): string {
  if (report === undefined) return 'There is no report yet.';
  const withheld =
    report.withheld.length === 0
      ? ''
      : ` Withheld: ${report.withheld.map(({ source, reason }) => `${source} (${reason})`).join(', ')}.`;
  return `Report ${report.id} of ${report.finished_at}: ${report.open} open, ${report.held} held, ${report.waived} waived.${withheld}`;
}

function renderSource(source: SourceHealthRow) {
  return html`<tr>
    <td>${source.source}
    <td>${source.authoritative ? 'identities' : 'accounts'}
    <td>${source.accounts}
    <td>${source.last_complete_at ?? 'never'}${source.stale ? ' (stale)' : ''}
    <td>${source.breaker ?? '-'}
  </tr>`;
}

function renderFinding(finding: FindingRow) {
  const who =
    finding.account_email ??
    finding.account_name ??
    finding.account_id ??
    finding.identity_email ??
    finding.identity_id ??
    tokenOwnerId(finding) ??
    '-';
  return html`<tr>
    <td>${finding.id}
    <td>${finding.severity}
    <td>${finding.status}
    <td>${finding.source}
    <td>${finding.rule}
    <td><bdi>${who}</bdi>
    <td><bdi>${finding.summary}</bdi>
    <td>${finding.first_detected_at}
  </tr>`;
}
