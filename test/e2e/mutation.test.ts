import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
/** A machine that does much else takes ten times what an idle one does (7 s). */
const TIMEOUT_MS = 150_000;

async function mutation(...args: readonly string[]) {
  const argv = ['test/mutation/main.ts', ...args];
  return await promisify(execFile)(process.execPath, argv, { cwd: ROOT, timeout: TIMEOUT_MS });
}

/** `src/core` takes minutes; this tells that the tool plants, runs the tests, and sees both what they kill and what they do not. */
test(
  'npm run mutation kills what a test reaches, and shows alive what none does',
  async () => {
    const { stdout } = await mutation('--file', 'test/mutation/fixture/clamp.ts');
    expect(stdout).toContain(
      '| test/mutation/fixture/clamp.ts | 12      | 6      | 0         | 2        | 4           | 50.0 % |',
    );
    // Reached, and no case tells the two apart.
    expect(stdout).toContain('return value > max ? max : value; -> return value >= max ? max : value;');
    // Reached by nothing.
    expect(stdout).toContain('return value === 0 ? 0 : value; -> return value !== 0 ? 0 : value;');
    expect(stdout).not.toContain('return value <= max');
  },
  TIMEOUT_MS,
);

test(
  'a file of types alone, where nothing can be planted, proves nothing and fails; so does one that is not there',
  async () => {
    await expect(mutation('--file', 'src/core/policy.ts')).rejects.toMatchObject({ code: 1 });
    await expect(mutation('--file', 'no/such/file.ts')).rejects.toMatchObject({ code: 64 });
  },
  TIMEOUT_MS,
);
