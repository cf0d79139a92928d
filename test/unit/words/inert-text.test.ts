import { describe, expect, test } from 'vitest';
import { toTerminalText } from '../../../src/words/inert-text.ts';
import fc from '../../support/property.ts';

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
