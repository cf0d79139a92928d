import fc from '../../../support/property.ts';
import { describe, expect, test } from 'vitest';
import { cellWidth, cutToWidth, padToWidth, toTerminalText, wrapToWidth } from '../../../../src/cli/render/text.ts';

describe('toTerminalText', () => {
  const cases: { name: string; given: string; expected: string }[] = [
    { name: 'a name', given: 'José Núñez', expected: 'José Núñez' },
    { name: 'clear the screen', given: '\u001b[2Jgone', expected: '[2Jgone' },
    { name: 'a command in one C1 character', given: '\u009b31mred', expected: '31mred' },
    { name: 'a window title', given: 'a\u001b]0;owned\u0007b', expected: 'a]0;ownedb' },
    { name: 'a line of its own', given: 'Jane\n17  fine', expected: 'Jane 17  fine' },
    { name: 'back over the line', given: 'bad\rgood\u0008', expected: 'bad good' },
    { name: 'reversed text', given: 'a\u202ecod.exe\u2066', expected: 'acod.exe' },
    { name: 'nothing to see', given: 'a\u200bb\u2060c\ufeffd\u00ade\u{e0041}', expected: 'abcde' },
    { name: 'line separators', given: 'a\u2028b\u0085c', expected: 'a b c' },
    { name: 'joiners of real scripts stay', given: 'می\u200cخواهم 👩\u200d💻', expected: 'می\u200cخواهم 👩\u200d💻' },
    { name: 'a tower of marks', given: `a${'\u0301'.repeat(50)}b`, expected: `a${'\u0301'.repeat(11)}b` },
    { name: 'half a character', given: 'a\udc00', expected: 'a\ufffd' },
  ];
  test.each(cases)('$name', ({ given, expected }) => {
    expect(toTerminalText(given)).toBe(expected);
  });

  test('whatever is given, no control is left and it is one line', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        expect(toTerminalText(text)).not.toMatch(/[\p{Cc}\p{Zl}\p{Zp}\u202a-\u202e\u2066-\u2069]/u);
      }),
    );
  });
});

describe('cellWidth', () => {
  const cases: [string, number][] = [
    ['', 0],
    ['abc', 3],
    ['é', 1],
    ['e\u0301', 1],
    ['日本', 4],
    ['김', 2],
    ['Ａ', 2],
    ['👩‍💻', 2],
    ['🇩🇪', 2],
    ['❤️', 2],
    ['می\u200cخ', 3],
  ];
  test.each(cases)('%s takes %i cells', (text, width) => {
    expect(cellWidth(text)).toBe(width);
  });
});

describe('cutToWidth', () => {
  test.each([
    ['abcdef', 4, 'abc…'],
    ['abcd', 4, 'abcd'],
    ['日本語', 4, '日…'],
    ['日本語', 5, '日本…'],
    ['👩‍💻👩‍💻', 3, '👩‍💻…'],
  ])('%s in %i cells is %s', (text, width, expected) => {
    expect(cutToWidth(text, width)).toBe(expected);
  });

  test('is never wider than asked', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), fc.integer({ min: 1, max: 30 }), (text, width) => {
        expect(cellWidth(cutToWidth(toTerminalText(text), width))).toBeLessThanOrEqual(width);
      }),
    );
  });
});

test('padToWidth fills by cells, not by characters', () => {
  expect(padToWidth('日', 4)).toBe('日  ');
  expect(padToWidth('7', 3, 'right')).toBe('  7');
  expect(padToWidth('long', 2)).toBe('long');
});

test('wrapToWidth breaks at spaces and lets a long word be', () => {
  expect(wrapToWidth('one two three verylongword x', 9)).toEqual(['one two', 'three', 'verylongword', 'x']);
});
