import fc from '../../support/property.ts';
import { describe, expect, test } from 'vitest';
import { cleanText, foldName, TEXT_MAX } from '../../../src/core/text.ts';

describe('cleanText', () => {
  test.each([
    ['trimmed', '  Jane ', { text: 'Jane', flags: [] }],
    ['a number becomes text', 42, { text: '42', flags: [] }],
    ['a big integer stays exact', 9007199254740993n, { text: '9007199254740993', flags: [] }],
    ['undefined is absent', undefined, { flags: [] }],
    ['null is absent', null, { flags: [] }],
    ['nothing is absent', '  ', { flags: [] }],
    ['no_guid is absent', 'no_guid', { flags: [] }],
    ['Nobody is absent', 'Nobody', { flags: [] }],
    ['None is absent', ' None ', { flags: [] }],
    ['case counts in a sentinel', 'none', { text: 'none', flags: [] }],
    ['NUL goes', 'Ja\0ne', { text: 'Jane', flags: ['text_cleaned'] }],
    ['only NUL is absent', '\0', { flags: ['text_cleaned'] }],
    ['a tab between words is a space', 'Jane\tDoe', { text: 'Jane Doe', flags: ['text_cleaned'] }],
    ['other control characters go', 'Ja\u0007ne\u009f', { text: 'Jane', flags: ['text_cleaned'] }],
    ['a lone surrogate goes', 'Jane\ud83d', { text: 'Jane', flags: ['text_cleaned'] }],
    ['an emoji stays', 'Jane 😀', { text: 'Jane 😀', flags: [] }],
    ['NaN is unreadable', Number.NaN, { flags: ['field_unreadable'] }],
    ['an object is unreadable', { a: 1 }, { flags: ['field_unreadable'] }],
    ['a list is unreadable', ['Jane'], { flags: ['field_unreadable'] }],
    ['a boolean is unreadable', true, { flags: ['field_unreadable'] }],
  ])('%s', (_name, value, expected) => {
    expect(cleanText(value)).toEqual(expected);
  });

  test('the limit itself is not cut, one more is', () => {
    expect(cleanText('x'.repeat(TEXT_MAX)).flags).toEqual([]);
    expect(cleanText('x'.repeat(TEXT_MAX + 1))).toEqual({ text: 'x'.repeat(TEXT_MAX), flags: ['text_cut'] });
  });

  test('a character is never cut in two', () => {
    const { text, flags } = cleanText(`${'x'.repeat(TEXT_MAX - 1)}😀😀`);
    expect(text).toBe('x'.repeat(TEXT_MAX - 1));
    expect(flags).toEqual(['text_cut']);
  });

  test('what is kept is what Postgres takes, whatever came', () => {
    const odd = fc.string({ unit: fc.constantFrom('a', ' ', '\0', '\n', '\ud800', '\udc00', '😀', '\u0085') });
    fc.assert(
      fc.property(odd, (value) => {
        const { text } = cleanText(value);
        expect(text === undefined || (text.isWellFormed() && !text.includes('\0') && text === text.trim())).toBe(true);
      }),
    );
  });
});

describe('foldName', () => {
  test.each([
    ['José  Núñez', 'jose nunez'],
    ['ＪＡＮＥ', 'jane'],
    [' Jane\u00a0Doe ', 'jane doe'],
  ])('%j is compared as %j', (name, expected) => {
    expect(foldName(name)).toBe(expected);
  });
});
