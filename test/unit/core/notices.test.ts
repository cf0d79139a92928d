import { describe, expect, test } from 'vitest';
import { planBreakerTripped, planRecovery, planWithheld } from '../../../src/core/notices.ts';
import type { BreakerRow } from '../../../src/core/views.ts';

const BREAKER: BreakerRow = {
  id: 4,
  source: 'nimble',
  kind: 'source',
  tripped_at: '2026-11-21T10:00:00Z',
  closed_at: null,
  closed_by: null,
  reason: null,
  evidence: { lost: 400, baseline: 412, limit: 83 },
};

describe('planBreakerTripped', () => {
  test('a source breaker names both counts, the source, and how to release it', () => {
    const plan = planBreakerTripped(BREAKER, ['n-1', 'n-2']);
    expect(plan.headline).toBe(
      'The list of nimble is not believed: 400 of 412 rows are gone, inactive, unknown or without an address at once (the breaker allows 83)',
    );
    expect(plan.sections).toEqual([
      {
        title: 'Rows concerned',
        rows: [
          { primary: 'n-1', detail: 'row of nimble' },
          { primary: 'n-2', detail: 'row of nimble' },
        ],
        more: 398,
        list: 'rollcall breaker show 4',
      },
    ]);
    expect(plan.footer).toContain('Look: rollcall breaker show 4');
    expect(plan.footer).toContain('If it is right: rollcall breaker release 4 --reason "…"');
  });

  test('a conclusion breaker names its counts', () => {
    const breaker: BreakerRow = { ...BREAKER, kind: 'conclusion', evidence: { found: 40, accounts: 100, limit: 20 } };
    expect(planBreakerTripped(breaker).headline).toBe(
      '40 new findings at once in nimble among 100 accounts are held (the breaker allows 20)',
    );
  });

  test('figures that are missing are not guessed', () => {
    expect(planBreakerTripped({ ...BREAKER, evidence: {} }).headline).toBe(
      'The list of nimble is not believed: too many rows are gone, inactive, unknown or without an address at once',
    );
    expect(planBreakerTripped({ ...BREAKER, kind: 'conclusion', evidence: {} }).headline).toBe(
      'Too many new findings at once in nimble are held',
    );
  });

  test('changed key settings wait for a new first look', () => {
    expect(planBreakerTripped({ ...BREAKER, kind: 'baseline', evidence: {} }).headline).toBe(
      'nimble is set up anew: its findings wait for a new first look',
    );
  });
});

describe('planRecovery', () => {
  test('says which source is back', () => {
    expect(planRecovery(BREAKER).headline).toBe('nimble is read normally again');
  });
});

describe('planWithheld', () => {
  test('names sources, reasons and rules, at most five', () => {
    const entry = { source: 'nimble', rules: ['leaver_account', 'orphaned_account'], reason: 'directory is stale' };
    const plan = planWithheld({ id: 7, withheld: Array.from({ length: 7 }, () => entry) });
    expect(plan.headline).toBe('No conclusions for nimble: a list could not be relied on');
    expect(plan.sections[0]?.rows[0]).toEqual({
      primary: 'nimble',
      detail: 'directory is stale; not judged: leaver_account, orphaned_account',
    });
    expect(plan.sections[0]?.more).toBe(2);
  });
});
