import { credential, leaver, orphan, ownerLeft, resolved, unowned, within, who } from '../findings.ts';
import type { RawRow } from '../../../../src/core/row.ts';
import { type Story, type Told, UNSAID } from '../types.ts';
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
  story,
  later,
  UNKNOWN,
} from '../words.ts';

const API_USER = { kind: 'service', givenName: undefined, familyName: undefined } as const;
const robot = (key: string, overrides = {}) => nimble(key, { ...API_USER, kind: 'unknown', ...overrides });

/**
 * Non-human accounts and who answers for them, and whose the tokens are. The entries of `serviceAccounts` and the owners of the tokens
 * are in calendar.ts.
 */
export const SERVICE_STORIES: readonly Story[] = [...tellUnowned(), ...tellOwners(), ...tellCredentials()];

function tellUnowned(): readonly Story[] {
  return [
    story(
      'an API user without an entry is unowned; with one it is in order through the day of its review, and not the day after',
      on(1, [nimbus('sync', API_USER), directory('sync-owner')], within('nimbus', unowned('sync'))),
      later(5, resolved(within('nimbus', unowned('sync')))),
      later(15, within('nimbus', unowned('sync'))),
      later(20, resolved(within('nimbus', unowned('sync')))),
    ),
    story(
      'an owner whom no list knows is none, until the list does',
      on(1, [robot('relic')], unowned('relic')),
      on(10, [robot('relic'), directory('relic-owner')], resolved(unowned('relic'))),
    ),
    story(
      'a service account without an owner that is gone, and back',
      on(1, [nimbus('ftp', { ...API_USER, email: undefined })], within('nimbus', unowned('ftp'))),
      on(8, [], resolved(within('nimbus', unowned('ftp')), 'account gone')),
      on(14, [nimbus('ftp', { ...API_USER, email: undefined })], within('nimbus', unowned('ftp'))),
    ),
    story(
      'an orphan that is listed as a service account is none',
      on(1, [nimble('late-robot'), directory('late-owner')], orphan('late-robot')),
      later(5, resolved(orphan('late-robot'))),
    ),
    nearMiss(
      'service_account_unowned',
      'a listed account whose owner is known by id or by address, with a review that is due today',
      on(1, [robot('by-id'), robot('by-address', { email: 'By-Address@example.com' }), directory('robot-owner')]),
    ),
    nearMiss(
      'orphaned_account',
      'a service account is no orphan, and no leaver either',
      on(1, [robot('of-nobody'), directory('of-nobody-owner')]),
      on(5, [robot('of-nobody'), directory('of-nobody-owner'), directory('of-nobody')]),
      on(10, [robot('of-nobody'), directory('of-nobody-owner'), directory('of-nobody', INACTIVE)]),
    ),
  ];
}

function tellOwners(): readonly Story[] {
  return [
    story(
      'a service account whose owner leaves is a finding until the owner is back, leaves again, or another one answers',
      on(1, [robot('mailer'), directory('keeper'), directory('next-keeper')]),
      on(7, [robot('mailer'), directory('keeper', INACTIVE), directory('next-keeper')], ownerLeft('mailer', 'keeper')),
      on(
        12,
        [robot('mailer'), directory('keeper'), directory('next-keeper')],
        resolved(ownerLeft('mailer', 'keeper'), 'identity current'),
      ),
      on(18, [robot('mailer'), directory('next-keeper')], ownerLeft('mailer', 'keeper')),
      later(21, resolved(ownerLeft('mailer', 'keeper'))),
    ),
    nearMiss(
      'service_account_owner_left',
      'an owner on leave, of unknown status, or whose last day is today, the last one',
      on(1, [
        robot('owned-leave'),
        directory('owner-leave', ON_LEAVE),
        robot('owned-unknown'),
        directory('owner-unknown', UNKNOWN),
        robot('owned-last'),
        directory('owner-last', { endDate: dateOf(30) }),
      ]),
    ),
  ];
}

function tellCredentials(): readonly Story[] {
  return [
    story(
      "the owner of Nimble's token leaves within 14 days, then does not, then has left; a robot's token counts by the robot's owner",
      on(1, [...member('keyholder'), ...robotOwner()]),
      on(10, [...member('keyholder', { endDate: dateOf(27) }), ...robotOwner()]),
      later(13, credential('nimble', 'keyholder')),
      on(15, [...member('keyholder'), ...robotOwner()], resolved(credential('nimble', 'keyholder'))),
      on(
        20,
        [...member('keyholder', INACTIVE), ...robotOwner()],
        credential('nimble', 'keyholder'),
        leaver('keyholder', 20),
      ),
      later(22, resolved(credential('nimble', 'keyholder')), leaver('keyholder', 20)),
      on(
        26,
        [...member('keyholder', INACTIVE), ...robotOwner(INACTIVE)],
        who(UNSAID, credential('nimble', 'bot-keeper')),
        leaver('keyholder', 20),
        ownerLeft('token-bot', 'bot-keeper'),
      ),
    ),
    story(
      "the owner of Namely's token is nobody who is known, then somebody, then taken off the list",
      on(1, [], credential('namely', null)),
      on(8, [directory('hr-admin')], resolved(credential('namely', null))),
      on(19, [], credential('namely', 'hr-admin')),
    ),
    nearMiss(
      'credential_owner_at_risk',
      'whose the token of a SCIM directory is, nobody asks',
      on(1, [directory('wiki-admin')]),
      on(5, [directory('wiki-admin', INACTIVE)]),
    ),
  ];
}

/** A robot with a token, and who answers for it. */
function robotOwner(keeper: Partial<RawRow> = {}): readonly Told[] {
  return [robot('token-bot'), directory('bot-keeper', keeper)];
}
