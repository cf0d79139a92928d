import type { FindingRow, WaiverRow } from '../core/views.ts';
import { ABOUT_OWNERS, type Explained } from './explained.ts';
import { RESOLUTION_MEANINGS } from './rule-meanings.ts';
import { renderAge, renderMoment } from './time.ts';

/** Rules that judge by a manager; for the others a manager is a name among many. */
const ABOUT_MANAGERS: readonly string[] = ['manager_left', 'attribute_mismatch'];

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

export function isAboutManagers(rule: string): boolean {
  return ABOUT_MANAGERS.includes(rule);
}

/** Of the records beside the two that are compared. */
export function othersTitle({ finding }: Pick<Explained, 'finding'>): string {
  if (finding.evidence['candidates'] !== undefined) return 'Who could own it';
  if (ABOUT_OWNERS.includes(finding.rule)) return 'Accounts of the owner';
  return finding.account_id === null ? 'Accounts of the same person' : 'Other accounts of the same person';
}

export function waiverState(waiver: WaiverRow): string {
  if (waiver.ended_at === null) return 'in force';
  return `${waiver.ended_because ?? 'ended'} ${renderMoment(waiver.ended_at)}`;
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
