import { critical, disputed, orphan, resolved, within } from '../findings.ts';
import type { Story } from '../types.ts';
import {
  contractor,
  directory,
  INACTIVE,
  member,
  nearMiss,
  nimble,
  on,
  ON_LEAVE,
  PENDING,
  story,
  UNKNOWN,
  wiki,
} from '../words.ts';

/** Everything that Slack could take for a mention, a link or formatting. */
const HOSTILE_NAME = '<!channel> *boss* <https://evil.example|click>';

/** Accounts that nobody answers for: contract §6, orphaned_account. */
export const ORPHAN_STORIES: readonly Story[] = [
  story(
    'an account that nobody answers for is an orphan; gone it is resolved, back it is the same finding again',
    on(1, [nimble('stray')], orphan('stray')),
    on(5, [], resolved(orphan('stray'), 'account gone')),
    on(10, [nimble('stray')], orphan('stray')),
  ),
  story(
    'an orphan with a privileged role is critical, whatever the case of the role; without the role it is high again',
    on(2, [nimble('stray-owner', { role: 'OWNER' })], critical(orphan('stray-owner'))),
    on(7, [nimble('stray-owner', { role: 'user' })], orphan('stray-owner')),
  ),
  story(
    'an orphan that is given a privileged role is the same finding with a higher severity',
    on(1, [nimble('climber')], orphan('climber')),
    on(8, [nimble('climber', { role: ' Account Admin ' })], critical(orphan('climber'))),
  ),
  story(
    'an orphan whose access is taken away is resolved as that, and opens again with the access',
    on(2, [nimble('switched')], orphan('switched')),
    on(7, [nimble('switched', INACTIVE)], resolved(orphan('switched'), 'access removed')),
    on(10, [nimble('switched')], orphan('switched')),
    on(13, [nimble('switched', INACTIVE)], resolved(orphan('switched'), 'access removed')),
  ),
  story(
    'an account that was made before its person is on the list is an orphan until then',
    on(2, [nimble('joiner')], orphan('joiner')),
    on(5, member('joiner'), resolved(orphan('joiner'), 'linked')),
  ),
  story(
    'an account is explained by the list of contractors as well as by the directory',
    on(3, [nimble('freelancer')], orphan('freelancer')),
    on(10, [nimble('freelancer'), contractor('freelancer')], resolved(orphan('freelancer'), 'linked')),
  ),
  story(
    'an orphan that two people claim is in dispute and no orphan any more',
    on(1, [nimble('claimed', { familyName: undefined })], orphan('claimed')),
    on(
      5,
      [
        nimble('claimed', { familyName: undefined }),
        directory('claims-one', { aliases: ['claimed@example.com'] }),
        directory('claims-two', { aliases: ['claimed@example.com'] }),
      ],
      resolved(orphan('claimed')),
      disputed('claimed'),
    ),
    on(
      8,
      [
        nimble('claimed', { familyName: undefined }),
        directory('claims-one', { aliases: ['claimed@example.com'] }),
        directory('claims-two'),
      ],
      resolved(orphan('claimed')),
      resolved(disputed('claimed'), 'linked'),
    ),
  ),
  story('a status word that nobody knows is usable', on(1, [nimble('odd-word', UNKNOWN)], orphan('odd-word'))),
  story(
    'what is not known to be a service account is judged as a person',
    on(1, [nimble('no-kind', { kind: 'unknown' })], orphan('no-kind')),
  ),
  story(
    'an account without an e-mail belongs to nobody',
    on(1, [nimble('nameless', { email: '' })], orphan('nameless')),
  ),
  story(
    'an unparsable address is kept and never a key, not even for the same text',
    on(
      1,
      [directory('no-address', { email: 'not an address' }), nimble('no-address', { email: 'not an address' })],
      orphan('no-address'),
    ),
  ),
  story(
    'a new orphan with the admin role and a hostile name is critical',
    on(
      3,
      [nimble('hostile', { role: 'admin', givenName: HOSTILE_NAME, familyName: '@here' })],
      critical(orphan('hostile')),
    ),
  ),
  story(
    'an account that flaps is one finding, opened again each time',
    on(17, [nimble('flapping')], orphan('flapping')),
    on(18, [], resolved(orphan('flapping'), 'account gone')),
    on(19, [nimble('flapping')], orphan('flapping')),
    on(20, [], resolved(orphan('flapping'), 'account gone')),
    on(21, [nimble('flapping')], orphan('flapping')),
    on(22, [], resolved(orphan('flapping'), 'account gone')),
    on(24, [nimble('flapping')], orphan('flapping')),
  ),
  story(
    'each application has its own finding about a stranger',
    on(1, [nimble('stray-twice'), wiki('stray-twice')], orphan('stray-twice'), within('wiki', orphan('stray-twice'))),
    on(
      5,
      [nimble('stray-twice')],
      orphan('stray-twice'),
      resolved(within('wiki', orphan('stray-twice')), 'account gone'),
    ),
  ),
  nearMiss(
    'orphaned_account',
    'an inactive account of nobody is as it should be',
    on(1, [nimble('closed-stray', INACTIVE)]),
  ),
  nearMiss('orphaned_account', 'an account that is only invited is not usable', on(1, [nimble('invited', PENDING)])),
  nearMiss('orphaned_account', 'an account on leave is not usable', on(1, [nimble('resting', ON_LEAVE)])),
  nearMiss(
    'orphaned_account',
    'an identity of any status answers for its account, and so does a person whom only the contractors know',
    on(1, [
      ...member('sabbatical', UNKNOWN),
      ...member('parent', ON_LEAVE),
      nimble('outsider'),
      contractor('outsider'),
    ]),
  ),
];
