import { expect, test } from 'vitest';
import type { Owner } from '../../../src/core/owner.ts';
import { mergeIdentities } from '../../../src/core/identity.ts';
import { serviceDoubts, type Listed } from '../../../src/core/service-doubts.ts';
import { anIdentity } from '../../support/builders.ts';

const listed = (account: string, accounts: readonly string[], owner = 'd1'): Listed => ({
  entry: { source: 'crm', account, owner },
  accounts,
});
const GHOST = 'serviceAccounts: crm has no account "ghost", so the entry has no effect; ids must be spelled exactly';

test.each<[string, readonly Listed[], readonly string[]]>([
  ['nothing', [], []],
  ['entries that list an account each', [listed('a', ['a']), listed('b@x.org', ['b', 'c'])], []],
  ['an entry that lists none', [listed('a', ['a']), listed('ghost', [])], [GHOST]],
  [
    'one account by id and by e-mail, with two owners',
    [listed('robot', ['robot']), listed('robot@x.org', ['robot', 'other'], 'd2')],
    [
      'serviceAccounts: "robot" and "robot@x.org" are one account of crm, with different owners (d1 and d2); the entry by id counts',
    ],
  ],
  ['one account by id and by e-mail, with one owner', [listed('robot', ['robot']), listed('r@x.org', ['robot'])], []],
])('%s', (_name, given, expected) => {
  expect(serviceDoubts(given)).toEqual(expected);
});

test('an id that is somebody else in a later list', () => {
  const jane = anIdentity({ row: { externalId: '17' } });
  const bob = anIdentity({ ref: { sourceId: 9, externalId: '17' }, sourceName: 'contractors' });
  const owner: Owner = { rows: [jane], unclear: [], elsewhere: mergeIdentities([bob]) };
  expect(serviceDoubts([], new Map([['17', owner]]))).toEqual([
    'serviceAccounts: the owner 17 is an id in directory and, of somebody else, in contractors: that of directory counts; write contractors/17 for the other',
  ]);
});

test('no more than somebody reads', () => {
  const many = Array.from({ length: 25 }, () => listed('ghost', []));
  expect(serviceDoubts(many)).toEqual([
    ...Array.from({ length: 10 }, () => GHOST),
    'serviceAccounts: and 15 more like these',
  ]);
});
