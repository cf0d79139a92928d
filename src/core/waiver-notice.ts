import { counted, ROWS_SHOWN_MAX, type AlertSection } from './alert-plan.ts';
import { compareText } from './identity.ts';
import { RULE_WORDS } from './rule-words.ts';
import { subjectLabel } from './subject-label.ts';
import type { WaiverNews } from './views.ts';

const TITLES = {
  ended: 'Waivers that are over: these findings are open again',
  ending: 'Waivers that end within a week',
} as const;

const ACTIONS = {
  ended: 'Remove the cause, or waive it again: rollcall waive ID --until DATE --reason TEXT.',
  ending: 'Remove the cause before that day, or waive it anew: rollcall waive ID --until DATE --reason TEXT.',
} as const;

/** Contract §6: who waived what, until when and why; those that are over first. */
export function waiverSections(waivers: readonly WaiverNews[]): readonly AlertSection[] {
  return (['ended', 'ending'] as const).flatMap((news) => {
    const ofThese = waivers.filter((each) => each.news === news).toSorted(byDay);
    if (ofThese.length === 0) return [];
    const rows = ofThese.slice(0, ROWS_SHOWN_MAX).map(toRow);
    return [{ title: TITLES[news], rows, more: ofThese.length - rows.length, action: ACTIONS[news] }];
  });
}

/** Parts of a headline. */
export function waiverPhrases(waivers: readonly WaiverNews[]): readonly string[] {
  const [ended, ending] = (['ended', 'ending'] as const).map(
    (news) => waivers.filter((each) => each.news === news).length,
  );
  return [
    ...(ended === undefined || ended === 0 ? [] : [counted(ended, 'waiver is over', 'waivers are over')]),
    ...(ending === undefined || ending === 0
      ? []
      : [counted(ending, 'waiver ends within a week', 'waivers end within a week')]),
  ];
}

function toRow({ finding, waiver }: WaiverNews) {
  const { source, rule, id } = finding;
  const why = `${source}: ${RULE_WORDS[rule].why(finding)}`;
  return {
    primary: subjectLabel(finding),
    detail: `${why}; waived until ${waiver.until} by ${waiver.author}: ${waiver.reason}`,
    look: `rollcall explain ${id}`,
  };
}

function byDay(a: WaiverNews, b: WaiverNews): number {
  return compareText(a.waiver.until, b.waiver.until) || a.finding.id - b.finding.id;
}
