import { conflict, disputed, inactive, leaver, orphan, resolved, within } from '../findings.ts';
import type { Story } from '../types.ts';
import { dateOf, directory, INACTIVE, member, nearMiss, nimble, nimbus, on, story, later, wiki } from '../words.ts';

/**
 * What happens on days whose listings prove nothing, and what a changed configuration does. The troubles themselves are in
 * calendar.ts.
 */
export const WITHHELD_STORIES: readonly Story[] = [
  story(
    'day 4, Nimble is cut: a stranger who is seen counts, but nothing is concluded until the next complete listing',
    on(4, [nimble('stray-cut')]),
    later(5, orphan('stray-cut')),
  ),
  story(
    'day 4, Nimble is cut: who is not seen is not gone',
    on(1, [nimble('unseen')], orphan('unseen')),
    on(4, [], orphan('unseen')),
    on(5, [nimble('unseen')], orphan('unseen')),
  ),
  story(
    'day 4, Nimble is cut, and a leaver in Nimble waits; the same leaver in another application does not',
    on(1, [directory('half-told'), nimble('half-told'), wiki('half-told')]),
    on(
      4,
      [directory('half-told', INACTIVE), nimble('half-told'), wiki('half-told')],
      within('wiki', leaver('half-told', 4)),
    ),
    later(5, within('wiki', leaver('half-told', 4)), leaver('half-told', 4)),
    on(
      8,
      [directory('half-told', INACTIVE), nimble('half-told', INACTIVE)],
      resolved(within('wiki', leaver('half-told', 4)), 'account gone'),
      resolved(leaver('half-told', 4), 'access removed'),
    ),
  ),
  story(
    'day 6, the identity list is empty: a stranger is found when it is whole again',
    on(6, [nimble('stray-empty')]),
    later(7, orphan('stray-empty')),
  ),
  story(
    'day 9, the identity list is stale: whoever joins by it is believed a day later',
    on(8, [nimble('joiner-stale')], orphan('joiner-stale')),
    on(9, member('joiner-stale'), orphan('joiner-stale')),
    later(10, resolved(orphan('joiner-stale'), 'linked')),
  ),
  story(
    'day 9, the identity list is stale: whoever has left by it has a finding a day later, dated to the listing',
    on(1, member('leaver-stale')),
    on(9, member('leaver-stale', INACTIVE)),
    later(10, leaver('leaver-stale', 9)),
  ),
  story(
    'day 9: a rule that reads the application alone goes on while the identity list is stale',
    on(1, member('expires-stale', {}, { endDate: dateOf(8) })),
    later(9, conflict('nimble', 'expires-stale')),
    on(10, member('expires-stale'), resolved(conflict('nimble', 'expires-stale'))),
  ),
  story(
    'day 16, a list of contractors without an id in one row: strangers wait, and so does what is in order again',
    on(15, [nimble('stray-waits')], orphan('stray-waits')),
    on(16, [nimble('stray-waits', INACTIVE)], orphan('stray-waits')),
    later(17, resolved(orphan('stray-waits'), 'access removed')),
  ),
  nearMiss(
    'orphaned_account',
    'a stranger who came and went while the identities were not known was nobody',
    on(16, [nimble('stray-passing'), nimbus('stray-passing')]),
    on(17, []),
  ),
  nearMiss(
    'leaver_account',
    'whoever is inactive only while the identities are not known has not left',
    on(1, member('blink')),
    on(28, member('blink', INACTIVE)),
    on(29, member('blink')),
  ),
  nearMiss(
    'leaver_account',
    'whoever is missing only from a list that is too short, or stale, has not left',
    on(1, member('off-the-page')),
    on(28, [nimble('off-the-page')]),
    on(29, member('off-the-page')),
  ),
  story(
    'days 11 and 12, the breaker of Nimbus is open: what is new waits for its release',
    on(12, [nimbus('stray-breaker')]),
    later(13, within('nimbus', orphan('stray-breaker'))),
  ),
  story(
    'day 20: findings of a rule that is switched off are resolved as that, and open again with it',
    on(
      1,
      [
        directory('desk-one', { aliases: ['desk@example.com'] }),
        directory('desk-two', { aliases: ['desk@example.com'] }),
        nimble('desk'),
      ],
      disputed('desk'),
    ),
    later(20, resolved(disputed('desk'), 'rule disabled')),
    later(21, disputed('desk')),
  ),
  story(
    'days 26 to 28 without the wiki: its findings are resolved as that, and open again when it is back',
    on(
      1,
      [directory('wiki-leaver'), wiki('wiki-leaver'), wiki('wiki-locked', INACTIVE), directory('wiki-locked')],
      within('wiki', inactive('wiki-locked')),
    ),
    on(
      3,
      [
        directory('wiki-leaver', INACTIVE),
        wiki('wiki-leaver'),
        wiki('wiki-locked', INACTIVE),
        directory('wiki-locked'),
      ],
      within('wiki', inactive('wiki-locked')),
      within('wiki', leaver('wiki-leaver', 3)),
    ),
    later(
      26,
      resolved(within('wiki', inactive('wiki-locked')), 'source removed'),
      resolved(within('wiki', leaver('wiki-leaver', 3)), 'source removed'),
    ),
    later(29, within('wiki', inactive('wiki-locked')), within('wiki', leaver('wiki-leaver', 3))),
  ),
];
