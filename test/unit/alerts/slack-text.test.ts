import fc from '../../support/property.ts';
import { describe, expect, test } from 'vitest';
import { cutTo, toInertLine, toPlainLine } from '../../../src/alerts/slack-text.ts';

const Z = '\u200b';

describe('case 89: toInertLine', () => {
  const cases: { name: string; given: string; expected: string }[] = [
    { name: 'a plain name stays as it is', given: "Anna-Lena O'Brien", expected: "Anna-Lena O'Brien" },
    { name: 'an e-mail address stays as it is', given: 'jane_doe+x@example.com', expected: 'jane_doe+x@example.com' },
    { name: 'a broadcast', given: '<!channel>', expected: '&lt;!channel&gt;' },
    { name: 'a mention', given: '<@U123>', expected: `&lt;@${Z}U123&gt;` },
    { name: 'a link with a caption', given: '<http://x|Click>', expected: `&lt;http:${Z}//x|Click&gt;` },
    { name: 'a bare link', given: 'see https://evil.example', expected: `see https:${Z}//evil.example` },
    { name: 'an escape is data too', given: '&lt;', expected: '&amp;lt;' },
    { name: 'bold', given: '*b*', expected: '∗b∗' },
    { name: 'italics', given: '_b_', expected: `${Z}_${Z}b${Z}_${Z}` },
    { name: 'a strike', given: '~b~', expected: `${Z}~${Z}b${Z}~${Z}` },
    { name: 'code', given: '```rm```', expected: 'ˋˋˋrmˋˋˋ' },
    { name: 'an emoji code', given: ':smile:', expected: `:${Z}smile:` },
    { name: 'a bare broadcast', given: '@here and @everyone', expected: `@${Z}here and @${Z}everyone` },
    { name: 'a channel', given: '#general', expected: `#${Z}general` },
    { name: 'line breaks', given: 'a\nb\r\n> c\u2028d', expected: 'a b &gt; c d' },
    { name: 'controls and reversed text', given: 'a\u0000\u001b[31mb\u202ec', expected: 'a[31mbc' },
    { name: 'half a character', given: 'a\ud83d', expected: 'a\ufffd' },
    { name: 'nothing', given: ' \u200b ', expected: '-' },
  ];
  test.each(cases)('$name', ({ given, expected }) => {
    expect(toInertLine(given)).toBe(expected);
  });

  test('whatever is given, nothing that Slack parses is left', () => {
    const hostile = fc.string({
      unit: fc.constantFrom('<', '>', '&', '*', '`', '_', '~', ':', '@', '#', '!', 'a', ' ', '\n', '/', '|'),
    });
    fc.assert(
      fc.property(hostile, (text) => {
        const line = toInertLine(text);
        expect(line).not.toMatch(/[<>*`\n]/u);
        expect(line).not.toMatch(/&(?!(?:amp|lt|gt);)/u);
        expect(line).not.toMatch(/:[^\s:\u200b]+:/u);
        expect(line).not.toMatch(/(?<![\p{L}\p{N}._+-])[@#]\p{L}/u);
        expect(line).not.toMatch(/:\/\//u);
      }),
    );
  });
});

describe('toPlainLine', () => {
  test('keeps what plain_text objects show as it is', () => {
    expect(toPlainLine('<!channel> *b* `c`\n:smile:')).toBe('<!channel> *b* `c` :smile:');
  });
});

describe('cutTo', () => {
  test('is never longer than asked, and never halves a character', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), fc.integer({ min: 1, max: 40 }), (text, max) => {
        const cut = cutTo(text, max);
        expect(cut.length).toBeLessThanOrEqual(max);
        expect(cut.isWellFormed()).toBe(true);
      }),
    );
  });
  test('says that something is missing', () => {
    expect(cutTo('abcdef', 4)).toBe('abc…');
    expect(cutTo('abcd', 4)).toBe('abcd');
  });
});
