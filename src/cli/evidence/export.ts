import { readFile } from 'node:fs/promises';
import { addDays, lastMomentOf, todayIn } from '../../core/dates.ts';
import { HASHED_FIELDS, RUN_FACTS } from '../../core/evidence-facts.ts';
import { OperationalError } from '../../errors.ts';
import type { EvidencePeriod, EvidenceSnapshot, EvidenceStore } from '../../ports/evidence.ts';
import type { Clock } from '../../ports/surroundings.ts';
import type { EvidenceCommand } from '../evidence-command.ts';
import type { Output } from '../output.ts';
import { renderJson } from '../render/json.ts';
import { EVIDENCE_FORMAT, sha256 } from './chain.ts';
import { writeDataset, writeWhole } from './dataset-files.ts';
import { writeFolder } from './folder.ts';
import type { Manifest, ManifestFile } from './schema.ts';
import { Overview, renderSummary } from './summary.ts';
import { SourceTally } from './tally.ts';

export type EvidenceDeps = {
  readonly evidence: EvidenceStore;
  readonly clock: Clock;
  readonly timezone: string;
  readonly version: string;
  /** Who collects it. */
  readonly author: () => string;
};
type Args = Extract<EvidenceCommand, { readonly action: 'export' }>;

/** The same check in another language; it goes along, so that nobody needs us to believe us. */
const VERIFIER = new URL('verify.py', import.meta.url);

/** Writes the evidence of a period into a new folder, and prints the digest that proves it. */
export async function evidenceCommand(deps: EvidenceDeps, args: Args, out: Output): Promise<number> {
  const now = deps.clock().toISOString();
  const period = toPeriod(args, deps.timezone, now);
  const made = { ...deps, period, now, author: deps.author(), tell: out.stderr };
  const { manifest, digest } = await writeFolder(args.out, async (draft) =>
    deps.evidence.snapshot(period, async (snapshot) => writeEvidence(draft, snapshot, made)),
  );
  if (args.json) await out.stdout(renderJson({ digest, manifest }));
  else {
    const rows = manifest.files.reduce((sum, file) => sum + (file.chain === undefined ? 0 : (file.rows ?? 0)), 0);
    await out.stdout(
      `Evidence of ${args.from} to ${args.to}: ${manifest.files.length} files, ${rows} rows, in ${args.out}\n` +
        `Its digest is ${digest}\n` +
        `Note it down elsewhere: who has it can prove that nothing was changed since, with\n` +
        `  rollcall evidence verify ${args.out} --digest ${digest}\n`,
    );
  }
  return 0;
}

type Made = {
  readonly version: string;
  readonly timezone: string;
  readonly period: EvidencePeriod;
  readonly now: string;
  readonly author: string;
  readonly tell: (text: string) => Promise<void>;
};

async function writeEvidence(
  folder: string,
  snapshot: EvidenceSnapshot,
  made: Made,
): Promise<{ readonly manifest: Manifest; readonly digest: string }> {
  const tally = new SourceTally(snapshot.sources, made.period.start);
  const overview = new Overview();
  const files: ManifestFile[] = [];
  for (const dataset of snapshot.datasets) {
    const written = await writeDataset(folder, dataset, (row) => {
      tally.see(dataset.name, row);
      overview.see(dataset.name, row);
    });
    files.push(...written);
    await made.tell(`${dataset.name}: ${written[0]?.rows ?? 0} rows\n`);
  }
  const { from, to, start, end } = made.period;
  const facts: Omit<Manifest, 'files'> = {
    format: EVIDENCE_FORMAT,
    rollcall: made.version,
    made_at: made.now,
    made_by: made.author,
    period: { from, to, timezone: made.timezone, start, end },
    sla_hours: snapshot.slaHours,
    run_digest_covers: [...RUN_FACTS],
    content_hash_covers: [...HASHED_FIELDS],
    sources: [...tally.sources()],
  };
  files.push(await writeWhole(folder, 'summary.html', await renderSummary(facts, overview)));
  files.push(await writeWhole(folder, 'verify.py', await readFile(VERIFIER, 'utf8')));
  const manifest: Manifest = { ...facts, files };
  const text = renderJson(manifest);
  const digest = sha256(text);
  await writeWhole(folder, 'manifest.json', text);
  // As `sha256sum --check` reads it.
  await writeWhole(folder, 'manifest.sha256', `${digest}  manifest.json\n`);
  return { manifest, digest };
}

/** Whole days of the company; of today what there is of it. */
function toPeriod({ from, to }: Args, timezone: string, now: string): EvidencePeriod {
  const today = todayIn(timezone, now);
  if (to > today) {
    throw new OperationalError(
      'usage',
      `--to ${to} is in the future in ${timezone}: nothing is known of that day yet, today is ${today}`,
    );
  }
  const start = lastMomentOf(addDays(from, -1), timezone);
  return { from, to, start, end: to === today ? now : lastMomentOf(to, timezone) };
}
