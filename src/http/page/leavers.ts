import { showLeavers, type ShownLeaver } from '../../html/clock.ts';
import type { LiveCount, PageReader } from '../../ports/page.ts';
import { sumOf } from './counts.ts';

const LEAVERS_SHOWN = 10;

/** Those who left first have had access for the longest; what the clock says exactly is asked for these alone. */
export async function loadLeavers(reader: Pick<PageReader, 'firstLeavers' | 'clock'>): Promise<readonly ShownLeaver[]> {
  const findings = await reader.firstLeavers(LEAVERS_SHOWN);
  return showLeavers(findings, await reader.clock(findings.map(({ id }) => id)));
}

export function countLeavers(live: readonly LiveCount[]): number {
  return sumOf(live.filter(({ rule, status }) => rule === 'leaver_account' && status !== 'waived'));
}
