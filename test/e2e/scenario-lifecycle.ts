import type { PlainDate } from '../../src/core/row.ts';
import type { Story } from './scenario-types.ts';
import {
  conflict,
  early,
  identity,
  inNamely,
  leaver,
  managerLeft,
  member,
  namely,
  nimble,
  quiet,
  resolved,
  scene,
} from './scenario-words.ts';

type Day = (days: number) => PlainDate;

/** Who is current, who has left and who has not started: the definitions of contract §6, on both sides of each border. */
export function tellLifecycle(day: Day): readonly Story[] {
  return [...tellLeavers(day), ...tellStayers(day), ...tellConflicts(day)];
}

function tellLeavers(day: Day): readonly Story[] {
  return [
    {
      holds: 'an end date of yesterday makes a leaver; the list that still says active contradicts itself',
      first: scene(
        [member('ended.yesterday', { endDate: day(-1) })],
        leaver('ended.yesterday'),
        conflict('ended.yesterday', 'directory'),
      ),
    },
    {
      holds: 'inactive with an end date long past is a leaver, and no contradiction',
      first: scene([member('ended.long', { status: 'inactive', endDate: day(-90) })], leaver('ended.long')),
    },
    {
      holds: 'inactive without a date is a leaver at once; current again, the finding ends',
      first: scene([member('on.and.off', { status: 'inactive' })], leaver('on.and.off')),
      later: scene([member('on.and.off')], resolved(leaver('on.and.off'), 'identity current')),
    },
    {
      holds: 'inactive is a leaver at once, whatever future end date is written',
      first: scene([member('left.early', { status: 'inactive', endDate: day(20) })], leaver('left.early')),
    },
    {
      holds: 'a leaver with a privileged role is critical',
      first: scene([member('chief', { status: 'inactive' }, { role: 'Account Admin' })], leaver('chief', 'critical')),
    },
    {
      holds: 'access taken away ends the finding, access given back opens the same one again',
      first: scene([member('revenant', { status: 'inactive' })], leaver('revenant')),
      later: scene(
        [member('revenant', { status: 'inactive' }, { active: false })],
        resolved(leaver('revenant'), 'access removed'),
      ),
      last: scene([member('revenant', { status: 'inactive' }, { active: true })], leaver('revenant')),
    },
    {
      holds: 'a leaver is one finding in each application',
      first: scene(
        [{ ...member('both.apps', { status: 'inactive' }), namely: [namely('both.apps')] }],
        leaver('both.apps'),
        inNamely(leaver('both.apps'), 'both.apps'),
      ),
    },
  ];
}

function tellStayers(day: Day): readonly Story[] {
  return [
    {
      holds: 'an end date of today is current until midnight',
      first: quiet(member('ends.today', { endDate: day(0) })),
    },
    {
      holds: 'a leaver who is only scheduled has not left',
      first: quiet(member('ends.soon', { endDate: day(5) })),
    },
    { holds: 'on leave is current', first: quiet(member('on.leave', { status: 'on_leave' })) },
    {
      holds: 'a pending identity with an account is no orphan, but early, however near the start is',
      first: scene([member('starter', { status: 'pending', startDate: day(7) })], early('starter')),
    },
    {
      holds: 'an account may be there two weeks before its person, and no longer',
      first: scene(
        [member('in.two.weeks', { startDate: day(14) }), member('in.fifteen.days', { startDate: day(15) })],
        early('in.fifteen.days'),
      ),
    },
    {
      holds:
        'a manager who has left is said of the accounts of those who still have him as theirs; one who was never seen is not',
      first: scene(
        [
          { identity: identity('boss', { status: 'inactive' }) },
          member('reports', { managerId: 'd-boss' }),
          member('reports.locked', { managerId: 'd-boss', status: 'inactive' }, { active: false }),
          member('reports.to.nobody', { managerId: 'd-nobody' }),
          member('top', { managerId: 'd-top' }),
        ],
        managerLeft('reports', 'boss'),
      ),
      later: scene(
        [
          { identity: identity('boss') },
          member('reports', { managerId: 'd-boss' }),
          member('reports.locked', { managerId: 'd-boss', status: 'inactive' }, { active: false }),
          member('reports.to.nobody', { managerId: 'd-nobody' }),
          member('top', { managerId: 'd-top' }),
        ],
        resolved(managerLeft('reports', 'boss'), 'identity current'),
      ),
    },
    {
      holds: 'an inactive account of a pending identity is as it should be',
      first: quiet(member('starter.locked', { status: 'pending' }, { active: false })),
    },
    {
      holds: 'an inactive account of somebody who has not started is as it should be',
      first: quiet(member('starts.later', { startDate: day(10) }, { active: false })),
    },
    {
      holds: 'an inactive account of somebody who has left is as it should be',
      first: quiet(member('closed', { status: 'inactive', endDate: day(-40) }, { active: false })),
    },
    {
      holds: 'an invitation to somebody who has left is not usable',
      first: quiet(member('uninvited', { status: 'inactive' }, { pending: true })),
    },
    {
      holds: 'an identity of unknown status is neither current nor left',
      first: quiet(
        member('sabbatical', { status: 'sabbatical' }),
        member('sabbatical.locked', { status: 'sabbatical' }, { active: false }),
      ),
    },
    {
      holds: 'a row without a status is active',
      first: quiet({ identity: identity('plain', { status: undefined }), nimble: [nimble('plain')] }),
    },
  ];
}

function tellConflicts(day: Day): readonly Story[] {
  return [
    {
      holds: 'active in Namely after its own departure date is a contradiction',
      first: scene(
        [{ identity: identity('overdue'), namely: [namely('overdue', { departureDate: day(-10) })] }],
        conflict('overdue', 'namely'),
      ),
    },
    {
      holds: 'a departure date of today is not past',
      first: quiet({
        identity: identity('departs.today'),
        namely: [namely('departs.today', { departureDate: day(0) })],
      }),
    },
    {
      holds: 'inactive after the departure date is how it should be',
      first: quiet({
        identity: identity('departed', { status: 'inactive', endDate: day(-10) }),
        namely: [namely('departed', { status: 'inactive', departureDate: day(-10) })],
      }),
    },
    {
      holds: 'pending in Namely after its departure date is not usable',
      first: quiet({
        identity: identity('never.came', { status: 'pending' }),
        namely: [namely('never.came', { status: 'pending', departureDate: day(-10) })],
      }),
    },
  ];
}
