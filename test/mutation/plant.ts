import { readFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { relative } from 'node:path';
import { Stryker } from '@stryker-mutator/core';
import { type Mutant, toMutant } from './mutant.ts';

/** A mutant that loops is cut after its tests' usual time × 1.5 and this. */
const TIMEOUT_MS = 10_000;

/**
 * Plants mutants in these files, one at a time, in a copy of the repository, and runs the unit tests that reach each.
 */
export async function plantMutants(files: readonly string[]): Promise<readonly Mutant[]> {
  // Its file says `tsconfigFile: none`: it would read tsconfig.json with TypeScript's JavaScript interface, which version 7 has no more, to
  // adapt paths that are not there.
  const stryker = new Stryker({
    configFile: 'test/mutation/stryker.config.json',
    mutate: [...files],
    concurrency: availableParallelism(),
    timeoutMS: TIMEOUT_MS,
  });
  const results = await stryker.runMutationTest();
  const sources = new Map<string, string>();
  return results.map((result) => {
    const source = sources.get(result.fileName) ?? readFileSync(result.fileName, 'utf8');
    sources.set(result.fileName, source);
    return toMutant(result, relative(process.cwd(), result.fileName), source);
  });
}
