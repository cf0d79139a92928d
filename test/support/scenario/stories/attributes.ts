import { dormant, inactive, leaver, managerLeft, mismatch, orphan, resolved } from '../findings.ts';
import type { RawRow } from '../../../../src/core/row.ts';
import type { Story, Told } from '../types.ts';
import {
  dateOf,
  directory,
  INACTIVE,
  member,
  nearMiss,
  nimble,
  on,
  ON_LEAVE,
  PENDING,
  story,
  later,
} from '../words.ts';

/** What two rows of one person say of them: attribute_mismatch, manager_left and dormant_account. */
export const ATTRIBUTE_STORIES: readonly Story[] = [...tellMismatches(), ...tellManagers(), ...tellDormant()];

function tellMismatches(): readonly Story[] {
  const bosses = [...member('boss-one'), ...member('boss-two')];
  return [
    story(
      'a title that differs, until it is the same; another one that differs is the same finding',
      on(1, member('titled', { title: 'Engineer' }, { title: 'Designer' }), mismatch('titled')),
      on(5, member('titled', { title: 'Engineer' }, { title: 'Engineer' }), resolved(mismatch('titled'))),
      on(12, member('titled', { title: 'Director' }, { title: 'Engineer' }), mismatch('titled')),
      on(19, [directory('titled', { title: 'Director' })], resolved(mismatch('titled'), 'account gone')),
    ),
    story(
      'two fields that differ are one finding, and so is the one that is left',
      on(
        2,
        member('two-fields', { department: 'Sales' }, { department: 'Legal', givenName: 'Bo' }),
        mismatch('two-fields'),
      ),
      on(
        10,
        member('two-fields', { department: 'Sales' }, { department: 'Sales', givenName: 'Bo' }),
        mismatch('two-fields'),
      ),
      on(14, member('two-fields', { department: 'Sales' }, { department: 'Sales' }), resolved(mismatch('two-fields'))),
    ),
    story(
      'another manager than the directory says, by the people whom both ids stand for',
      on(
        1,
        [...bosses, ...member('managed', { managerId: 'd-boss-one' }, { managerId: 'n-boss-two' })],
        mismatch('managed'),
      ),
      on(
        8,
        [...bosses, ...member('managed', { managerId: 'd-boss-one' }, { managerId: 'n-boss-one' })],
        resolved(mismatch('managed')),
      ),
    ),
    nearMiss(
      'attribute_mismatch',
      'case, surrounding space and the normal form of a letter are no difference',
      on(1, [
        ...member(
          'spelled',
          { title: 'Head of Sales', givenName: 'Zo\u00eb' },
          { title: ' head of SALES ', givenName: 'Zoe\u0308' },
        ),
      ]),
    ),
    nearMiss(
      'attribute_mismatch',
      'a field that only one side has; fields that are not compared; and an account that is not linked',
      on(
        1,
        [
          ...member('one-sided', { title: 'Engineer' }, { department: 'Sales' }),
          ...member(
            'not-compared',
            { displayName: 'K', role: 'staff', employeeId: 'A-1', aliases: ['nc@example.com'] },
            { displayName: 'Kim N.', role: 'user', employeeId: 'A-2', email: 'nc@example.com' },
          ),
          directory('unlinked', { title: 'Engineer' }),
          nimble('unlinked', { title: 'Designer', email: 'u@private.example' }),
        ],
        orphan('unlinked'),
      ),
    ),
    nearMiss(
      'attribute_mismatch',
      'the ids of two sources for one manager, and a manager who has no account',
      on(1, [
        ...member('lead'),
        directory('lead-of-none'),
        ...member('led', { managerId: 'd-lead' }, { managerId: 'n-lead' }),
        ...member('led-too', { managerId: 'd-lead-of-none' }),
      ]),
    ),
  ];
}

