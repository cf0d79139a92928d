import { describe, expect, test } from 'vitest';
import { OperationalError } from '../../../src/errors.ts';
import { createMetrics } from '../../../src/http/metrics.ts';
import { createMemoryReader } from '../../support/memory-reader.ts';
import { ask, QUEUE, serve, TICKS } from '../../support/served.ts';
import { aReport, aRun, aSourceHealth } from '../../support/view-rows.ts';

describe('metrics', () => {
  const reader = createMemoryReader({
    reports: [aReport({ withheld: [{ source: 'namely', rules: ['orphaned_account'], reason: 'stale' }] })],
    sources: async () => [
      aSourceHealth(),
      aSourceHealth({ source: 'namely', last_complete_at: null, stale: true, breaker: 'source', accounts: 0 }),
    ],
    latestRuns: async () => [aRun({ verdict: 'incomplete' })],
    countFindings: async () => [
      { source: 'nimble', rule: 'leaver_account', severity: 'high', status: 'open', count: 4 },
      { source: 'nimble', rule: 'leaver_account', severity: 'high', status: 'held', count: 9 },
      { source: 'nimble', rule: 'leaver_account', severity: 'high', status: 'waived', count: 5 },
    ],
  });

  test('says how things stand, by source and rule', async () => {
    await using server = await serve({
      reader,
      checks: [{ name: 'slack', required: false, check: async () => 'gone' }],
    });
    const { body, headers } = await ask(server, '/metrics');
    expect(headers['content-type']).toContain('text/plain');
    const lines = body.split('\n').filter((line) => line.startsWith('rollcall_'));
    expect(lines.toSorted()).toEqual([
      'rollcall_breaker_open{source="namely"} 1',
      'rollcall_breaker_open{source="nimble"} 0',
      'rollcall_build_info{version="1.2.3"} 1',
      'rollcall_check_ok{check="slack"} 0',
      'rollcall_coalesced_fires_total{source="nimble",schedule="schedule"} 2',
      'rollcall_dead_letters{queue="alert",code="slack-rejected"} 1',
      'rollcall_findings_held{source="nimble",rule="leaver_account",severity="high"} 9',
      'rollcall_findings_open{source="nimble",rule="leaver_account",severity="high"} 4',
      'rollcall_findings_waived{source="nimble",rule="leaver_account",severity="high"} 5',
      'rollcall_jobs_failed 1',
      'rollcall_jobs_waiting 2',
      'rollcall_last_report_duration_seconds 5',
      `rollcall_last_report_timestamp_seconds ${Date.UTC(2026, 10, 21, 9, 0, 5) / 1000}`,
      'rollcall_missed_fires_total{source="nimble",schedule="schedule"} 50',
      'rollcall_queue_depth{queue="sync"} 3',
      'rollcall_queue_oldest_seconds{queue="sync"} 4.5',
      'rollcall_report_withheld_sources 1',
      `rollcall_schedule_last_fire_timestamp_seconds{source="nimble",schedule="schedule"} ${Date.UTC(2026, 10, 21, 8, 45) / 1000}`,
      'rollcall_source_accounts{source="namely",authoritative="false"} 0',
      'rollcall_source_accounts{source="nimble",authoritative="false"} 412',
      `rollcall_source_last_complete_timestamp_seconds{source="nimble"} ${Date.UTC(2026, 10, 21, 8, 57) / 1000}`,
      'rollcall_source_last_run_changed_rows{source="nimble"} 0',
      'rollcall_source_last_run_duration_seconds{source="nimble"} 60',
      'rollcall_source_last_run_requests{source="nimble"} 9',
      'rollcall_source_last_run_rows{source="nimble"} 412',
      `rollcall_source_last_run_timestamp_seconds{source="nimble"} ${Date.UTC(2026, 10, 21, 8, 57) / 1000}`,
      'rollcall_source_last_run_verdict{source="nimble",verdict="incomplete"} 1',
      'rollcall_source_stale{source="namely"} 1',
      'rollcall_source_stale{source="nimble"} 0',
      'rollcall_tick_failures_total 0',
    ]);
    expect(body).not.toMatch(/jane|example\.com/iu);
  });

  test('without the database the process still tells of itself, and invents no figures', async () => {
    const away = createMemoryReader({
      sources: async () => Promise.reject(new OperationalError('database-unavailable', 'away')),
    });
    await using server = await serve({
      reader: away,
      checks: [{ name: 'database', required: true, check: async () => 'away' }],
    });
    const { status, body } = await ask(server, '/metrics');
    expect(status).toBe(200);
    expect(body).toContain('rollcall_check_ok{check="database"} 0');
    expect(body).toContain('process_resident_memory_bytes');
    expect(body).not.toMatch(/^rollcall_(?:jobs|queue|dead|missed|source|findings|last|waivers)/mu);
  });

  test('runs are counted by verdict', async () => {
    const metrics = createMetrics({
      version: '1',
      reader: createMemoryReader(),
      queue: QUEUE,
      ticks: TICKS,
      checks: [],
    });
    metrics.countRun('nimble', 'complete');
    metrics.countRun('nimble', 'complete');
    expect(await metrics.render()).toContain('rollcall_runs_total{source="nimble",verdict="complete"} 2');
  });

  test('of a source that was not read yet the counters are there with 0: the first failure is an increase', async () => {
    const metrics = createMetrics({
      version: '1',
      reader: createMemoryReader(),
      queue: QUEUE,
      ticks: TICKS,
      checks: [],
    });
    metrics.countReading('nimble', {});
    const text = await metrics.render();
    for (const verdict of ['complete', 'incomplete', 'deferred', 'suspicious', 'failed']) {
      expect(text).toContain(`rollcall_runs_total{source="nimble",verdict="${verdict}"} 0`);
    }
  });

  test('a refused credential is shown until the vendor gives rows again; a timeout in between changes nothing', async () => {
    const metrics = createMetrics({
      version: '1',
      reader: createMemoryReader(),
      queue: QUEUE,
      ticks: TICKS,
      checks: [],
    });
    const shown = async (): Promise<string> =>
      (await metrics.render()).split('\n').find((line) => line.startsWith('rollcall_credential_refused{')) ?? '';
    expect(await shown()).toBe('');
    metrics.countRun('nimble', 'incomplete', 'source-auth');
    expect(await shown()).toBe('rollcall_credential_refused{source="nimble"} 1');
    metrics.countRun('nimble', 'incomplete', 'source-unavailable');
    metrics.countRun('nimble', 'deferred');
    expect(await shown()).toBe('rollcall_credential_refused{source="nimble"} 1');
    metrics.countRun('nimble', 'complete');
    expect(await shown()).toBe('rollcall_credential_refused{source="nimble"} 0');
    metrics.countRun('nimble', 'failed', 'source-forbidden');
    expect(await shown()).toBe('rollcall_credential_refused{source="nimble"} 1');
  });

  test('scrapes that come together share one round of queries', async () => {
    let asked = 0;
    const counting = createMemoryReader({
      sources: async () => {
        asked += 1;
        return [];
      },
    });
    const metrics = createMetrics({ version: '1', reader: counting, queue: QUEUE, ticks: TICKS, checks: [] });
    await Promise.all([metrics.render(), metrics.render(), metrics.render()]);
    expect(asked).toBe(1);
    await metrics.render();
    expect(asked).toBe(2);
  });
});
