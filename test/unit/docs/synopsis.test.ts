import { describe, expect, test } from 'vitest';
import { parseCommand } from '../../../src/cli/command.ts';
import { readPage } from '../../support/markdown.ts';

/** First cells of the README's table of commands, each command of a cell by itself. */
const [, TABLE = ''] = /\| Command +\|[^\n]*\n\|[- |]+\n(.*?)\n\n/su.exec(readPage('README.md').text) ?? [];
const SYNOPSES = TABLE.split('\n').flatMap((row) => {
  const [, cell = ''] = /^\|((?:[^|\\]|\\.)*)\|/u.exec(row) ?? [];
  return [...cell.matchAll(/`([^`]+)`/gu)].map(([, code = '']) => code.replaceAll(String.raw`\|`, '|'));
});

/** `link add|deny SOURCE [--json]` → `link add` and `link deny`. */
function commandsOf(synopsis: string): readonly (readonly string[])[] {
  const [name = '', second = ''] = synopsis.split(' ');
  return /^[a-z|]+$/u.test(second) ? second.split('|').map((each) => [name, each]) : [[name]];
}

function helpOf(command: readonly string[]): string {
  const parsed = parseCommand([...command, '--help'], '0.0.0');
  return parsed.kind === 'text' && parsed.code === 0 ? parsed.text : '';
}

describe('the README’s table of commands', () => {
  test.each(SYNOPSES)('%s is what the program takes', (synopsis) => {
    const helps = commandsOf(synopsis).map(helpOf);
    for (const [, flag = ''] of synopsis.matchAll(/(--[a-z-]+)/gu)) {
      expect(helps.some((help) => help.includes(`${flag} `) || help.includes(`${flag}\n`))).toBe(true);
    }
    expect(helps).not.toContain('');
  });

  test('has all commands of the program', () => {
    const program = [...helpOf([]).matchAll(/^ {2}(?<name>[a-z]+)(?= |$)/gmu)].map(([, name]) => name);
    const shown = new Set(SYNOPSES.flatMap(commandsOf).map(([name]) => name));
    expect(program.length).toBeGreaterThan(15);
    expect(program.filter((name) => name !== 'help' && !shown.has(name ?? ''))).toEqual([]);
  });
});