function tellManagers(): readonly Story[] {
  return [
    story(
      'a manager whose row in the application is inactive; another manager, who is then gone; and then the account is gone',
      on(1, [...member('manager'), ...member('successor'), directory('report'), underManager('manager')]),
      on(
        7,
        [
          ...member('manager', INACTIVE, INACTIVE),
          ...member('successor'),
          directory('report'),
          underManager('manager'),
        ],
        managerLeft('report'),
      ),
      on(
        12,
        [
          ...member('manager', INACTIVE, INACTIVE),
          ...member('successor'),
          directory('report'),
          underManager('successor'),
        ],
        resolved(managerLeft('report')),
      ),
      on(
        18,
        [
          ...member('manager', INACTIVE, INACTIVE),
          directory('successor'),
          directory('report'),
          underManager('successor'),
        ],
        managerLeft('report'),
      ),
      on(
        21,
        [...member('manager', INACTIVE, INACTIVE), directory('successor'), directory('report')],
        resolved(managerLeft('report'), 'account gone'),
      ),
    ),
    story(
      'a manager who has left by the identity list, until they are back',
      on(1, headed()),
      on(8, headed(INACTIVE), managerLeft('under-head')),
      on(13, headed(), resolved(managerLeft('under-head'))),
      on(24, headed({ endDate: dateOf(30) }), resolved(managerLeft('under-head'))),
    ),
    nearMiss(
      'manager_left',
      'a manager on leave, one whose account is only invited, and one whose last day is today, the last one',
      on(1, [
        ...member('chief-leave', ON_LEAVE, ON_LEAVE),
        ...member('under-leave', { managerId: 'd-chief-leave' }, { managerId: 'n-chief-leave' }),
        ...member('chief-invited', {}, PENDING),
        ...member('under-invited', {}, { managerId: 'n-chief-invited' }),
        directory('chief-last', { endDate: dateOf(30) }),
        ...member('under-last', { managerId: 'd-chief-last' }),
      ]),
    ),
    nearMiss(
      'manager_left',
      'the account of somebody whose manager has left is not usable',
      on(
        1,
        [directory('chief-left', INACTIVE), ...member('under-left', { managerId: 'd-chief-left' }, INACTIVE)],
        inactive('under-left'),
      ),
    ),
    nearMiss(
      'manager_left',
      'a manager of whom no list has ever had a row is not known to have left',
      on(1, member('under-nobody', { managerId: 'd-never-was' }, { managerId: 'n-never-was' })),
    ),
  ];
}

/** Dormant is who was not active for more than 45 days. */
function tellDormant(): readonly Story[] {
  // 23:50 of the 21st of January in New York: 45 days later is the 7th of March, by days as by hours.
  const longAgo = { lastActiveAt: '2027-01-22T04:50:00Z' } as const;
  return [
    story(
      'not active for more than 45 days, until active again; and again when the vendor takes that back',
      on(1, member('sleeper', {}, longAgo)),
      later(8, dormant('sleeper')),
      on(12, member('sleeper', {}, since('2027-03-12T15:00:00Z')), resolved(dormant('sleeper'))),
      on(19, member('sleeper', {}, longAgo), dormant('sleeper')),
      on(21, [directory('sleeper')], resolved(dormant('sleeper'), 'account gone')),
    ),
    story(
      'an account of somebody who has left can be dormant too, while it is usable',
      on(2, member('dozer', {}, since('2026-08-01T12:00:00Z')), dormant('dozer')),
      on(7, member('dozer', INACTIVE, since('2026-08-01T12:00:00Z')), dormant('dozer'), leaver('dozer', 7)),
      on(
        10,
        member('dozer', INACTIVE, { ...since('2026-08-01T12:00:00Z'), ...INACTIVE }),
        resolved(dormant('dozer'), 'access removed'),
        resolved(leaver('dozer', 7), 'access removed'),
      ),
    ),
    nearMiss(
      'dormant_account',
      'who is active on day 45, of whom nothing is known, or whose account is not usable',
      on(1, [
        // 23:50 of the 13th of February: 45 days before the 30th of March.
        ...member('awake', {}, since('2027-02-14T04:50:00Z')),
        ...member('nothing-known'),
        ...member('asleep-invited', {}, { ...since('2026-08-01T12:00:00Z'), ...PENDING }),
        ...member('asleep-closed', INACTIVE, { ...since('2026-08-01T12:00:00Z'), ...INACTIVE }),
      ]),
    ),
  ];
}

/** In Nimble, with this manager. */
function underManager(manager: string): Told {
  return nimble('report', { managerId: `n-${manager}` });
}

function headed(head: Partial<RawRow> = {}): readonly Told[] {
  return [directory('head', head), ...member('under-head', { managerId: 'd-head' })];
}

function since(lastActiveAt: string): Partial<RawRow> {
  return { lastActiveAt };
}
