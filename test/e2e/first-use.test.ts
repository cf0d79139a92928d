import { expect, test } from 'vitest';
import { followReadme } from '../first-use/first-use.ts';

test('a stranger who does what the README says has a first report', async () => {
  const steps = await followReadme();
  const [demo, init, run] = steps;
  expect(steps).toHaveLength(3);
  expect(demo?.stdout).toContain('Slack was told:');
  expect(init?.stdout).toContain('Nothing fails');
  // The company of the sandbox has one account of nobody when it begins.
  expect(init?.stdout).toMatch(/Findings: 1 would open/);
  expect(init?.stdout).toMatch(/nimble\s+orphaned_account/);
  expect(run?.stdout).toMatch(/nimble\s+orphaned_account/);
}, 240_000);
