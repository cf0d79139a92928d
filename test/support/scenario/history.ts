import { chapterOn } from './scenario.ts';
import { type Day, DAYS, type Expected, type Story, UNSAID } from './types.ts';

/** What becomes of one finding over the month, as the stories expect it. */
export type History = { readonly story: Story; readonly days: readonly (Expected | undefined)[] };

/** One for each finding that the stories name. */
export function historiesOf(stories: readonly Story[]): readonly History[] {
  return stories.flatMap((story) => {
    const names = new Set(story.chapters.flatMap(({ findings }) => findings.map(nameOf)));
    return [...names].map((name) => ({
      story,
      days: DAYS.map((day) => chapterOn(story, day)?.findings.find((each) => nameOf(each) === name)),
    }));
  });
}

/** Each change of a finding from one day to the next, as `open → resolved`; `none` before it is first found. */
export function changesOf({
  days,
}: History): readonly { readonly day: Day; readonly change: string; readonly to: Expected }[] {
  return days.flatMap((to, at) => {
    const from = at === 0 ? undefined : days[at - 1];
    if (to === undefined || (from?.status === to.status && from.severity === to.severity)) return [];
    return [{ day: at + 1, change: `${from?.status ?? 'none'} → ${to.status}`, to }];
  });
}

export function nameOf({ source, rule, account_id, identity_id }: Expected): string {
  const subject = account_id ?? (rule === 'credential_owner_at_risk' ? UNSAID : identity_id);
  return `${source} ${rule} ${subject}`;
}
