import { lstat, open } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { chainNext, chainStart, splitLine } from './chain.ts';
import type { Faults } from './faults.ts';
import type { Manifest } from './schema.ts';

const Row = z.record(z.string(), z.json());
export type VerifiedRow = z.infer<typeof Row>;

type Reading = { readonly folder: string; readonly manifest: Manifest; readonly faults: Faults };

/** The rows of a dataset up to the first one that breaks its chain. */
export async function* readRows(
  { folder, manifest, faults }: Reading,
  dataset: string,
): AsyncGenerator<VerifiedRow, void, undefined> {
  const name = `${dataset}.ndjson`;
  const entry = manifest.files.find((file) => file.name === name);
  if (entry === undefined) return faults.add('manifest.json', `does not name ${name}`);
  let chain = chainStart(dataset);
  let count = 0;
  for await (const line of linesOf(join(folder, name))) {
    count += 1;
    const parts = splitLine(line);
    const next = parts === undefined ? undefined : chainNext(chain, parts.json);
    if (parts === undefined || next !== parts.chain) {
      return faults.add(dataset, `row ${count} is not the one that was written here`);
    }
    chain = next;
    yield Row.parse(JSON.parse(parts.json));
  }
  if (count !== entry.rows || chain !== entry.chain) {
    faults.add(dataset, `ends after ${count} rows, and ${entry.rows ?? 0} were written`);
  }
  return undefined;
}

/** None of a file that is not there or no plain one, which is told already. */
async function* linesOf(path: string): AsyncGenerator<string, void, undefined> {
  try {
    if (!(await lstat(path)).isFile()) return;
    await using file = await open(path);
    for await (const line of file.readLines({ encoding: 'utf8', autoClose: false })) yield line;
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'ENOENT')) throw error;
  }
}
