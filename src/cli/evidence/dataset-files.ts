import { open, type FileHandle } from 'node:fs/promises';
import { join } from 'node:path';
import type { EvidenceDataset, EvidenceRow } from '../../ports/evidence.ts';
import { renderCsv } from '../render/csv.ts';
import { renderJsonLine } from '../render/json.ts';
import { chainedLine, chainNext, chainStart, startSha256 } from './chain.ts';
import type { ManifestFile } from './schema.ts';

/** Only their owner may read them: they are about people. */
const FILE_MODE = 0o600;

/** Writes a file piece by piece and knows its digest at the end. Never replaces one. */
class HashedFile implements AsyncDisposable {
  readonly #handle: FileHandle;
  readonly #name: string;
  readonly #hash = startSha256();
  #bytes = 0;

  private constructor(handle: FileHandle, name: string) {
    this.#handle = handle;
    this.#name = name;
  }

  static async create(folder: string, name: string): Promise<HashedFile> {
    return new HashedFile(await open(join(folder, name), 'wx', FILE_MODE), name);
  }

  async write(text: string): Promise<void> {
    const piece = Buffer.from(text, 'utf8');
    this.#hash.update(piece);
    this.#bytes += piece.length;
    await this.#handle.writeFile(piece);
  }

  /** Once, at the end: what was written is on the disk then. */
  async end(): Promise<ManifestFile> {
    await this.#handle.sync();
    return { name: this.#name, bytes: this.#bytes, sha256: this.#hash.digest('hex') };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#handle.close();
  }
}

/** One dataset as `NAME.csv` for people and spreadsheets and as `NAME.ndjson` for programs, with the chain of its rows. */
export async function writeDataset(
  folder: string,
  dataset: EvidenceDataset,
  see: (row: EvidenceRow) => void,
): Promise<readonly ManifestFile[]> {
  const { name, columns } = dataset;
  await using csv = await HashedFile.create(folder, `${name}.csv`);
  await using ndjson = await HashedFile.create(folder, `${name}.ndjson`);
  await csv.write(renderCsv(columns, []));
  let chain = chainStart(name);
  let count = 0;
  for await (const batch of dataset.rows()) {
    let lines = '';
    for (const row of batch) {
      const json = renderJsonLine(row);
      chain = chainNext(chain, json);
      lines += chainedLine(json, chain);
      see(row);
    }
    count += batch.length;
    await csv.write(renderCsv(columns, batch, false));
    await ndjson.write(lines);
  }
  const files = [await csv.end(), await ndjson.end()] as const;
  return [
    { ...files[0], rows: count },
    { ...files[1], rows: count, chain },
  ];
}

/** A file whose whole text is at hand. */
export async function writeWhole(folder: string, name: string, text: string): Promise<ManifestFile> {
  await using file = await HashedFile.create(folder, name);
  await file.write(text);
  return await file.end();
}
