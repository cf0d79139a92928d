import { describe, expect, test } from 'vitest';
import { isStillForgotten, isUsableRow, type Likeness, scrubber, scrubJson } from '../../../src/core/forget.ts';
import { aRow } from '../../support/builders.ts';

describe('a row that is listed again is passed over', () => {
  const mark: Likeness = { addresses: ['a1', 'a2'], givenName: 'g', usable: false };
  const cases: readonly { name: string; mark?: Partial<Likeness>; seen: Partial<Likeness>; expected: boolean }[] = [
    { name: 'as it was', seen: {}, expected: true },
    { name: 'with one address of before', seen: { addresses: ['a2', 'b'] }, expected: true },
    { name: 'with another address and the same name: she has married', seen: { addresses: ['b'] }, expected: true },
    { name: 'not with another address and another name', seen: { addresses: ['b'], givenName: 'h' }, expected: false },
    { name: 'without any address', seen: { addresses: [], givenName: 'h' }, expected: true },
    { name: 'not when it can be used again', seen: { usable: true }, expected: false },
    { name: 'when it could be used before', mark: { usable: true }, seen: { usable: true }, expected: true },
    { name: 'when it cannot be used any more', mark: { usable: true }, seen: {}, expected: true },
  ];
  test.each(cases)('$name', ({ mark: changed, seen, expected }) => {
    expect(isStillForgotten({ ...mark, ...changed }, { ...mark, ...seen })).toBe(expected);
  });
});

test('an identity is here until its last day, an account while its vendor lets anybody in', () => {
  const today = '2026-11-21';
  expect(isUsableRow(aRow({ endDate: today }), true, today)).toBe(false);
  expect(isUsableRow(aRow({ endDate: '2026-11-22' }), true, today)).toBe(true);
  expect(isUsableRow(aRow({ status: 'on_leave' }), true, today)).toBe(true);
  expect(isUsableRow(aRow({ status: 'unknown' }), true, today)).toBe(false);
  expect(isUsableRow(aRow({ status: 'unknown' }), false, today)).toBe(true);
  expect(isUsableRow(aRow({ status: 'pending' }), false, today)).toBe(false);
});

describe('a person is taken out of a text', () => {
  const scrub = scrubber({
    words: ['Jo Doe', 'jo.doe@example.com', 'Jo', 'N-77', 'nimble/7', 'c++ (1)'],
    values: ['7', 'N-77', 'Jo'],
  });
  test.each([
    ['Jo Doe (Jo.Doe@example.com) has left', '[erased] ([erased]) has left'],
    ['JO DOE', '[erased]'],
    ['Jo Doerr and xjo.doe@example.com stay', 'Jo Doerr and xjo.doe@example.com stay'],
    ['ask N-77, not N-778', 'ask [erased], not N-778'],
    ['7', '[erased]'],
    ['7 days of Jo', '7 days of Jo'],
    ['see nimble/7.', 'see [erased].'],
    ['c++ (1)!', '[erased]!'],
  ])('%s', (text, expected) => {
    expect(scrub(text)).toBe(expected);
  });

  test('and out of a value, however deep, where keys and numbers stay', () => {
    expect(scrubJson({ 'N-77': [{ id: '7', n: 7, of: null }, 'Jo Doe'], ok: true }, scrub)).toEqual({
      'N-77': [{ id: '[erased]', n: 7, of: null }, '[erased]'],
      ok: true,
    });
  });

  test('of whom nothing is known, nothing is taken', () => {
    expect(scrubber({ words: [], values: [] })('Jo Doe')).toBe('Jo Doe');
  });
});
