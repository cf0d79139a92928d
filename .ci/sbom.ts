// `npm run sbom [-- FILE]`: the packages that the image holds, as CycloneDX. `npm sbom --omit=dev` leaves out every package that some
// development tool needs too (seen with npm 11.19.1: pg, zod, yaml and drizzle-orm were missing), so npm is given a project that has no
// others, made from the lock file alone.
import { execFileSync } from 'node:child_process';
import { copyFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const OUTPUT_BYTES_MAX = 64 * 1_048_576;
const NPM_TIMEOUT_MS = 120_000;

type Project = {
  readonly name: string;
  readonly version: string;
  readonly description: string;
  readonly dependencies: Readonly<Record<string, string>>;
};
type Bom = {
  readonly bomFormat: string;
  readonly components: readonly { readonly name: string; readonly version: string }[];
};

const text = readFileSync('package.json', 'utf8');
const { name, version, description, dependencies }: Project = JSON.parse(text);
const folder = mkdtempSync(join(tmpdir(), 'sbom-'));
try {
  const bom = describe(join(folder, name));
  check(JSON.parse(bom));
  const file = process.argv[2];
  if (file === undefined) process.stdout.write(bom);
  else writeFileSync(file, bom);
} finally {
  rmSync(folder, { recursive: true });
}

/** npm names the application after its folder. */
function describe(project: string): string {
  mkdirSync(project);
  for (const file of ['package-lock.json', '.npmrc']) copyFileSync(file, join(project, file));
  const alone = { name, version, description, license: 'UNLICENSED', private: true, dependencies };
  writeFileSync(join(project, 'package.json'), JSON.stringify(alone));
  npm(project, ['install', '--package-lock-only', '--ignore-scripts', '--prefer-offline']);
  return npm(project, ['sbom', '--package-lock-only', '--sbom-format=cyclonedx', '--sbom-type=application']);
}

function npm(cwd: string, args: readonly string[]): string {
  const stdio = ['ignore', 'pipe', 'inherit'] as const;
  return execFileSync('npm', args, {
    cwd,
    stdio: [...stdio],
    encoding: 'utf8',
    maxBuffer: OUTPUT_BYTES_MAX,
    timeout: NPM_TIMEOUT_MS,
  });
}

function check({ bomFormat, components }: Bom): void {
  if (bomFormat !== 'CycloneDX') throw new Error(`npm wrote ${bomFormat}, not CycloneDX`);
  const listed = new Set(components.map((each) => `${each.name}@${each.version}`));
  const missing = Object.entries(dependencies).filter(([each, of]) => !listed.has(`${each}@${of}`));
  if (missing.length > 0) throw new Error(`not listed: ${missing.map(([each]) => each).join(', ')}`);
  const { packages }: { packages: Readonly<Record<string, { readonly version?: string }>> } = JSON.parse(
    readFileSync('package-lock.json', 'utf8'),
  );
  const locked = new Set(
    Object.entries(packages).map(([at, each]) => `${at.split('node_modules/').at(-1) ?? ''}@${each.version ?? ''}`),
  );
  const other = [...listed].filter((each) => !locked.has(each));
  if (other.length > 0) throw new Error(`not of the lock file: ${other.join(', ')}`);
}
