import { conflict, disputed, duplicate, inactive, leaver, resolved } from '../findings.ts';
import type { Day, Story, Told } from '../types.ts';
import {
  dateOf,
  directory,
  INACTIVE,
  member,
  nearMiss,
  nimble,
  nimbus,
  on,
  ON_LEAVE,
  PENDING,
  story,
  later,
  UNKNOWN,
} from '../words.ts';
import type { RawRow } from '../../../../src/core/row.ts';

/** Nothing that could differ from the name of the one who answers for it in the end. */
const NO_NAME = { givenName: undefined, familyName: undefined } as const;

const second = (key: string, overrides: Partial<RawRow> = {}): Told =>
  nimble(`${key}-second`, { email: `${key}.second@example.com`, familyName: key, ...overrides });

/** Accounts of known people: inactive_account, duplicate_account, disputed_account and lifecycle_conflict. */
export const ACCOUNT_STORIES: readonly Story[] = [
  ...tellInactive(),
  ...tellDuplicates(),
  ...tellDisputes(),
  ...tellConflicts(),
];

function tellInactive(): readonly Story[] {
  return [
    story(
      'an inactive account of a current person is reported until it is active or gone',
      on(1, member('locked', {}, INACTIVE), inactive('locked')),
      on(7, member('locked'), resolved(inactive('locked'))),
      on(12, member('locked', {}, INACTIVE), inactive('locked')),
      on(17, [directory('locked')], resolved(inactive('locked'), 'account gone')),
    ),
    story(
      'somebody on leave is current too',
      on(1, member('leave-locked', ON_LEAVE, INACTIVE), inactive('leave-locked')),
    ),
    story(
      'an inactive account waits for the first day of its person, and is in order from the last',
      on(1, member('starts-10', { startDate: dateOf(10) }, INACTIVE)),
      later(10, inactive('starts-10')),
      on(20, member('starts-10', INACTIVE, INACTIVE), resolved(inactive('starts-10'))),
    ),
    nearMiss(
      'inactive_account',
      'of somebody pending, not started, who has left, or of unknown status an inactive account is in order',
      on(1, [
        ...member('locked-pending', PENDING, INACTIVE),
        ...member('locked-future', { startDate: dateOf(31) }, INACTIVE),
        ...member('locked-left', { ...INACTIVE, endDate: '2026-11-30' }, INACTIVE),
        ...member('locked-unknown', UNKNOWN, INACTIVE),
      ]),
    ),
    nearMiss(
      'inactive_account',
      'an invitation and an account on leave are not inactive',
      on(1, [...member('is-invited', {}, PENDING), ...member('is-resting', {}, ON_LEAVE)]),
    ),
  ];
}

function tellDuplicates(): readonly Story[] {
  const third = nimble('triple-third', { email: 'triple.third@example.com', familyName: 'triple' });
  return [
    story(
      'two usable accounts of one person are one finding about the person',
      on(1, [person('twin'), nimble('twin'), second('twin')], duplicate('twin')),
      on(
        7,
        [person('twin'), nimble('twin'), second('twin', INACTIVE)],
        resolved(duplicate('twin')),
        inactive('twin', 'twin-second'),
      ),
      on(
        12,
        [person('twin'), nimble('twin'), second('twin')],
        duplicate('twin'),
        resolved(inactive('twin', 'twin-second')),
      ),
      on(17, [person('twin'), nimble('twin')], resolved(duplicate('twin')), resolved(inactive('twin', 'twin-second'))),
    ),
    story(
      'a third account joins the finding, and leaves it',
      on(2, [person('triple'), nimble('triple'), second('triple')], duplicate('triple')),
      on(8, [person('triple'), nimble('triple'), second('triple'), third], duplicate('triple')),
      on(14, [person('triple'), nimble('triple'), second('triple')], duplicate('triple')),
    ),
    story(
      'somebody who has left with two accounts is a finding each, and still one about both',
      on(1, [person('pair'), nimble('pair'), second('pair', UNKNOWN)], duplicate('pair')),
      on(
        10,
        [person('pair', INACTIVE), nimble('pair'), second('pair', UNKNOWN)],
        duplicate('pair'),
        leaver('pair', 10),
        leaver('pair', 10, 'pair-second'),
      ),
    ),
    nearMiss(
      'duplicate_account',
      'one account in each of two applications, or one usable and one invited or on leave',
      on(1, [
        ...member('apart'),
        nimbus('apart'),
        person('half'),
        nimble('half'),
        second('half', PENDING),
        person('other-half'),
        nimble('other-half'),
        second('other-half', ON_LEAVE),
      ]),
    ),
  ];
}

