import { early, inactive, leaver, missing, resolved, who, within } from '../findings.ts';
import type { Story } from '../types.ts';
import {
  contractor,
  dateOf,
  directory,
  INACTIVE,
  member,
  nearMiss,
  nimbus,
  on,
  ON_LEAVE,
  PENDING,
  story,
  later,
  UNKNOWN,
} from '../words.ts';

const FINANCE = { department: 'Finance' } as const;
const fin = (key: string, overrides = {}) => directory(key, { ...FINANCE, ...overrides });

/** Accounts that should be there and are not, and accounts that are there too soon: missing_account and early_account. */
export const STARTER_STORIES: readonly Story[] = [...tellMissing(), ...tellEarly()];

/** Nimbus is for Finance and Treasury. */
function tellMissing(): readonly Story[] {
  return [
    story(
      'somebody of Finance without an account in Nimbus, until one is linked; gone again, it is the same finding',
      on(1, [fin('fin-none')], missing('fin-none')),
      on(5, [fin('fin-none'), nimbus('fin-none')], resolved(missing('fin-none'), 'linked')),
      on(10, [fin('fin-none')], missing('fin-none')),
      on(17, [fin('fin-none', INACTIVE)], resolved(missing('fin-none'))),
    ),
    story(
      'nothing is missing before the first day, nor after a move to another department; back there, it is the same finding',
      on(1, [fin('fin-starts', { startDate: dateOf(8) })]),
      later(8, missing('fin-starts')),
      on(15, [fin('fin-starts', { department: 'Legal' })], resolved(missing('fin-starts'))),
      on(18, [fin('fin-starts', { department: 'Treasury' })], missing('fin-starts')),
    ),
    story(
      'somebody who joins while Nimbus is not known has a finding when it is',
      on(11, [fin('fin-waits')]),
      later(13, missing('fin-waits')),
    ),
    story(
      'somebody on leave is current and has started; so has somebody pending of whom no first day is known',
      on(1, [fin('fin-leave', ON_LEAVE), fin('fin-pending', PENDING)], missing('fin-leave'), missing('fin-pending')),
    ),
    story(
      'a contractor of Finance is expected as well',
      on(3, [contractor('fin-contract', FINANCE)], who('c-fin-contract', missing('fin-contract'))),
    ),
    nearMiss(
      'missing_account',
      'of another department or none, not started, pending or not, of unknown status, or who has left',
      on(1, [
        directory('fin-sales', { department: 'Sales' }),
        directory('fin-no-department'),
        fin('fin-pending-later', { ...PENDING, startDate: dateOf(31) }),
        fin('fin-future', { startDate: dateOf(31) }),
        fin('fin-unknown', UNKNOWN),
        fin('fin-left', INACTIVE),
      ]),
    ),
    nearMiss(
      'missing_account',
      'an account that is linked in any way is an account: by an alias, by an employee id, by the list of contractors',
      on(1, [
        fin('fin-alias', { aliases: ['fin.alias@example.com'] }),
        nimbus('fin-alias', { email: 'fin.alias@example.com' }),
        fin('fin-badge', { employeeId: 'F-1' }),
        nimbus('fin-badge', { email: 'fb@private.example', employeeId: 'F-1' }),
        contractor('fin-outside', FINANCE),
        nimbus('fin-outside'),
      ]),
    ),
    nearMiss(
      'missing_account',
      'an inactive account is not missing',
      on(1, [fin('fin-locked'), nimbus('fin-locked', INACTIVE)], within('nimbus', inactive('fin-locked'))),
    ),
  ];
}

function tellEarly(): readonly Story[] {
  return [
    story(
      'an account of somebody pending is early until they are active; pending again, it is the same finding',
      on(1, member('starter', PENDING), early('starter')),
      on(8, member('starter'), resolved(early('starter'))),
      on(13, member('starter', PENDING), early('starter')),
      on(17, [directory('starter', PENDING)], resolved(early('starter'), 'account gone')),
    ),
    story(
      'an account 15 days before the first day is early, 14 days before it is not; a first day that moves on opens it again',
      on(1, member('next-month', { startDate: dateOf(22) }), early('next-month')),
      later(8, resolved(early('next-month'))),
      on(10, member('next-month', { startDate: dateOf(29) }), early('next-month')),
      later(15, resolved(early('next-month'))),
    ),
    story(
      'somebody pending who leaves before the first day is a leaver and not early',
      on(2, member('no-show', PENDING), early('no-show')),
      on(11, member('no-show', INACTIVE), resolved(early('no-show')), leaver('no-show', 11)),
    ),
    nearMiss(
      'early_account',
      'starting in 14 days, today, long ago, or who knows when',
      on(1, [
        ...member('starts-15', { startDate: dateOf(15) }),
        ...member('starts-1', { startDate: dateOf(1) }),
        ...member('started', { startDate: '2019-06-03' }),
        ...member('starts-unread', { startDate: 'soon' }),
      ]),
    ),
    nearMiss(
      'early_account',
      'an account that is inactive or only invited is not too early',
      on(1, [...member('early-closed', PENDING, INACTIVE), ...member('early-invited', PENDING, PENDING)]),
    ),
  ];
}
