import { counted, ROWS_SHOWN_MAX, type AlertPlan, type AlertSection } from './alert-plan.ts';
import type { BreakerRow, ReportRow } from './views.ts';

// Messages that are not about people: a breaker, withheld conclusions, a recovery.

/**
 * A breaker tripped. Evidence keys: `lost`, `baseline`, `limit` of a source; `found`, `accounts`, `limit` of conclusions. A missing one is left
 * out of the sentence, never guessed.
 */
export function planBreakerTripped(breaker: BreakerRow, losses: readonly string[] = []): AlertPlan {
  const rows = losses.slice(0, ROWS_SHOWN_MAX).map((id) => ({ primary: id, detail: `row of ${breaker.source}` }));
  const more = Math.max(losses.length, numberAt(breaker, 'lost') ?? 0) - rows.length;
  const sections: AlertSection[] = rows.length > 0 ? [{ title: 'Rows concerned', rows, more }] : [];
  return {
    headline: breakerHeadline(breaker),
    sections,
    footer: [
      ...consequences(breaker),
      `Look: rollcall breaker show ${breaker.id}`,
      `If it is right: rollcall breaker release ${breaker.id} --reason "…"`,
    ],
  };
}

/** A source was read well again, and nobody had to release its breaker. */
export function planRecovery(breaker: BreakerRow): AlertPlan {
  return {
    headline: `${breaker.source} is read normally again`,
    sections: [],
    footer: [`Breaker ${breaker.id} of ${breaker.tripped_at.slice(0, 10)} is closed; nothing was concluded meanwhile.`],
  };
}

/** Conclusions that a report could not draw, and why. */
export function planWithheld(report: Pick<ReportRow, 'id' | 'withheld'>): AlertPlan {
  const sources = [...new Set(report.withheld.map(({ source }) => source))];
  const rows = report.withheld.map(({ source, rules, reason }) => ({
    primary: source,
    detail: `${reason}; not judged: ${rules.join(', ')}`,
  }));
  const shown = rows.slice(0, ROWS_SHOWN_MAX);
  return {
    headline: `No conclusions for ${sources.join(', ')}: a list could not be relied on`,
    sections: [{ title: 'Withheld', rows: shown, more: rows.length - shown.length }],
    footer: ['Known findings stay as they are until the list can be read again.', `Report ${report.id}`],
  };
}

/** What it has stopped, with its figures. */
export function breakerHeadline(breaker: BreakerRow): string {
  if (breaker.kind === 'source') return lossHeadline(breaker);
  if (breaker.kind === 'baseline') return `${breaker.source} is set up anew: its findings wait for a new first look`;
  const count = numberAt(breaker, 'found');
  const accounts = numberAt(breaker, 'accounts');
  const findings = count === undefined ? 'Too many new findings' : counted(count, 'new finding', 'new findings');
  const among = accounts === undefined ? '' : ` among ${counted(accounts, 'account', 'accounts')}`;
  return `${findings} at once in ${breaker.source}${among} are held${limitNote(breaker)}`;
}

function lossHeadline(breaker: BreakerRow): string {
  const lost = numberAt(breaker, 'lost');
  const baseline = numberAt(breaker, 'baseline');
  const rows = lost === undefined || baseline === undefined ? 'too many rows' : `${lost} of ${baseline} rows`;
  return `The list of ${breaker.source} is not believed: ${rows} are gone, inactive or without an address at once${limitNote(breaker)}`;
}

function limitNote(breaker: BreakerRow): string {
  const limit = numberAt(breaker, 'limit');
  return limit === undefined ? '' : ` (the breaker allows ${limit})`;
}

function consequences({ kind, source }: BreakerRow): readonly string[] {
  if (kind === 'conclusion') return ['They are stored and not announced until a person releases them.'];
  return [`Nothing is concluded from ${source} until a person releases it or a good list arrives.`];
}

function numberAt({ evidence }: BreakerRow, key: string): number | undefined {
  const value = evidence[key];
  return typeof value === 'number' ? value : undefined;
}