function tellDisputes(): readonly Story[] {
  const alias = ['sales@example.com'];
  return [
    story(
      'two people with one alias dispute the account, while it is usable and until one of them gives way; then the link is sticky',
      on(1, [...sales(alias), nimble('sales', NO_NAME)], disputed('sales')),
      on(
        5,
        [...sales(alias), nimble('sales', { ...NO_NAME, ...INACTIVE })],
        resolved(disputed('sales'), 'access removed'),
      ),
      on(8, [...sales(alias), nimble('sales', NO_NAME)], disputed('sales')),
      on(13, [...sales([]), nimble('sales', NO_NAME)], resolved(disputed('sales'), 'linked')),
      on(18, [...sales(alias), nimble('sales', NO_NAME)], resolved(disputed('sales'), 'linked')),
    ),
    story(
      'two people with one address and different names dispute it, also when one of them has left',
      on(
        1,
        [directory('desk-rita'), otherRow('desk-rita', { givenName: 'Bert', ...INACTIVE }), nimble('desk-rita')],
        disputed('desk-rita'),
      ),
      on(
        14,
        [directory('desk-rita'), otherRow('desk-rita', { givenName: 'Bert', ...INACTIVE })],
        resolved(disputed('desk-rita'), 'account gone'),
      ),
    ),
    story(
      'one address, one name, and both have left: nobody can say which of them',
      on(
        2,
        [directory('gone-twice', INACTIVE), otherRow('gone-twice', INACTIVE), nimble('gone-twice')],
        disputed('gone-twice'),
      ),
      on(
        10,
        [directory('gone-twice', INACTIVE), otherRow('gone-twice', {}), nimble('gone-twice')],
        resolved(disputed('gone-twice'), 'linked'),
      ),
    ),
    nearMiss(
      'disputed_account',
      'a disputed account that is not usable, or is a service account, is no finding',
      on(1, [
        directory('quiet-one', { aliases: ['quiet@example.com', 'quiet-bot@example.com'] }),
        directory('quiet-two', { aliases: ['quiet@example.com', 'quiet-bot@example.com'] }),
        nimble('quiet', INACTIVE),
        nimble('quiet-bot'),
      ]),
    ),
  ];
}

function tellConflicts(): readonly Story[] {
  return [
    story(
      "usable although the account's own end date is past: from the day after, until the date moves or the account is gone",
      on(1, expired(7)),
      later(8, conflict('nimble', 'expired')),
      on(10, expired(60), resolved(conflict('nimble', 'expired'))),
      on(17, expired(15), conflict('nimble', 'expired')),
      on(20, [directory('expired')], resolved(conflict('nimble', 'expired'), 'account gone')),
    ),
    story(
      'a stranger on the directory contradicts itself as well as an account does',
      on(2, [directory('ghost-row', { endDate: '2027-02-28' })], conflict('directory', 'ghost-row')),
      on(7, [], resolved(conflict('directory', 'ghost-row'), 'account gone')),
      on(10, [directory('ghost-row', { endDate: '2027-02-28' })], conflict('directory', 'ghost-row')),
    ),
    nearMiss(
      'lifecycle_conflict',
      'an end date of today, on the last day; inactive, pending or on leave after the end date',
      on(1, [
        ...member('ends-today', {}, { endDate: dateOf(30) }),
        ...member('ended-closed', { ...INACTIVE, endDate: '2027-01-31' }, { ...INACTIVE, endDate: '2027-01-31' }),
        ...member('ended-invited', {}, { ...PENDING, endDate: '2027-01-31' }),
        ...member('ended-resting', {}, { ...ON_LEAVE, endDate: '2027-01-31' }),
      ]),
    ),
  ];
}

/** With the addresses of a second and a third account. */
function person(key: string, overrides: Partial<RawRow> = {}): Told {
  return directory(key, { aliases: [`${key}.second@example.com`, `${key}.third@example.com`], ...overrides });
}

/** Two people of whom the first has the alias, and the second these. */
function sales(two: readonly string[]): readonly Told[] {
  return [directory('sales-one', { aliases: ['sales@example.com'] }), directory('sales-two', { aliases: two })];
}

/** One more row of the directory with the same address. */
function otherRow(key: string, overrides: Partial<RawRow>): Told {
  return directory(key, { externalId: `d-${key}-2`, ...overrides });
}

function expired(day: Day): readonly Told[] {
  return member('expired', {}, { endDate: dateOf(day) });
}
