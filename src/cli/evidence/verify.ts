import { lstat, open, readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { HASHED_FIELDS, RUN_FACTS } from '../../core/evidence-facts.ts';
import { OperationalError } from '../../errors.ts';
import type { EvidenceCommand } from '../evidence-command.ts';
import type { Output } from '../output.ts';
import { renderJson } from '../render/json.ts';
import { toTerminalText } from '../../words/inert-text.ts';
import { sha256, startSha256 } from './chain.ts';
import { Faults } from './faults.ts';
import { Manifest } from './schema.ts';
import { readRows } from './verify-rows.ts';
import { checkRoster, checkRuns } from './verify-runs.ts';

type Args = Extract<EvidenceCommand, { readonly action: 'verify' }>;

const OWN = ['manifest.json', 'manifest.sha256'];
/** Read by the checks that look at more than their chain. */
const LOOKED_INTO: ReadonlySet<string> = new Set(['runs', 'roster_from', 'roster_to']);

const COVERED = { run_digest_covers: RUN_FACTS, content_hash_covers: HASHED_FIELDS };

/** Computes every digest of a folder anew. 0: it is what was written; 1: what is not, one line each. */
export async function verifyCommand(args: Args, out: Output): Promise<number> {
  const { digest, faults } = await verifyFolder(args.folder, args.digest);
  if (args.json) await out.stdout(renderJson({ verified: faults.length === 0, digest, faults }));
  else if (faults.length === 0) await out.stdout(`Verified: nothing was changed. The digest is ${digest}\n`);
  else {
    await out.stdout(
      `NOT what was written:\n${faults.map(({ where, what }) => `  ${toTerminalText(`${where}: ${what}`)}\n`).join('')}`,
    );
  }
  return faults.length === 0 ? 0 : 1;
}

type Verified = { readonly digest: string; readonly faults: Faults['all'] };

async function verifyFolder(folder: string, expected: string | undefined): Promise<Verified> {
  const faults = new Faults();
  const raw = await readOrFail(folder, 'manifest.json');
  const digest = sha256(raw);
  const noted = await readOrFail(folder, 'manifest.sha256');
  if (noted !== `${digest}  manifest.json\n`) faults.add('manifest.json', 'is not the one that was written');
  if (expected !== undefined && expected.toLowerCase() !== digest) {
    faults.add('manifest.json', `has the digest ${digest}, and not the one that was noted`);
  }
  const manifest = parseManifest(raw);
  if (manifest === undefined) faults.add('manifest.json', 'cannot be read as a manifest');
  else await verifyFiles(folder, manifest, faults);
  return { digest, faults: faults.all };
}

async function verifyFiles(folder: string, manifest: Manifest, faults: Faults): Promise<void> {
  // What the digests cover is fixed by the format; one that covers less proves less.
  for (const key of ['run_digest_covers', 'content_hash_covers'] as const) {
    if (manifest[key].join() !== COVERED[key].join()) faults.add('manifest.json', `has another ${key} than the format`);
  }
  const there = await verifyNames(folder, manifest, faults);
  const files = manifest.files.filter(({ name }) => there.has(name));
  for (const { name, sha256: said } of files) {
    if ((await digestOf(join(folder, name))) !== said) faults.add(name, 'is not the file that was written');
  }
  const rows = (dataset: string) => readRows({ folder, manifest, faults }, dataset);
  for (const { name } of files.filter(({ chain }) => chain !== undefined)) {
    const dataset = name.slice(0, -'.ndjson'.length);
    if (!LOOKED_INTO.has(dataset)) for await (const _row of rows(dataset));
  }
  const listings = await checkRuns(manifest, rows('runs'), faults);
  for (const name of ['roster_from', 'roster_to'] as const) {
    await checkRoster({ manifest, name, listings, faults }, rows(name));
  }
}

/** Returns the names of the plain files that are there: a link leads elsewhere, and a pipe or a device never ends. */
async function verifyNames(folder: string, manifest: Manifest, faults: Faults): Promise<ReadonlySet<string>> {
  const entries = await readdir(folder, { withFileTypes: true });
  const there = new Set(entries.map(({ name }) => name));
  const known = new Set([...OWN, ...manifest.files.map(({ name }) => name)]);
  for (const name of there.difference(known)) faults.add(name, 'does not belong to the evidence');
  for (const name of known.difference(there)) faults.add(name, 'is missing');
  const plain = new Set(entries.filter((entry) => entry.isFile()).map(({ name }) => name));
  for (const name of known.intersection(there).difference(plain)) faults.add(name, 'is no plain file');
  return plain;
}

function parseManifest(raw: string): Manifest | undefined {
  try {
    return Manifest.safeParse(JSON.parse(raw)).data;
  } catch {
    return undefined;
  }
}

async function digestOf(path: string): Promise<string> {
  const hash = startSha256();
  const file = await open(path);
  for await (const piece of file.createReadStream()) hash.update(piece);
  return hash.digest('hex');
}

async function readOrFail(folder: string, name: string): Promise<string> {
  try {
    const path = join(folder, name);
    if (!(await lstat(path)).isFile()) throw new Error('no plain file');
    return await readFile(path, 'utf8');
  } catch (error) {
    throw new OperationalError(
      'not-found',
      `${folder} is no evidence folder: its ${name} cannot be read. Name the folder that \`rollcall evidence --out\` made`,
      { cause: error },
    );
  }
}
