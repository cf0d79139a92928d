import { isRule } from '../../../src/core/rule.ts';
import { ACCOUNT_STORIES } from './stories/accounts.ts';
import { ATTRIBUTE_STORIES } from './stories/attributes.ts';
import { AUDITED_STORIES } from './stories/audited.ts';
import { BREAKER_STORIES } from './stories/breakers.ts';
import { CORRELATION_STORIES } from './stories/correlation.ts';
import { DECISION_STORIES } from './stories/decisions.ts';
import { LEAVER_STORIES } from './stories/leavers.ts';
import { ORPHAN_STORIES } from './stories/orphans.ts';
import { REUSE_STORIES } from './stories/reuse.ts';
import { SERVICE_STORIES } from './stories/services.ts';
import { STARTER_STORIES } from './stories/starters.ts';
import { WITHHELD_STORIES } from './stories/withheld.ts';
import {
  CONTRACT_RULES,
  type Chapter,
  type Day,
  type Decision,
  type Expected,
  type RuleName,
  type Story,
  type Told,
} from './types.ts';
import { contractor, member, namely, nimble, nimbus, on, story, wiki } from './words.ts';

/** People about whom all agree for the whole month; that so many are there keeps the breakers apart from the stories. */
const CROWD: Story = story('people who work here have accounts', on(1, crowd()));

/**
 * A month of a company with three lists of people and three applications, told as stories: what the sources say from which day on,
 * and every finding there must be, by the contract alone.
 */
export const STORIES: readonly Story[] = [
  CROWD,
  ...ORPHAN_STORIES,
  ...LEAVER_STORIES,
  ...CORRELATION_STORIES,
  ...ACCOUNT_STORIES,
  ...AUDITED_STORIES,
  ...STARTER_STORIES,
  ...ATTRIBUTE_STORIES,
  ...REUSE_STORIES,
  ...SERVICE_STORIES,
  ...WITHHELD_STORIES,
  ...BREAKER_STORIES,
  ...DECISION_STORIES,
];

/** Rules of the contract that the program does not have: what the stories expect of them is left out, and counted. */
export function awaitedRules(): readonly RuleName[] {
  return CONTRACT_RULES.filter((rule) => !isRule(rule));
}

export function isBuilt({ rule }: Pick<Expected, 'rule'>): boolean {
  return isRule(rule);
}

export type DecisionKind = Decision['kind'];

/** Whether the story can be played by a program with these decisions and rules. */
export function isPlayable({ chapters }: Story, decisions: ReadonlySet<DecisionKind>): boolean {
  // What ends a reuse, or what is said of it, decides what other rules say from then on.
  const awaitsReuse = awaitedRules().includes('reused_account');
  const isReuse = chapters.some(({ findings }) => findings.some(({ rule }) => rule === 'reused_account'));
  if (awaitsReuse && isReuse) return false;
  return chapters.every(({ decisions: made = [] }) => made.every(({ kind }) => decisions.has(kind)));
}

/** What the story says of this day. */
export function chapterOn({ chapters }: Story, day: Day): Chapter | undefined {
  return chapters.findLast((each) => each.day <= day);
}

export function rowsOn(stories: readonly Story[], day: Day): readonly Told[] {
  return stories.flatMap(
    ({ chapters }) => chapters.findLast((each) => each.day <= day && each.rows !== undefined)?.rows ?? [],
  );
}

export function findingsOn(stories: readonly Story[], day: Day): readonly Expected[] {
  return stories.flatMap((each) => chapterOn(each, day)?.findings ?? []);
}

export function decisionsOn(stories: readonly Story[], day: Day): readonly Decision[] {
  return stories.flatMap(({ chapters }) => chapters.find((each) => each.day === day)?.decisions ?? []);
}

function crowd(): readonly Told[] {
  const keys = Array.from({ length: 70 }, (_, at) => `crowd-${at + 1}`);
  return [
    ...keys.flatMap((key) => member(key)),
    ...keys.slice(0, 8).map((key) => namely(key)),
    ...keys.slice(4, 12).map((key) => contractor(key)),
    ...keys.slice(8, 14).map((key) => nimbus(key)),
    ...keys.slice(12, 20).map((key) => wiki(key)),
    ...['agent-1', 'agent-2', 'agent-3', 'agent-4'].flatMap((key) => [contractor(key), nimble(key)]),
  ];
}
