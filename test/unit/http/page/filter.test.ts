import { describe, expect, test } from 'vitest';
import { addressOf, matches, parseAsked, seenUntil } from '../../../../src/http/page/filter.ts';
import { compareFindings, cursorText, parseCursor, type Cursor } from '../../../../src/http/page/order.ts';

const NOW = new Date('2026-11-21T09:00:00.000Z');
const NOTHING = { status: [], severity: [], rule: [], source: [], age: [] };

function live(overrides: Partial<Cursor> = {}): Cursor {
  return { id: 1, source: 'nimble', rule: 'leaver_account', severity: 'high', status: 'open', ...overrides };
}

describe('an address', () => {
  test('asks for what it names; what a form leaves open is not asked for', () => {
    const query = { status: [''], severity: ['high', 'critical'], rule: [''], source: ['nimble'], age: ['7'] };
    expect(parseAsked(query)).toEqual({
      filter: { ...NOTHING, severity: ['high', 'critical'], source: ['nimble'], age: ['7'] },
      after: undefined,
    });
  });

  test.each([
    ['status', 'resolved'],
    ['status', 'opne'],
    ['severity', 'High'],
    ['rule', 'leaver'],
    ['source', 'Nimble\u0000'],
    ['age', '-1'],
    ['age', '1e3'],
    ['after', 'high.leaver_account.nimble.open.x'],
    ['after', 'high.leaver_account.nimble.resolved.1'],
    ['after', 'high.leaver_account.nimble.1'],
    ['after', ''],
    ['after', 'high.no_rule.nimble.open.1'],
  ])('%s=%s is refused with what it may be', (name, given) => {
    expect(parseAsked({ [name]: [given] })).toMatchObject({ name, given, hint: expect.stringMatching(/\w{3}/u) });
  });

  test('a filter that is misspelt is refused: without it everything would be shown', () => {
    expect(parseAsked({ severty: ['high'] })).toMatchObject({ given: 'severty' });
  });

  test('of the next page has the same filters', () => {
    const filter = { ...NOTHING, severity: ['high'], age: ['30'] };
    const address = new URL(addressOf(filter, 'high.leaver_account.nimble.open.9'), 'http://localhost');
    expect(address.hash).toBe('#findings');
    const query = Object.fromEntries([...address.searchParams].map(([name, word]) => [name, [word]]));
    expect(parseAsked(query)).toEqual({
      filter,
      after: { severity: 'high', rule: 'leaver_account', source: 'nimble', status: 'open', id: 9 },
    });
  });
});

describe('a finding is shown', () => {
  const cases = [
    { name: 'open, without a filter', finding: live(), filter: {}, shown: true },
    { name: 'held, without a filter', finding: live({ status: 'held' }), filter: {}, shown: true },
    { name: 'waived: only who asks for it', finding: live({ status: 'waived' }), filter: {}, shown: false },
    { name: 'waived, asked for', finding: live({ status: 'waived' }), filter: { status: ['waived'] }, shown: true },
    { name: 'another source', finding: live(), filter: { source: ['namely'] }, shown: false },
    { name: 'one of two severities', finding: live(), filter: { severity: ['low', 'high'] }, shown: true },
  ];
  test.each(cases)('$name: $shown', ({ finding, filter, shown }) => {
    expect(matches(finding, { ...NOTHING, ...filter })).toBe(shown);
  });

  test('of an age: what was first seen so many days ago to the second, and before', () => {
    expect(seenUntil({ ...NOTHING, age: ['7'] }, NOW)).toBe('2026-11-14T09:00:00.000Z');
    expect(seenUntil(NOTHING, NOW)).toBeUndefined();
  });
});

test('the most severe first, of one severity leavers; of one source the open before the held, and the oldest first', () => {
  const rows = [
    live({ id: 1, severity: 'low', rule: 'dormant_account' }),
    live({ id: 2, rule: 'orphaned_account' }),
    live({ id: 4 }),
    live({ id: 3 }),
    live({ id: 5, severity: 'critical', rule: 'orphaned_account' }),
    live({ id: 6, source: 'aaa' }),
    live({ id: 0, status: 'held' }),
  ];
  expect(rows.toSorted(compareFindings).map(({ id }) => id)).toEqual([5, 6, 3, 4, 0, 2, 1]);
});

test('a place in the list comes back from its text', () => {
  const cursor = {
    severity: 'critical',
    rule: 'orphaned_account',
    source: 'nimble-2',
    status: 'held',
    id: 17,
  } as const;
  expect(parseCursor(cursorText(cursor))).toEqual(cursor);
});
