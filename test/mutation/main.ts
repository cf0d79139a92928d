import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { parseArgs } from 'node:util';
import { describeMutant, faultsOf, JUDGED, survivorsOf } from './judged.ts';
import { isAlive, type Mutant } from './mutant.ts';
import { plantMutants } from './plant.ts';
import { renderRun, renderScores, replaceMutants } from './render.ts';
import { scoreOf, scoresByFile } from './score.ts';

const USAGE = `npm run mutation [-- --file PATH …]
  --file  only this file, as often as wanted; the judgement needs all that are judged, ${JUDGED.join(', ')}
  UPDATE_DOCS=1 in the environment writes a run with all of these into docs/reliability.md
`;
const CORE = 'src/core/**/*.ts';
const DOCUMENT = new URL('../../docs/reliability.md', import.meta.url);
const EXIT = { ok: 0, failed: 1, usage: 64 } as const;
const MINUTE_MS = 60_000;

process.exitCode = await main(process.argv.slice(2));

async function main(args: readonly string[]): Promise<number> {
  const files = parse(args);
  if (files === undefined) {
    process.stderr.write(USAGE);
    return EXIT.usage;
  }
  const begin = performance.now();
  const mutants = await plantMutants(files.length === 0 ? [CORE] : files);
  const minutes = Math.ceil((performance.now() - begin) / MINUTE_MS);
  const alive = mutants.filter(isAlive).map((mutant) => `${describeMutant(mutant)}\n`);
  process.stdout.write(`\n${alive.join('')}\n${renderScores(scoresByFile(mutants))}\n`);
  const isJudged = files.length === 0 || JUDGED.every((file) => files.includes(file));
  const faults = isJudged ? faultsOf(mutants) : nothingOf(mutants);
  for (const fault of faults) process.stderr.write(`${fault}\n`);
  if (isJudged && process.env['UPDATE_DOCS'] === '1') writePage(mutants, minutes);
  return faults.length === 0 ? EXIT.ok : EXIT.failed;
}

/** A tool that finds nothing to do has proved nothing. */
function nothingOf(mutants: readonly Mutant[]): readonly string[] {
  return mutants.length === 0 ? ['nothing was planted'] : [];
}

function parse(args: readonly string[]): readonly string[] | undefined {
  try {
    const { values } = parseArgs({ args: [...args], options: { file: { type: 'string', multiple: true } } });
    const files = values.file ?? [];
    return files.every((file) => existsSync(file)) ? files : undefined;
  } catch {
    return undefined;
  }
}

function writePage(mutants: readonly Mutant[], minutes: number): void {
  const text = renderRun({
    day: new Date().toISOString().slice(0, 10),
    minutes,
    cores: availableParallelism(),
    scores: scoresByFile(mutants),
    total: scoreOf(mutants),
    survivors: survivorsOf(mutants),
  });
  writeFileSync(DOCUMENT, replaceMutants(readFileSync(DOCUMENT, 'utf8'), text));
}
