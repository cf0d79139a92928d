import { critical, disputed, leaver, orphan, resolved, waived, within } from '../findings.ts';
import type { Story } from '../types.ts';
import {
  decided,
  directory,
  INACTIVE,
  link,
  member,
  nimble,
  nimbus,
  on,
  story,
  later,
  unwaive,
  waive,
} from '../words.ts';

const CLIENTS: readonly string[] = Array.from({ length: 14 }, (_, at) => `client-${at + 1}`);
const clients = CLIENTS.map((key) => within('nimbus', orphan(key)));

/** Accounts without a name cannot differ from the person whom they are given. */
const NO_NAME = { givenName: undefined, familyName: undefined } as const;

/** What a person decides: waivers and links. */
export const DECISION_STORIES: readonly Story[] = [...tellWaivers(), ...tellLinks()];

function tellWaivers(): readonly Story[] {
  return [
    story(
      'a waiver holds through its last day, and the finding is open again the day after',
      on(1, [nimble('waived')], orphan('waived')),
      decided(5, [waive(orphan('waived'), 12)], waived(orphan('waived'))),
      later(13, orphan('waived')),
    ),
    story(
      'the last day of a waiver ends in the time of the company, also when its clocks go forward on it',
      on(1, [nimble('waived-dst')], orphan('waived-dst')),
      decided(5, [waive(orphan('waived-dst'), 14)], waived(orphan('waived-dst'))),
      later(15, orphan('waived-dst')),
    ),
    story(
      'a waiver ends when the severity rises',
      on(1, [nimble('waived-rise')], orphan('waived-rise')),
      decided(5, [waive(orphan('waived-rise'), 60)], waived(orphan('waived-rise'))),
      on(10, [nimble('waived-rise', { role: 'admin' })], critical(orphan('waived-rise'))),
    ),
    story(
      'a waived finding that resolves and returns before the waiver ends is waived again',
      on(1, [nimble('waived-back')], orphan('waived-back')),
      decided(5, [waive(orphan('waived-back'), 20)], waived(orphan('waived-back'))),
      on(8, [], resolved(orphan('waived-back'), 'account gone')),
      on(11, [nimble('waived-back')], waived(orphan('waived-back'))),
      later(21, orphan('waived-back')),
    ),
    story(
      'a waived finding that returns after the waiver has ended is open',
      on(1, [nimble('waived-late')], orphan('waived-late')),
      decided(5, [waive(orphan('waived-late'), 10)], waived(orphan('waived-late'))),
      on(8, [], resolved(orphan('waived-late'), 'account gone')),
      on(13, [nimble('waived-late')], orphan('waived-late')),
    ),
    story(
      'a waiver that is taken back',
      on(1, [nimble('unwaived')], orphan('unwaived')),
      decided(5, [waive(orphan('unwaived'), 60)], waived(orphan('unwaived'))),
      decided(10, [unwaive(orphan('unwaived'))], orphan('unwaived')),
    ),
    story(
      'waivers of many findings end on one day, and no breaker counts them',
      on(
        1,
        CLIENTS.map((key) => nimbus(key)),
        ...clients,
      ),
      decided(
        2,
        clients.map((each) => waive(each, 13)),
        ...clients.map((each) => waived(each)),
      ),
      later(14, ...clients),
    ),
    story(
      'a waiver of a leaver ends when the account is found to be of somebody else who has left',
      on(1, [...member('waived-whose', {}, NO_NAME), directory('waived-other')]),
      on(3, [...member('waived-whose', INACTIVE, NO_NAME), directory('waived-other')], leaver('waived-whose', 3)),
      decided(5, [waive(leaver('waived-whose', 3), 60)], waived(leaver('waived-whose', 3))),
      on(
        10,
        [...member('waived-whose', INACTIVE, NO_NAME), directory('waived-other', INACTIVE)],
        waived(leaver('waived-whose', 3)),
      ),
      decided(13, [link('add', 'waived-whose', 'd-waived-other')], leaver('waived-other', 10, 'waived-whose')),
    ),
  ];
}

function tellLinks(): readonly Story[] {
  return [
    story(
      'a person says whose an orphan is; when that one leaves it is a leaver, and when the link is cleared an orphan again',
      on(1, [nimble('pinned', NO_NAME), directory('pins')], orphan('pinned')),
      decided(5, [link('add', 'pinned', 'd-pins')], resolved(orphan('pinned'), 'linked')),
      on(
        10,
        [nimble('pinned', NO_NAME), directory('pins', INACTIVE)],
        resolved(orphan('pinned'), 'linked'),
        leaver('pins', 10, 'pinned'),
      ),
      decided(13, [link('clear', 'pinned', 'd-pins')], orphan('pinned'), resolved(leaver('pins', 10, 'pinned'))),
    ),
    story(
      'a pair that a person denies is never linked by any rule, until that is cleared',
      on(1, member('denied')),
      decided(7, [link('deny', 'denied', 'd-denied')], orphan('denied')),
      decided(12, [link('clear', 'denied', 'd-denied')], resolved(orphan('denied'), 'linked')),
    ),
    story(
      'a person ends a dispute by saying whose the account is',
      on(1, [...candidates('vote'), nimble('vote', NO_NAME)], disputed('vote')),
      decided(7, [link('add', 'vote', 'd-vote-two')], resolved(disputed('vote'), 'linked')),
      on(
        13,
        [...candidates('vote', INACTIVE), nimble('vote', NO_NAME)],
        resolved(disputed('vote'), 'linked'),
        leaver('vote-two', 13, 'vote'),
      ),
    ),
    story(
      'a person ends a dispute by saying whose it is not',
      on(1, [...candidates('veto'), nimble('veto', NO_NAME)], disputed('veto')),
      decided(7, [link('deny', 'veto', 'd-veto-one')], resolved(disputed('veto'), 'linked')),
      on(
        13,
        [...candidates('veto', INACTIVE), nimble('veto', NO_NAME)],
        resolved(disputed('veto'), 'linked'),
        leaver('veto-two', 13, 'veto'),
      ),
    ),
    story(
      'what a person pinned outranks the address, a current identity and the link from before',
      on(1, [...member('outranked', {}, NO_NAME), directory('outranks', INACTIVE)]),
      decided(7, [link('add', 'outranked', 'd-outranks')], leaver('outranks', 1, 'outranked')),
      decided(12, [link('clear', 'outranked', 'd-outranks')], resolved(leaver('outranks', 1, 'outranked'))),
    ),
  ];
}

function candidates(key: string, two: object = {}): readonly ReturnType<typeof directory>[] {
  const aliases = [`${key}@example.com`];
  return [directory(`${key}-one`, { aliases }), directory(`${key}-two`, { aliases, ...two })];
}
