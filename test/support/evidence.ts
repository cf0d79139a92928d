import { execFile } from 'node:child_process';
import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { chainedLine, chainNext, chainStart, sha256, splitLine } from '../../src/cli/evidence/chain.ts';
import { Manifest, type ManifestFile } from '../../src/cli/evidence/schema.ts';
import { verifyCommand } from '../../src/cli/evidence/verify.ts';
import { createMemoryOutput } from './memory-output.ts';

export type Checked = { readonly code: number; readonly text: string };

/** What this program says of a folder. */
export async function verifyByUs(folder: string, digest?: string): Promise<Checked> {
  const out = createMemoryOutput();
  const code = await verifyCommand({ name: 'evidence', action: 'verify', folder, digest, json: false }, out);
  return { code, text: out.text() };
}

/** What the folder's own `verify.py` says; undefined where there is no Python. It is taken from the checkout, as a planted change may be in it. */
export async function verifyByPython(folder: string, ...digest: readonly string[]): Promise<Checked | undefined> {
  const script = join(import.meta.dirname, '../../src/cli/evidence/verify.py');
  return new Promise((resolve, reject) => {
    execFile('python3', [script, folder, ...digest], (error, stdout, stderr) => {
      if (error === null) resolve({ code: 0, text: stdout });
      else if (error.code === 'ENOENT') resolve(undefined);
      else if (stderr === '' && typeof error.code === 'number') resolve({ code: error.code, text: stdout });
      else reject(new Error(stderr));
    });
  });
}

export async function readManifest(folder: string): Promise<Manifest> {
  return Manifest.parse(JSON.parse(await readFile(join(folder, 'manifest.json'), 'utf8')));
}

/** Rows of a dataset, without their chain. */
export async function readDataset(folder: string, name: string): Promise<readonly Record<string, unknown>[]> {
  const text = await readFile(join(folder, `${name}.ndjson`), 'utf8');
  return text
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(splitLine(line)?.json ?? 'null'));
}

/** A copy to spoil. */
export async function copyOf(folder: string): Promise<{ readonly path: string } & AsyncDisposable> {
  const path = await mkdtemp(join(tmpdir(), 'rollcall-evidence-'));
  await cp(folder, path, { recursive: true });
  return { path, [Symbol.asyncDispose]: () => rm(path, { recursive: true }) };
}

export type Lines = (lines: readonly string[]) => readonly string[];
/** How much a forger makes anew: nothing, the sums of files, or the chains of rows as well. */
export type Effort = 'none' | 'sums' | 'chains';

/** Changes the rows of a dataset, and makes as much fit again as the effort says. */
export async function forge(folder: string, dataset: string, effort: Effort, edit: Lines): Promise<void> {
  const name = `${dataset}.ndjson`;
  const text = await readFile(join(folder, name), 'utf8');
  const lines = edit(text.split('\n').slice(0, -1));
  let chain = chainStart(dataset);
  const rechained = lines.map((line) => {
    const json = splitLine(line)?.json ?? line;
    chain = chainNext(chain, json);
    return chainedLine(json, chain).slice(0, -1);
  });
  const changed = `${(effort === 'chains' ? rechained : lines).join('\n')}\n`;
  await writeFile(join(folder, name), changed);
  if (effort === 'none') return;
  const file = (known: ManifestFile): ManifestFile =>
    known.name !== name
      ? known
      : {
          ...known,
          bytes: Buffer.byteLength(changed),
          sha256: sha256(changed),
          ...(effort === 'chains' ? { rows: lines.length, chain } : {}),
        };
  const manifest = await readManifest(folder);
  const forged = JSON.stringify({ ...manifest, files: manifest.files.map(file) });
  await writeFile(join(folder, 'manifest.json'), forged);
  await writeFile(join(folder, 'manifest.sha256'), `${sha256(forged)}  manifest.json\n`);
}
