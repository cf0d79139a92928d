import { describe, expect, test } from 'vitest';
import { searchTermsOf } from '../../../src/core/name-traits.ts';
import { mayBeOneGivenName } from '../../../src/core/nicknames.ts';
import type { RosterRow } from '../../../src/core/row.ts';
import { suggestIdentities, SUGGESTIONS_MAX } from '../../../src/core/suggest.ts';
import { anIdentity, aRow } from '../../support/builders.ts';

type Names = Partial<RosterRow>;
const NOBODY: Names = { email: undefined, givenName: undefined, familyName: undefined };

const account = (names: Names): RosterRow => aRow({ ...NOBODY, ...names });
const person = (externalId: string, names: Names) => anIdentity({ row: { ...NOBODY, externalId, ...names } });
const reasons = (mine: Names, theirs: Names): readonly string[] =>
  suggestIdentities(account(mine), [person('p-1', theirs)]).flatMap((each) => each.reasons);

describe('why two records may be one person', () => {
  test.each<{ says: string; mine: Names; theirs: Names }>([
    {
      says: 'same name',
      mine: { givenName: 'JANE', familyName: 'Dőe' },
      theirs: { givenName: 'Jane', familyName: 'Doe' },
    },
    { says: 'same name', mine: { displayName: 'Doe, Jane' }, theirs: { givenName: 'Jane', familyName: 'Doe' } },
    {
      says: 'same address but for dots or a +tag',
      mine: { email: 'jane+crm@a.example' },
      theirs: { email: 'jane@a.example' },
    },
    {
      says: 'same address but for dots or a +tag',
      mine: { email: 'janedoe@a.example' },
      theirs: { email: 'jane.doe@a.example' },
    },
    { says: 'same address on another domain', mine: { email: 'jd77@a.example' }, theirs: { email: 'jd77@b.example' } },
    {
      says: 'same address on another domain',
      mine: { email: 'jd77@a.example' },
      theirs: { aliases: ['jd77@b.example'] },
    },
    { says: 'same e-mail or alias', mine: { email: 'sales@a.example' }, theirs: { aliases: ['sales@a.example'] } },
    {
      says: 'name in the address',
      mine: { email: 'doe_jane@private.example' },
      theirs: { givenName: 'Jane', familyName: 'Doe' },
    },
    {
      says: 'name in the address',
      mine: { givenName: 'Jane', familyName: 'Doe' },
      theirs: { email: 'janedoe@a.example' },
    },
    {
      says: 'nickname and family name',
      mine: { givenName: 'Bob', familyName: 'Gray' },
      theirs: { givenName: 'Robert', familyName: 'Gray' },
    },
    {
      says: 'nickname and family name',
      mine: { email: 'bob.gray@private.example' },
      theirs: { givenName: 'Robert', familyName: 'Gray' },
    },
    {
      says: 'initial and family name',
      mine: { email: 'j.doe@private.example' },
      theirs: { givenName: 'Jane', familyName: 'Doe' },
    },
    {
      says: 'initial and family name',
      mine: { email: 'doej@private.example' },
      theirs: { givenName: 'Jane', familyName: 'Doe' },
    },
    {
      says: 'initial and family name',
      mine: { displayName: 'J. Doe' },
      theirs: { givenName: 'Jane', familyName: 'Doe' },
    },
  ])('$says: $mine', ({ says, mine, theirs }) => {
    expect(reasons(mine, theirs)).toEqual([says]);
  });

  test.each<{ name: string; mine: Names; theirs: Names }>([
    { name: 'a given name alone', mine: { givenName: 'Jane' }, theirs: { givenName: 'Jane' } },
    { name: 'a family name alone', mine: { familyName: 'Doe' }, theirs: { familyName: 'Doe' } },
    {
      name: 'another given name',
      mine: { givenName: 'John', familyName: 'Doe' },
      theirs: { givenName: 'Jane', familyName: 'Doe' },
    },
    { name: 'a box that every company has', mine: { email: 'info@a.example' }, theirs: { email: 'info@b.example' } },
    { name: 'look-alike characters', mine: { email: 'p\u0430ul@a.example' }, theirs: { email: 'paul@b.example' } },
    {
      name: 'another initial',
      mine: { email: 'k.doe@private.example' },
      theirs: { givenName: 'Jane', familyName: 'Doe' },
    },
    { name: 'nothing at all', mine: {}, theirs: {} },
    { name: 'an address that does not parse', mine: { email: 'jane.doe' }, theirs: { email: 'jane.doe@a.example' } },
    { name: 'an employee id', mine: { employeeId: '7' }, theirs: { employeeId: '7' } },
  ])('nothing follows from $name', ({ mine, theirs }) => {
    expect(reasons(mine, theirs)).toEqual([]);
  });
});

