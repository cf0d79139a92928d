import { counted, ROWS_SHOWN_MAX, type AlertPlan, type AlertSection } from './alert-plan.ts';
import type { Json } from './case.ts';
import { planDigest } from './digest.ts';
import type { BreakerRow, FindingRow, ReportRow } from './views.ts';

// Messages that are not about people: a breaker, withheld conclusions, a recovery.

/**
 * A breaker tripped. Evidence keys: `lost`, `baseline`, `limit` of a source; `found`, `accounts`, `limit` of conclusions. A missing one is left
 * out of the sentence, never guessed.
 */
export function planBreakerTripped(breaker: BreakerRow, losses: readonly string[] = []): AlertPlan {
  const rows = losses.slice(0, ROWS_SHOWN_MAX).map((id) => ({ primary: id, detail: `row of ${breaker.source}` }));
  const more = Math.max(losses.length, numberAt(breaker, 'lost') ?? 0) - rows.length;
  const list = `rollcall breaker show ${breaker.id}`;
  const sections: AlertSection[] = rows.length > 0 ? [{ title: 'Rows concerned', rows, more, list }] : [];
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

/**
 * Credentials (contract §9): those that vendors have begun to refuse, by source and in the vendor's words as we tell them, and findings about
 * those whose owner leaves, has left or is unknown. Nothing where there is neither.
 */
export function planCredential(
  report: Pick<ReportRow, 'id' | 'withheld' | 'verdicts'>,
  news: CredentialNews,
): AlertPlan | undefined {
  const { refused, opened } = news;
  if (refused.length + opened.length === 0) return undefined;
  const owners = planDigest({ reportId: report.id, opened, resolvedCount: 0, withheld: [] });
  const stopped = refused.length > 0 ? report.withheld : [];
  return {
    headline: [
      ...(refused.length > 0
        ? [`${listOf(refused)} ${refused.length === 1 ? 'refuses' : 'refuse'} Rollcall's credential`]
        : []),
      ...(opened.length > 0 ? [owners.headline] : []),
    ].join(', '),
    sections: [...refusedSections(report, refused), ...owners.sections],
    footer: [
      ...stopped.map(({ source, rules }) => `Not judged for ${source}: ${counted(rules.length, 'rule', 'rules')}`),
      ...(stopped.length > 0 ? ['Known findings stay as they are; nobody counts as gone.'] : []),
      `Report ${report.id}`,
    ],
  };
}
type CredentialNews = { readonly refused: readonly string[]; readonly opened: readonly FindingRow[] };

function refusedSections(
  { verdicts }: Pick<ReportRow, 'verdicts'>,
  refused: readonly string[],
): readonly AlertSection[] {
  if (refused.length === 0) return [];
  const rows = refused
    .slice(0, ROWS_SHOWN_MAX)
    .map((source) => ({ primary: source, detail: reasonOf(verdicts[source]) }));
  const action =
    'Make a new token at the vendor and set it under sources, or sign in again with rollcall login NAME; then rollcall doctor says whether it works.';
  const more = refused.length - rows.length;
  return [{ title: 'Credentials that are refused', rows, more, list: 'rollcall doctor', action }];
}

/** Of the listing that failed: the changes read since the last full one, or that one. */
function reasonOf(verdict: Json | undefined): string {
  const { delta, reason } = recordOf(verdict);
  const why = recordOf(delta)['reason'] ?? reason;
  return typeof why === 'string' ? why : 'no reason is known';
}

function recordOf(value: Json | undefined): { readonly [key: string]: Json } {
  return value === null || typeof value !== 'object' || Array.isArray(value)
    ? {}
    : Object.fromEntries(Object.entries(value));
}

/** Sources whose credential was refused, and is not any more. */
export function planAccepted(reportId: number, sources: readonly string[]): AlertPlan {
  return {
    headline: `${listOf(sources)} ${sources.length === 1 ? 'is' : 'are'} read again: the credential is taken`,
    sections: [],
    footer: ['What changed meanwhile is judged with this report.', `Report ${reportId}`],
  };
}

function listOf(names: readonly string[]): string {
  const rest = names.length - ROWS_SHOWN_MAX;
  return `${names.slice(0, ROWS_SHOWN_MAX).join(', ')}${rest > 0 ? ` and ${rest} more` : ''}`;
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
    sections: [
      {
        title: 'Withheld',
        rows: shown,
        more: rows.length - shown.length,
        list: 'rollcall report',
        action: 'Look what is wrong with the list: rollcall doctor',
      },
    ],
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
  return `The list of ${breaker.source} is not believed: ${rows} are gone, inactive, unknown or without an address at once${limitNote(breaker)}`;
}

function limitNote(breaker: BreakerRow): string {
  const limit = numberAt(breaker, 'limit');
  return limit === undefined ? '' : ` (the breaker allows ${limit})`;
}

function consequences({ kind, source }: BreakerRow): readonly string[] {
  if (kind === 'conclusion') return ['They are stored and not announced until a person releases them.'];
  // Other settings are another roster: no listing can show that they are meant.
  if (kind === 'baseline') return [`Nothing is concluded from ${source} until a person releases it.`];
  return [`Nothing is concluded from ${source} until a person releases it or a good list arrives.`];
}

function numberAt({ evidence }: BreakerRow, key: string): number | undefined {
  const value = evidence[key];
  return typeof value === 'number' ? value : undefined;
}
