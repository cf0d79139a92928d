import fc from '../../../support/property.ts';
import { describe, expect, test } from 'vitest';
import { cellWidth, cutToWidth, padToWidth, wrapToWidth } from '../../../../src/cli/render/text.ts';
import { toTerminalText } from '../../../../src/words/inert-text.ts';

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
