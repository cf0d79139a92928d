import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileOf, type Name, newPlainTable, PLAIN_COLUMNS } from './plain-table.ts';
import type { Bench } from './bench.ts';

/** Whether the program is installed here; without it its line is missing from the table. */
export async function hasPsql(): Promise<boolean> {
  const child = spawn('psql', ['--version'], { stdio: 'ignore' });
  const { promise, resolve } = Promise.withResolvers<boolean>();
  child.once('error', () => resolve(false));
  child.once('exit', (code) => resolve(code === 0));
  return await promise;
}

/** The same files into the same new plain table by psql's `\\copy`; its start is part of the time. */
export async function loadByPsql(bench: Bench): Promise<number> {
  await newPlainTable(bench);
  const copy = (name: Name): string => `\\copy public.plain (${PLAIN_COLUMNS}) from '${fileOf(bench, name)}'`;
  const url = new URL(bench.database.url);
  // Not among the arguments, which everybody on the machine can read.
  const env = { ...process.env, PGPASSWORD: decodeURIComponent(url.password) };
  url.password = '';
  const start = performance.now();
  const args = ['-X', '-q', '-v', 'ON_ERROR_STOP=1', '-d', url.href];
  const child = spawn('psql', [...args, '-c', copy('directory'), '-c', copy('application')], {
    stdio: ['ignore', 'ignore', 'inherit'],
    env,
    signal: bench.signal,
  });
  const [code]: readonly unknown[] = await once(child, 'exit');
  if (code !== 0) throw new Error(`psql ended with ${String(code)}`);
  const ms = performance.now() - start;
  await bench.database.pool.query('analyze public.plain');
  return ms;
}