describe('suggestions', () => {
  const jane: Names = { givenName: 'Jane', familyName: 'Doe', email: 'jane.doe@private.example' };
  const people = [
    person('p-initial', {
      givenName: 'Joan',
      familyName: 'Doe',
      email: 'j.doe@a.example',
      aliases: ['jane.d@a.example'],
    }),
    person('p-name', { givenName: 'Jane', familyName: 'Doe', email: 'jd@a.example' }),
    person('p-both', { givenName: 'Jane', familyName: 'Doe', email: 'jane.doe@a.example' }),
    person('p-nick', { givenName: 'Janet', familyName: 'Roe', email: 'jane.doe@b.example' }),
    person('p-none', { givenName: 'Zoe', familyName: 'Zimmer', email: 'zoe@a.example' }),
  ];
  const ids = (rows: readonly ReturnType<typeof person>[]) =>
    suggestIdentities(account(jane), rows).map(({ identity }) => identity.ref.externalId);

  test('three at most, the likeliest first, in whatever order they come', () => {
    expect(ids(people)).toEqual(['p-both', 'p-name', 'p-nick']);
    expect(ids(people.toReversed())).toEqual(['p-both', 'p-name', 'p-nick']);
    expect(ids(people)).toHaveLength(SUGGESTIONS_MAX);
  });

  test('of equals whoever is here comes before whoever has left', () => {
    const here = person('z-here', { givenName: 'Jane', familyName: 'Doe' });
    const gone = anIdentity({
      present: false,
      row: { ...NOBODY, externalId: 'a-gone', givenName: 'Jane', familyName: 'Doe' },
    });
    expect(ids([gone, here])).toEqual(['z-here', 'a-gone']);
  });

  test('rows of two lists that are one person are one suggestion', () => {
    const row = { givenName: 'Jane', familyName: 'Doe', email: 'jane.doe@a.example' };
    const inHr = anIdentity({
      ref: { sourceId: 9, externalId: 'h-1' },
      sourceName: 'hr',
      sourceRank: 1,
      row: { ...row, externalId: 'h-1' },
    });
    expect(ids([inHr, person('p-1', row)])).toEqual(['p-1']);
  });

  test('of very many aliases the first ten are compared: work has an end', () => {
    const aliases = Array.from({ length: 200 }, (_, at) => `a${at}@x.example`);
    const named = (alias: string) => reasons({ aliases }, { aliases: [alias] });
    expect(named('a9@x.example')).toEqual(['same e-mail or alias']);
    expect(named('a10@x.example')).toEqual([]);
  });
});

describe('what a search goes by', () => {
  test('family names, also those in an address, and ways to write the name as one', () => {
    const terms = searchTermsOf(account({ givenName: 'Bob', familyName: 'Gray', email: 'b.gray+x@a.example' }));
    expect(terms.families).toEqual(expect.arrayContaining(['gray']));
    expect(terms.locals).toEqual(expect.arrayContaining(['bgray', 'bobgray', 'graybob', 'robertgray']));
    expect(searchTermsOf(account({ email: 'jdoe@a.example' })).families).toContain('doe');
    expect(searchTermsOf(account({}))).toEqual({ families: [], locals: [] });
  });
});

describe('nicknames', () => {
  test.each([
    ['bob', 'robert', true],
    ['bob', 'rob', true],
    ['kate', 'catherine', true],
    ['bob', 'bob', false],
    ['bob', 'william', false],
    ['constructor', '__proto__', false],
  ])('%s and %s: %s', (a, b, expected) => {
    expect(mayBeOneGivenName(a, b)).toBe(expected);
    expect(mayBeOneGivenName(b, a)).toBe(expected);
  });
});
