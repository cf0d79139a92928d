import { describe, expect, test } from 'vitest';
import { ERROR_CODES, OperationalError } from '../../src/errors.ts';
import { describeFailure, describeUsage, wantsJson } from '../../src/failure.ts';

describe('who reads JSON gets a failure as JSON', () => {
  test.each([
    ['report --json', true],
    ['report --format json', true],
    ['report --format=ndjson', true],
    ['findings --format ndjson', true],
    ['--json nonsense', true],
    ['report', false],
    ['report --format csv', false],
    ['roster json', false],
    ['waive 3 --reason json', false],
  ])('%s: %s', (line, expected) => {
    expect(wantsJson(line.split(' '))).toBe(expected);
  });

  test.each(Object.entries(ERROR_CODES))('%s', (code, { exit }) => {
    const known = Object.keys(ERROR_CODES).find((each): each is keyof typeof ERROR_CODES => each === code);
    if (known === undefined) throw new Error(`${code} is no code`);
    const failure = describeFailure(new OperationalError(known, 'what happened;\nwhat to do'), true);
    expect(failure.exit).toBe(exit);
    // One line, so that it is found behind the lines of progress.
    expect(failure.text.trimEnd()).not.toContain('\n');
    expect(JSON.parse(failure.text)).toEqual({
      error: { code, message: 'what happened;\nwhat to do', page: `docs/errors.md#${code}`, exit },
    });
  });

  test('a message is inert in a terminal all the same', () => {
    const { text } = describeFailure(new OperationalError('not-found', 'no \u009b31m\u202e'), true);
    expect(text.trimEnd()).not.toMatch(/[\p{Cc}\p{Cf}]/u);
  });

  test('wrong usage', () => {
    expect(JSON.parse(describeUsage("error: unknown option '--jsom'\n(Did you mean --json?)\n", true))).toEqual({
      error: {
        code: 'usage',
        message: "unknown option '--jsom'\n(Did you mean --json?)",
        page: 'docs/errors.md#usage',
        exit: 64,
      },
    });
  });

  test('a bug: its class and place, never its message', () => {
    const failure = describeFailure(new TypeError('canary-secret'), true);
    expect(failure.exit).toBe(1);
    expect(failure.text).not.toContain('canary');
    const { error } = JSON.parse(failure.text);
    expect(error).toMatchObject({ code: 'bug', page: 'docs/errors.md#bug', exit: 1 });
    expect(error.message).toMatch(/^a bug, please report this: TypeError\n\s+at /u);
  });
});

test('who does not reads sentences', () => {
  expect(describeFailure(new OperationalError('busy', 'nimble is being read'), false)).toEqual({
    text: 'rollcall: nimble is being read [busy]\n  docs/errors.md#busy\n',
    exit: 75,
  });
  expect(describeUsage("error: unknown command 'x'\n", false)).toBe(
    "rollcall: unknown command 'x' [usage]\n  docs/errors.md#usage\n",
  );
  expect(describeUsage('Usage: rollcall …\n', false)).toBe('Usage: rollcall …\n');
});
