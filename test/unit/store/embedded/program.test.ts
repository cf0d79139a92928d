import { describe, expect, test } from 'vitest';

import { runProgram } from '../../../../src/store/embedded/program.ts';

function timers(): number {
  return process.getActiveResourcesInfo().filter((name) => name === 'Timeout').length;
}

describe('runProgram', () => {
  test('gives what the program wrote', async () => {
    expect(await runProgram('/bin/sh', ['-c', 'echo one; echo two >&2'], undefined)).toEqual({
      ok: true,
      output: 'one\ntwo',
    });
  });

  test('an exit code is no success', async () => {
    expect(await runProgram('/bin/sh', ['-c', 'echo why; exit 3'], undefined)).toEqual({ ok: false, output: 'why' });
  });

  test('a program that is not there is a result, and leaves no timer that holds the process', async () => {
    const before = timers();
    expect(await runProgram('/nowhere/program', [], undefined)).toEqual({ ok: false, output: 'ENOENT' });
    expect(timers()).toBe(before);
  });

  test('passes on nothing of our environment', async () => {
    process.env['ROLLCALL_TEST_SECRET'] = 'canary-4712';
    const { output } = await runProgram('/bin/sh', ['-c', 'env'], undefined);
    expect(output).toContain('LC_ALL=C');
    expect(output).not.toContain('canary-4712');
  });
});
