// `npm run check`: all scripts named `check:…` at once, each one's output in one piece, none hidden by another's failure.
import { exec } from 'node:child_process';
import { readFileSync } from 'node:fs';

const OUTPUT_BYTES_MAX = 16 * 1_048_576;
const PREFIX = 'check:';

/** Runs one script to its end and says how long it took; what it printed matters only if it failed. */
async function check(name: string, command: string): Promise<boolean> {
  const begin = performance.now();
  const { passed, printed } = await new Promise<{ passed: boolean; printed: string }>((resolve) => {
    exec(command, { maxBuffer: OUTPUT_BYTES_MAX }, (error, stdout, stderr) => {
      resolve({ passed: error === null, printed: `${stdout}${stderr}` });
    });
  });
  const seconds = ((performance.now() - begin) / 1_000).toFixed(1);
  if (!passed) process.stdout.write(printed);
  process.stdout.write(`${passed ? 'ok    ' : 'FAILED'} ${name.padEnd(6)} ${seconds.padStart(5)} s\n`);
  return passed;
}

const { scripts }: { scripts: Record<string, string> } = JSON.parse(readFileSync('package.json', 'utf8'));
const checks = Object.entries(scripts).filter(([name]) => name.startsWith(PREFIX));
const results = await Promise.all(checks.map(([name, command]) => check(name.slice(PREFIX.length), command)));
process.exitCode = results.length > 0 && results.every(Boolean) ? 0 : 1;
