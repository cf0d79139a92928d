import { conflict, disputed, duplicate, inactive, leaver, orphan, resolved, who, within } from '../findings.ts';
import type { Story } from '../types.ts';
import {
  dateOf,
  directory,
  INACTIVE,
  member,
  namely,
  nearMiss,
  nimble,
  on,
  PENDING,
  story,
  later,
  UNKNOWN,
} from '../words.ts';

/** Namely is authoritative and audited: its rows answer for accounts, and are accounts for the other lists (contract §4). */
export const AUDITED_STORIES: readonly Story[] = [
  story(
    'who has left the directory is a leaver in Namely; to Nimble both lists are one person, who is current until both say no',
    on(1, [...member('hr-left'), namely('hr-left')]),
    on(5, [...member('hr-left', INACTIVE), namely('hr-left')], within('namely', leaver('hr-left', 5))),
    on(
      10,
      [...member('hr-left', INACTIVE), namely('hr-left', INACTIVE)],
      resolved(within('namely', leaver('hr-left', 5)), 'access removed'),
      leaver('hr-left', 10),
    ),
    on(
      14,
      [directory('hr-left', INACTIVE), namely('hr-left', INACTIVE)],
      resolved(within('namely', leaver('hr-left', 5)), 'access removed'),
      resolved(leaver('hr-left', 10), 'account gone'),
    ),
  ),
  story(
    'a stranger in Namely is an orphan there, and answers for an account in Nimble all the same',
    on(1, [namely('hr-stray'), nimble('hr-stray')], within('namely', orphan('hr-stray'))),
    on(8, [namely('hr-stray'), ...member('hr-stray')], resolved(within('namely', orphan('hr-stray')), 'linked')),
    on(13, member('hr-stray'), resolved(within('namely', orphan('hr-stray')), 'linked')),
  ),
  story(
    'a stranger in Namely who leaves is an orphan there no more, and a leaver in Nimble',
    on(1, [namely('hr-temp'), nimble('hr-temp')], within('namely', orphan('hr-temp'))),
    on(
      7,
      [namely('hr-temp', INACTIVE), nimble('hr-temp')],
      resolved(within('namely', orphan('hr-temp')), 'access removed'),
      who('p-hr-temp', leaver('hr-temp', 7)),
    ),
  ),
  story(
    'an inactive profile of somebody whom the directory has as current',
    on(1, [...member('hr-locked'), namely('hr-locked', INACTIVE)], within('namely', inactive('hr-locked'))),
    on(7, [...member('hr-locked'), namely('hr-locked')], resolved(within('namely', inactive('hr-locked')))),
    on(12, [...member('hr-locked'), namely('hr-locked', INACTIVE)], within('namely', inactive('hr-locked'))),
    on(18, member('hr-locked'), resolved(within('namely', inactive('hr-locked')), 'account gone')),
  ),
  story(
    'a profile of unknown status is usable',
    on(1, [namely('hr-limbo', UNKNOWN)], within('namely', orphan('hr-limbo'))),
  ),
  story(
    'active after its own departure date; the directory says that the person is here',
    on(1, [...member('hr-overdue'), namely('hr-overdue', { endDate: '2027-02-20' })], conflict('namely', 'hr-overdue')),
    on(
      8,
      [...member('hr-overdue'), namely('hr-overdue', { endDate: dateOf(15) })],
      resolved(conflict('namely', 'hr-overdue')),
    ),
    // The 16th proves nothing about identities, but this rule reads Namely alone.
    later(16, conflict('namely', 'hr-overdue')),
  ),
  story(
    'two people dispute a profile',
    on(
      1,
      [
        directory('hr-one', { aliases: ['hr-front@example.com'] }),
        directory('hr-two', { aliases: ['hr-front@example.com'] }),
        namely('hr-front'),
      ],
      within('namely', disputed('hr-front')),
    ),
    on(
      11,
      [
        directory('hr-one', { aliases: ['hr-front@example.com'] }),
        directory('hr-two', { aliases: ['hr-front@example.com'] }),
      ],
      resolved(within('namely', disputed('hr-front')), 'account gone'),
    ),
  ),
  story(
    'two profiles of one person',
    on(
      1,
      [
        directory('hr-twin', { aliases: ['hr-twin.old@example.com'] }),
        namely('hr-twin'),
        namely('hr-twin-old', { email: 'hr-twin.old@example.com', familyName: 'hr-twin' }),
      ],
      within('namely', duplicate('hr-twin')),
    ),
  ),
  nearMiss('orphaned_account', 'a pending profile is not usable', on(1, [namely('hr-pending', PENDING)])),
];
