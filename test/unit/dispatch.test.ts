import { describe, expect, test } from 'vitest';
import { askHealth } from '../../src/ask-health.ts';
import { parseCommand } from '../../src/cli/command.ts';
import { dispatch } from '../../src/dispatch/dispatch.ts';
import { failureOf } from '../support/http-asking.ts';
import { createMemoryOutput } from '../support/memory-output.ts';

/** A configuration with nothing wrong, but for certificates that are not checked. */
const ENV = { NIMBLE_TOKEN: 'token-canary-1', NODE_TLS_REJECT_UNAUTHORIZED: '0' };

function start(argv: readonly string[]) {
  const parsed = parseCommand(argv, '0.0.0');
  if (parsed.kind !== 'command') throw new Error(parsed.text);
  const out = createMemoryOutput();
  const { command, configPath } = parsed;
  const call = { configPath, env: ENV, cwd: import.meta.dirname, out };
  if (command.name === 'healthcheck') return { ended: askHealth(command, call), out };
  return { ended: dispatch({ ...call, command, signal: new AbortController().signal }), out };
}

describe('case 100: NODE_TLS_REJECT_UNAUTHORIZED=0', () => {
  test.each([
    ['run'],
    ['start'],
    ['report'],
    ['findings'],
    ['migrate'],
    ['healthcheck'],
    ['roster', 'nimble'],
    ['config', 'check'],
  ])('is refused by `%s`, before anything is opened', async (...argv) => {
    const { ended, out } = start(argv);
    const failure = await failureOf(ended);
    expect(failure.code).toBe('config-invalid');
    expect(failure.message).toContain('NODE_TLS_REJECT_UNAUTHORIZED: switches off the check of certificates; unset it');
    expect(`${failure.message}${out.text()}${out.errors()}`).not.toContain('canary');
  });

  test('is refused by `doctor` as a fault of the configuration', async () => {
    const { ended, out } = start(['doctor']);
    expect(await ended).toBe(78);
    expect(out.text()).toContain('NODE_TLS_REJECT_UNAUTHORIZED');
  });
});
