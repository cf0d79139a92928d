import { describe, expect, test } from 'vitest';
import { toShellWord } from '../../../src/words/shell-word.ts';

describe('a word for a shell', () => {
  test.each([
    ['n-1', 'n-1'],
    ['jane.doe+x@example.com', 'jane.doe+x@example.com'],
    ['hr/7', 'hr/7'],
    ['', "''"],
    ['a b', "'a b'"],
    ["o'neil", String.raw`'o'\''neil'`],
    ['$(id)', "'$(id)'"],
    ['`id`', "'`id`'"],
    ['a;b&c|d>e', "'a;b&c|d>e'"],
    ['zoë', "'zoë'"],
  ])('%s', (text, word) => {
    expect(toShellWord(text)).toBe(word);
  });
});
