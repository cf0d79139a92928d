import { expect, test } from 'vitest';
import { composeAlert } from '../../../src/alerts/compose.ts';
import type { BreakerRow } from '../../../src/core/views.ts';
import { createMemoryReader } from '../../support/memory-reader.ts';
import { aFinding, aReport } from '../../support/view-rows.ts';

const BREAKER: BreakerRow = {
  id: 5,
  source: 'nimble',
  kind: 'source',
  tripped_at: '2026-11-21T09:00:00.000Z',
  closed_at: null,
  closed_by: null,
  reason: null,
  evidence: { lost: 120, baseline: 400, limit: 80 },
};

test('a digest tells what this report opened, marked with its id', async () => {
  const reader = createMemoryReader({ reports: [aReport({ id: 3 })], findings: [aFinding()] });
  const message = await composeAlert({ kind: 'digest', reportId: 3 }, reader);
  expect(message?.text).toContain('1 person who left still has an account');
  expect(message?.text).toContain('Jane Doe (jane.doe@example.com)');
  expect(message?.text.split('\n').at(-1)).toBe('Report 3');
  expect(reader.filters).toEqual([{ statuses: ['open'], announcedIn: 3 }]);
});

test('findings of a first look are in its own message and not in the digest', async () => {
  const report = aReport({ baseline: ['nimble/orphaned_account'], resolved: 0 });
  const findings = [aFinding({ id: 1 }), aFinding({ id: 2, rule: 'orphaned_account', account_name: 'Old Thing' })];
  const reader = createMemoryReader({ reports: [report], findings });
  const digest = await composeAlert({ kind: 'digest', reportId: 3 }, reader);
  const baseline = await composeAlert({ kind: 'baseline', reportId: 3 }, reader);
  expect(digest?.text).toContain('Jane Doe');
  expect(digest?.text).not.toContain('Old Thing');
  expect(baseline?.text).toContain('First look at nimble: 1 account belongs to nobody we know');
  expect(baseline?.text).not.toContain('Jane Doe');
});

test('a first look without findings is told, a digest without changes is not', async () => {
  const reader = createMemoryReader({ reports: [aReport({ baseline: ['nimble/orphaned_account'] })] });
  expect((await composeAlert({ kind: 'baseline', reportId: 3 }, reader))?.text).toContain('nothing to report');
  expect(await composeAlert({ kind: 'digest', reportId: 3 }, reader)).toBeUndefined();
});

test('a report whose findings were only resolved is told', async () => {
  const reader = createMemoryReader({ reports: [aReport({ opened: 0, resolved: 2 })] });
  expect((await composeAlert({ kind: 'digest', reportId: 3 }, reader))?.text).toContain(
    '2 findings are resolved, nothing new',
  );
});

test('withheld conclusions are told with the reason', async () => {
  const withheld = [{ source: 'nimble', rules: ['orphaned_account'], reason: 'the listing of directory is stale' }];
  const reader = createMemoryReader({ reports: [aReport({ withheld })] });
  const message = await composeAlert({ kind: 'withheld', reportId: 3 }, reader);
  expect(message?.text).toContain('the listing of directory is stale');
});

test('a breaker is told with figures, a few rows and the way to release it', async () => {
  const asked: number[] = [];
  const reader = createMemoryReader({
    breaker: async () => BREAKER,
    breakerLosses: async (_, limit) => {
      asked.push(limit);
      return ['u-1', '<!channel>'];
    },
  });
  const message = await composeAlert({ kind: 'breaker', breakerId: 5 }, reader);
  expect(message?.text).toContain('120 of 400 rows');
  expect(message?.text).toContain('rollcall breaker release 5');
  expect(message?.text).toContain('&lt;!channel&gt;');
  expect(asked).toEqual([5]);
});

test('a recovery and a release are told', async () => {
  const reader = createMemoryReader({
    breaker: async () => BREAKER,
    findings: [aFinding({ report_id: 2 })],
  });
  expect((await composeAlert({ kind: 'recovery', breakerId: 5 }, reader))?.text).toContain(
    'nimble is read normally again',
  );
  expect((await composeAlert({ kind: 'released', breakerId: 5 }, reader))?.text).toContain('Jane Doe');
  expect(reader.filters).toEqual([{ statuses: ['open'], releasedBy: 5 }]);
});

test('what the store no longer knows is nothing to tell', async () => {
  const reader = createMemoryReader();
  expect(await composeAlert({ kind: 'digest', reportId: 99 }, reader)).toBeUndefined();
  expect(await composeAlert({ kind: 'breaker', breakerId: 99 }, reader)).toBeUndefined();
});
