import { duplicate, leaver, orphan, resolved, reused, who } from '../findings.ts';
import type { RawRow } from '../../../../src/core/row.ts';
import { type Story, type Told, UNSAID } from '../types.ts';
import { decided, directory, INACTIVE, link, member, nearMiss, nimble, on, story } from '../words.ts';

const by = (givenName: string, name: string) => ({ givenName, familyName: name, email: `${name}@example.com` });

/** An id that is somebody else now: contract §6, reused_account. */
export const REUSE_STORIES: readonly Story[] = [...tellReuse(), ...tellDecisions(), ...tellChanges()];

function tellReuse(): readonly Story[] {
  return [
    story(
      'the same id, another address and another given name: somebody else, judged by no other rule; the third one is again',
      on(1, member('seat', by('Ada', 'ada'), by('Ada', 'ada'))),
      on(7, [directory('seat', by('Ada', 'ada')), nimble('seat', by('Zoe', 'newcomer'))], reused('seat')),
      on(11, [directory('seat', by('Ada', 'ada'))], resolved(reused('seat'), 'account gone')),
      on(14, [directory('seat', by('Ada', 'ada')), nimble('seat', by('Max', 'third'))], reused('seat')),
    ),
    story(
      'the link is dropped: that the person before leaves is no finding about the person now',
      on(1, member('inherited', by('Ada', 'ada-2'), by('Ada', 'ada-2'))),
      on(8, [directory('inherited', by('Ada', 'ada-2')), nimble('inherited', by('Zoe', 'zoe-2'))], reused('inherited')),
      on(
        13,
        [directory('inherited', { ...by('Ada', 'ada-2'), ...INACTIVE }), nimble('inherited', by('Zoe', 'zoe-2'))],
        reused('inherited'),
      ),
    ),
    story(
      'a row of an authoritative list is reused as an account is',
      on(1, [directory('number', by('Ada', 'ada-3'))]),
      on(8, [directory('number', by('Zoe', 'zoe-3'))], {
        ...reused('number'),
        source: 'directory',
        account_id: 'd-number',
        identity_id: UNSAID,
      }),
      on(15, [], {
        ...resolved(reused('number'), 'account gone'),
        source: 'directory',
        account_id: 'd-number',
        identity_id: UNSAID,
      }),
    ),
    story(
      'an address that moved to another id while the old row is there: the row that has it now, and its other rules go on',
      on(1, member('moved')),
      on(
        8,
        [
          directory('moved'),
          nimble('moved', { email: 'moved.old@example.com' }),
          nimble('moved-now', { email: 'moved@example.com', familyName: 'moved' }),
        ],
        reused('moved-now'),
        duplicate('moved'),
      ),
    ),
  ];
}

function tellDecisions(): readonly Story[] {
  return [
    story(
      'a person says whose the account is now; from then on that one leaves or stays',
      on(1, [...rows('desk-a'), before('desk-a')]),
      on(7, [...rows('desk-a'), after('desk-a')], reused('desk-a')),
      decided(10, [link('add', 'desk-a', 'd-desk-a-new')], resolved(reused('desk-a'), 'linked')),
      on(
        17,
        [...rows('desk-a', {}, INACTIVE), after('desk-a')],
        resolved(reused('desk-a'), 'linked'),
        leaver('desk-a-new', 17, 'desk-a'),
      ),
    ),
    story(
      'a person says whose it is not any more: the rules judge it again',
      on(1, [directory('desk-b-old', { givenName: 'Ada' }), before('desk-b')]),
      on(8, [directory('desk-b-old', { givenName: 'Ada' }), after('desk-b')], reused('desk-b')),
      decided(12, [link('deny', 'desk-b', 'd-desk-b-old')], resolved(reused('desk-b')), orphan('desk-b')),
    ),
    story(
      'a person clears it: the account is linked by its address',
      on(1, [...rows('desk-c'), before('desk-c')]),
      on(8, [...rows('desk-c'), after('desk-c')], reused('desk-c')),
      decided(13, [link('clear', 'desk-c', 'd-desk-c-old')], resolved(reused('desk-c'))),
      on(18, [...rows('desk-c', INACTIVE), after('desk-c')], resolved(reused('desk-c'))),
      on(
        20,
        [...rows('desk-c', INACTIVE, INACTIVE), after('desk-c')],
        resolved(reused('desk-c')),
        who('d-desk-c-new', leaver('desk-c', 20)),
      ),
    ),
  ];
}

function tellChanges(): readonly Story[] {
  const mary = { givenName: 'Mary', familyName: undefined } as const;
  const changing = (key: string, now: object) => [
    on(1, [directory(key, mary), nimble(key, mary)]),
    on(10, [directory(key, mary), nimble(key, { ...mary, ...now })]),
  ];
  return [
    nearMiss(
      'reused_account',
      'jane.doe → jane.smith, by address and family name',
      ...changing('wed', by('Mary', 'wed-2')),
    ),
    nearMiss(
      'reused_account',
      'another address and a given name that differs by case and accents alone',
      on(1, member('folded', { givenName: undefined }, { givenName: 'Ren\u00e9e' })),
      on(10, member('folded', { givenName: undefined }, { givenName: 'RENEE', email: 'folded-2@example.com' })),
    ),
    nearMiss(
      'reused_account',
      'another address and no given name, before or after',
      ...changing('unnamed', { givenName: undefined, email: 'unnamed-2@example.com' }),
    ),
    nearMiss(
      'reused_account',
      'another given name and the same address, or the old address as alias',
      on(1, [...member('renamed', { givenName: undefined }), ...member('kept', { givenName: undefined })]),
      on(10, [
        ...member('renamed', { givenName: undefined }, { givenName: 'Lou' }),
        ...member(
          'kept',
          { givenName: undefined },
          { givenName: 'Lou', email: 'kept-2@example.com', aliases: ['kept@example.com'] },
        ),
      ]),
    ),
    nearMiss(
      'reused_account',
      'an address on another id after the old row is gone',
      on(1, member('replaced')),
      on(10, [directory('replaced')]),
      on(13, [
        directory('replaced'),
        nimble('replaced-now', { email: 'replaced@example.com', familyName: 'replaced' }),
      ]),
    ),
  ];
}

/** Whose the account was, and whose it is. */
function rows(key: string, old: Partial<RawRow> = {}, now: Partial<RawRow> = {}): readonly Told[] {
  return [directory(`${key}-old`, { givenName: 'Ada', ...old }), directory(`${key}-new`, { givenName: 'Zoe', ...now })];
}

function before(key: string): Told {
  return nimble(key, { givenName: 'Ada', familyName: `${key}-old`, email: `${key}-old@example.com` });
}

function after(key: string): Told {
  return nimble(key, { givenName: 'Zoe', familyName: `${key}-new`, email: `${key}-new@example.com` });
}
