import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify, stripVTControlCharacters } from 'node:util';
import { expect, test } from 'vitest';
import { aWorld } from '../../src/sandbox/world.ts';
import { somePeople } from '../support/sandbox.ts';
import { startCompany, type Company } from '../support/sandbox-company.ts';

const MAIN = fileURLToPath(new URL('../../src/main.ts', import.meta.url));
const run = promisify(execFile);

/** What a terminal is sent; `script` of util-linux makes one. */
async function watch(company: Company, env: Readonly<Record<string, string>> = {}, cells = 100): Promise<string> {
  const { PATH, HOME } = process.env;
  const command = `stty cols ${cells} rows 40; ${process.execPath} ${MAIN} run --full`;
  const { stdout } = await run('script', ['-qec', command, '/dev/null'], {
    cwd: company.directory,
    env: { PATH, HOME, TERM: 'xterm', ...company.env, SLACK_WEBHOOK_URL: '', ...env },
    timeout: 60_000,
  });
  return stripVTControlCharacters(stdout);
}

const hasScript = await run('script', ['--version']).then(
  () => true,
  () => false,
);

test.skipIf(!hasScript)('live lines on a terminal are not torn by the log', async () => {
  await using company = await startCompany({ world: aWorld({ people: somePeople(5) }) });

  const usual = await watch(company);
  expect(usual).toContain('✔ nimble: complete, 5 rows');
  expect(usual).not.toContain('"level":"info"');

  // As `docker exec -t` gives it.
  const unknownWidth = await watch(company, {}, 0);
  expect(unknownWidth).toMatch(/^nimble: complete, 5 rows/mu);

  // Who asks for the log gets it, when the lines have ended.
  const asked = await watch(company, { LOG_LEVEL: 'info' });
  expect(asked).toContain('"msg":"reconciled"');
  expect(asked.indexOf('"level"')).toBeGreaterThan(asked.lastIndexOf('✔ findings'));
});
