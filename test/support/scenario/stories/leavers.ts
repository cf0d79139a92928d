import { conflict, critical, early, leaver, resolved, who, within } from '../findings.ts';
import type { Story } from '../types.ts';
import {
  contractor,
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

const APRIL = dateOf(60);

/** Who has left, from which day on, and until when: contract §6, leaver_account. Grace is 0 days, from day 22 on one. */
export const LEAVER_STORIES: readonly Story[] = [
  ...tellEndDates(),
  ...tellStatuses(),
  ...tellGrace(),
  ...tellStayers(),
];

function tellEndDates(): readonly Story[] {
  return [
    story(
      'current on the end date until midnight, a leaver from the day after; the list that still says active contradicts itself',
      on(1, member('ends-12', { endDate: dateOf(12) })),
      later(13, leaver('ends-12', 12), conflict('directory', 'ends-12')),
      on(
        17,
        member('ends-12', { endDate: dateOf(12), ...INACTIVE }),
        leaver('ends-12', 12),
        resolved(conflict('directory', 'ends-12')),
      ),
      on(
        20,
        member('ends-12', { endDate: dateOf(12), ...INACTIVE }, INACTIVE),
        resolved(leaver('ends-12', 12), 'access removed'),
        resolved(conflict('directory', 'ends-12')),
      ),
    ),
    story(
      'the night before the clocks go forward: 23:30 on the 13th is the 14th in UTC, and not past here',
      on(1, member('ends-13', { endDate: dateOf(13) })),
      later(14, leaver('ends-13', 13), conflict('directory', 'ends-13')),
    ),
    story(
      'the day on which the clocks go forward has 23 hours: 00:30 on the 15th is 23:30 on the 14th by the winter offset, and past here',
      on(1, member('ends-14', { endDate: dateOf(14) })),
      later(15, leaver('ends-14', 14), conflict('directory', 'ends-14')),
    ),
    story(
      'a departure that is withdrawn ends the finding, and one that is due after all opens the same one again',
      on(1, member('withdrawn', { endDate: dateOf(10) })),
      later(11, leaver('withdrawn', 10), conflict('directory', 'withdrawn')),
      on(
        15,
        member('withdrawn', { endDate: APRIL }),
        resolved(leaver('withdrawn', 10), 'identity current'),
        resolved(conflict('directory', 'withdrawn')),
      ),
      on(19, member('withdrawn', { endDate: dateOf(18) }), leaver('withdrawn', 18), conflict('directory', 'withdrawn')),
    ),
    story(
      'a contract that ends, and is extended',
      on(1, [contractor('contract', { endDate: dateOf(17) }), nimble('contract')]),
      later(18, who('c-contract', leaver('contract', 17)), conflict('contractors', 'contract')),
      on(
        20,
        [contractor('contract', { endDate: APRIL }), nimble('contract')],
        resolved(who('c-contract', leaver('contract', 17)), 'identity current'),
        resolved(conflict('contractors', 'contract')),
      ),
    ),
    story(
      'on two lists a person is current while any of them says so; the directory names the identity',
      on(1, [...member('two-lists'), contractor('two-lists')]),
      on(5, [...member('two-lists', INACTIVE), contractor('two-lists')]),
      on(13, member('two-lists', INACTIVE), leaver('two-lists', 13)),
      on(
        17,
        [...member('two-lists', INACTIVE), contractor('two-lists')],
        resolved(leaver('two-lists', 13), 'identity current'),
      ),
    ),
  ];
}

function tellStatuses(): readonly Story[] {
  return [
    story(
      'inactive without a date is a leaver at once; current again, the finding ends; inactive again, it is the same one',
      on(1, member('on-off')),
      on(3, member('on-off', INACTIVE), leaver('on-off', 3)),
      on(8, member('on-off'), resolved(leaver('on-off', 3), 'identity current')),
      on(14, member('on-off', INACTIVE), leaver('on-off', 14)),
    ),
    story(
      'inactive is a leaver at once, whatever future end date is written, and the day stays the one on which it was seen',
      on(1, member('early-out', { endDate: dateOf(25) })),
      on(5, member('early-out', { endDate: dateOf(25), ...INACTIVE }), leaver('early-out', 5)),
    ),
    story(
      'a leaver with a privileged role is critical, and high without the role',
      on(1, member('chief', {}, { role: 'Admin' })),
      on(2, member('chief', INACTIVE, { role: 'Admin' }), critical(leaver('chief', 2))),
      on(10, member('chief', INACTIVE, { role: 'user' }), leaver('chief', 2)),
    ),
    story(
      'an identity that a complete list no longer has makes a leaver, not an orphan; back on the list it is current',
      on(1, member('vanished')),
      on(7, [nimble('vanished')], leaver('vanished', 7)),
      on(11, member('vanished'), resolved(leaver('vanished', 7), 'identity current')),
    ),
    story(
      'a leaver is one finding in each application, and each ends in its own way',
      on(1, [...member('both'), nimbus('both')]),
      on(8, [...member('both', INACTIVE), nimbus('both')], leaver('both', 8), within('nimbus', leaver('both', 8))),
      on(
        14,
        member('both', INACTIVE),
        leaver('both', 8),
        resolved(within('nimbus', leaver('both', 8)), 'account gone'),
      ),
      on(
        15,
        member('both', INACTIVE, INACTIVE),
        resolved(leaver('both', 8), 'access removed'),
        resolved(within('nimbus', leaver('both', 8)), 'account gone'),
      ),
    ),
    story(
      'while the status of an identity is unknown, nothing that depends on it opens or resolves',
      on(1, member('limbo')),
      on(3, member('limbo', INACTIVE), leaver('limbo', 3)),
      on(8, member('limbo', UNKNOWN), leaver('limbo', 3)),
      on(12, member('limbo'), resolved(leaver('limbo', 3), 'identity current')),
      on(17, member('limbo', UNKNOWN), resolved(leaver('limbo', 3), 'identity current')),
    ),
    story(
      'an account of unknown status is usable',
      on(1, member('odd-leaver', {}, UNKNOWN)),
      on(2, member('odd-leaver', INACTIVE, UNKNOWN), leaver('odd-leaver', 2)),
    ),
  ];
}

function tellGrace(): readonly Story[] {
  return [
    story(
      'with one day of grace, whoever is inactive has a finding the day after',
      on(1, member('grace-status')),
      on(26, member('grace-status', INACTIVE)),
      later(27, leaver('grace-status', 26)),
    ),
    story(
      'with one day of grace, an end date is due two days later; the contradiction has no grace',
      on(1, member('grace-date', { endDate: dateOf(25) })),
      later(26, conflict('directory', 'grace-date')),
      later(27, leaver('grace-date', 25), conflict('directory', 'grace-date')),
    ),
    nearMiss(
      'leaver_account',
      'an account that is closed within the days of grace',
      on(1, member('grace-kept')),
      on(26, member('grace-kept', INACTIVE)),
      on(27, member('grace-kept', INACTIVE, INACTIVE)),
    ),
  ];
}

function tellStayers(): readonly Story[] {
  return [
    nearMiss(
      'leaver_account',
      'an end date of today, on the last day',
      on(1, member('ends-30', { endDate: dateOf(30) })),
    ),
    nearMiss('leaver_account', 'a leaver who is only scheduled', on(1, member('ends-soon', { endDate: APRIL }))),
    nearMiss('leaver_account', 'on leave is current', on(1, member('on-leave', ON_LEAVE))),
    nearMiss(
      'leaver_account',
      'a pending identity has not left; nor is its account an orphan',
      on(1, member('pending-one', PENDING), early('pending-one')),
    ),
    nearMiss(
      'leaver_account',
      'an invitation, an inactive account and an account on leave of somebody who has left are not usable',
      on(1, [
        ...member('uninvited', INACTIVE, PENDING),
        ...member('off-boarded', INACTIVE, INACTIVE),
        ...member('left-on-leave', INACTIVE, ON_LEAVE),
      ]),
    ),
    nearMiss(
      'leaver_account',
      'inactive on one list and current on the other has not left',
      on(1, [directory('half-left', INACTIVE), contractor('half-left'), nimble('half-left')]),
    ),
    nearMiss(
      'leaver_account',
      'an identity of unknown status, whose end date is not past, is neither current nor left',
      on(1, member('unknown-soon', { ...UNKNOWN, endDate: dateOf(30) })),
    ),
  ];
}
