import { describe, expect, test } from 'vitest';
import { renderFindings, renderReport } from '../../../../src/cli/render/report.ts';
import type { ReportParts } from '../../../../src/words/report-summary.ts';
import { aFinding, aReport, aRun, aSourceHealth } from '../../../support/view-rows.ts';

const NOW = new Date('2026-11-21T09:00:00.000Z');
const TABLE = { format: 'table', width: 120, now: NOW } as const;

function someParts(overrides: Partial<ReportParts> = {}): ReportParts {
  return {
    report: aReport({ opened: 2, resolved: 1, open: 3, held: 1 }),
    sources: [
      aSourceHealth({ source: 'directory', type: 'file', authoritative: true, accounts: 400, open_findings: 0 }),
      aSourceHealth({ open_findings: 3 }),
    ],
    runs: [aRun(), aRun({ source: 'directory', declared_total: null, distinct_ids: 400 })],
    findings: [
      aFinding({ id: 17 }),
      aFinding({ id: 18, account_email: 'jane.two@example.com', summary: 'Jane Doe left and still has an account.' }),
      aFinding({
        id: 19,
        rule: 'orphaned_account',
        severity: 'critical',
        account_email: 'root@example.com',
        summary: 'Nobody has this address.',
      }),
    ],
    ...overrides,
  };
}

describe('table', () => {
  test('headline, sources with completeness and age, findings by severity, what next', () => {
    expect(renderReport(someParts(), TABLE)).toBe(
      `Report 3, 2026-11-21 09:00 UTC

1 person who left still has an account and 1 account belongs to nobody we know. 2 opened, 1 resolved, 3 open, 1 held.

SOURCE     TYPE    HOLDS       LISTING      ROWS   COMPLETE  FINDINGS  BREAKER
directory  file    identities  complete      400  3 min ago         0  -
nimble     nimble  accounts    complete  412/412  3 min ago         3  -

CRITICAL (1)
ID  STATUS  SOURCE  RULE              WHO               SINCE  WHAT
19  open    nimble  orphaned_account  root@example.com   24 h  Nobody has this address.

HIGH (2)
ID  STATUS  SOURCE  RULE            WHO                   SINCE  WHAT
17  open    nimble  leaver_account  jane.doe@example.com   24 h  Jane Doe left and still has an account.
18  open    nimble  leaver_account  jane.two@example.com   24 h  Jane Doe left and still has an account.

NEXT
  rollcall explain 19     why, on what it rests, what would clear it
`,
    );
  });

  test('what was withheld is said with its reason, and how a breaker is released', () => {
    const text = renderReport(
      someParts({
        findings: [],
        report: aReport({
          opened: 0,
          open: 0,
          withheld: [
            { source: 'nimble', rules: ['orphaned_account', 'leaver_account'], reason: 'nimble has an open breaker' },
          ],
        }),
        sources: [aSourceHealth({ breaker: 'source', stale: true, last_complete_at: null })],
        runs: [],
      }),
      TABLE,
    );
    expect(text).toBe(
      `Report 3, 2026-11-21 09:00 UTC

No finding is open, but not everything could be judged. 0 opened, 0 resolved, 0 open.

SOURCE  TYPE    HOLDS     LISTING   ROWS  COMPLETE  FINDINGS  BREAKER
nimble  nimble  accounts  none yet     -     never         1  source

WITHHELD: findings of these rules stay as they are
  nimble: has an open breaker. Not judged: orphaned_account, leaver_account.

NEXT
  rollcall breaker list   what was not believed, and how to release it
`,
    );
  });

  test('nothing found is said in words', () => {
    const quiet = { findings: [], report: aReport({ opened: 0, open: 0 }) };
    expect(renderReport(someParts(quiet), TABLE)).toContain('No finding is open: what was read is in order.');
  });

  const complete = [aRun(), aRun({ source: 'directory' })];
  test.each<[string, Partial<ReportParts>, string]>([
    ['a source that this run could not read', { runs: complete, failed: ['nimble'] }, 'nimble'],
    [
      'a listing that is not complete',
      { runs: [aRun({ verdict: 'incomplete' }), aRun({ source: 'directory' })] },
      'nimble',
    ],
    ['a listing that waits', { runs: [aRun(), aRun({ source: 'directory', verdict: 'deferred' })] }, 'directory'],
    ['no listing yet', { runs: [], failed: ['nimble'] }, 'directory and nimble'],
  ])('nothing found with %s is not called in order', (_name, parts, names) => {
    for (const waived of [0, 1]) {
      const quiet = { findings: [], report: aReport({ opened: 0, open: 0, waived }), ...parts };
      const text = renderReport(someParts(quiet), TABLE);
      expect(text).toContain(`No finding is open, but not everything could be read: ${names}.`);
      expect(text).not.toContain('in order');
    }
  });

  test('hundreds of findings are counted, not printed', () => {
    const findings = Array.from({ length: 60 }, (_, id) => aFinding({ id: id + 1 }));
    const text = renderReport(someParts({ findings }), TABLE);
    expect(text).toContain('HIGH (60)');
    expect(text).toContain('and 10 more: `rollcall findings --format csv` lists them all');
    expect(text).not.toContain('\n51  ');
  });

  test('a hostile name makes no row and no command', () => {
    const findings = [aFinding({ account_email: 'x\n99  open  forged', summary: '\u001b[2J\u009b1mhi' })];
    const text = renderReport(someParts({ findings }), TABLE);
    expect(text.replaceAll('\n', '')).not.toMatch(/\p{Cc}/u);
    expect(text).not.toMatch(/^99/mu);
  });
});

test('json has the three parts of the contract with the columns of the views', () => {
  const parts = someParts();
  expect(JSON.parse(renderReport(parts, { ...TABLE, format: 'json' }))).toEqual({
    report: parts.report,
    sources: parts.sources,
    findings: parts.findings,
  });
});

test('ndjson has the same values, one a line', () => {
  const parts = someParts();
  const lines = renderReport(parts, { ...TABLE, format: 'ndjson' })
    .trimEnd()
    .split('\n');
  expect(lines.map((line) => Object.keys(JSON.parse(line)))).toEqual([
    ['report'],
    ['source'],
    ['source'],
    ['finding'],
    ['finding'],
    ['finding'],
  ]);
});

describe('findings', () => {
  test('csv has the columns of the view, in its order', () => {
    const text = renderFindings([aFinding({ account_name: '=cmd' })], { ...TABLE, format: 'csv' });
    expect(text.split('\r\n')).toEqual([
      'id,fingerprint,source,rule,severity,status,account_id,account_email,account_name,identity_id,identity_source,identity_email,summary,evidence,first_detected_at,last_detected_at,resolved_at,resolution,waived_until,report_id',
      '17,"fp-17","nimble","leaver_account","high","open","u-1","jane.doe@example.com","\'=cmd","e-1","directory","jane.doe@example.com","Jane Doe left and still has an account.","{""left_on"":""2026-11-19"",""left_by"":""end_date""}","2026-11-20T09:00:00.000Z","2026-11-21T09:00:00.000Z",,,,3',
      '',
    ]);
  });

  test('an empty table says so; empty csv and json stay readable by programs', () => {
    expect(renderFindings([], TABLE)).toBe('No finding matches.\n');
    expect(renderFindings([], { ...TABLE, format: 'json' })).toBe('[]\n');
    expect(renderFindings([], { ...TABLE, format: 'ndjson' })).toBe('');
    expect(renderFindings([], { ...TABLE, format: 'csv' })).toMatch(/^id,fingerprint,.*\r\n$/u);
  });
});
