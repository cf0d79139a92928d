import fc from '../../../support/property.ts';
import { describe, expect, test } from 'vitest';
import { renderFindings, renderReport } from '../../../../src/cli/render/report.ts';
import { toMarkdownText } from '../../../../src/cli/render/markdown.ts';
import { aFinding, aReport, aRun, aSourceHealth } from '../../../support/view-rows.ts';

const now = new Date('2026-11-21T09:00:00Z');
const options = { format: 'md', width: 80, now } as const;

test('a report for a ticket: in words, on what it rests, each finding with what to do, what was withheld', () => {
  const parts = {
    report: aReport({ withheld: [{ source: 'namely', rules: ['orphaned_account'], reason: 'directory is stale' }] }),
    sources: [aSourceHealth()],
    runs: [aRun()],
    findings: [aFinding()],
  };
  expect(renderReport(parts, options)).toBe(`# Report 3, 2026-11-21 09:00 UTC

1 person who left still has an account. 1 opened, 0 resolved, 1 open.

| Source | Type | Holds | Last listing | Rows | Complete | Findings | Breaker |
| --- | --- | --- | --- | --- | --- | --- | --- |
| nimble | nimble | accounts | complete | 412/412 | 3 min ago | 1 | - |

## HIGH (1)

| Finding | Severity | Status | Source | Rule | Who | Why | Since | What to do |
| --- | --- | --- | --- | --- | --- | --- | --- | --- |
| 17 | high | open | nimble | leaver\\_account | Jane Doe (jane.doe\\@example.com) | left on 2026-11-19 (by end date) | 2026-11-20 | Remove or deactivate the account in its application. |

## Withheld

Findings of these rules stay as they are.

| Source | Because | Not judged |
| --- | --- | --- |
| namely | directory is stale | orphaned\\_account |
`);
});

describe('names are text', () => {
  const cases = [
    ['a | b', 'a \\| b'],
    ['<script>alert(1)</script>', '&lt;script\\>alert(1)&lt;/script\\>'],
    ['[click](javascript:alert(1))', '\\[click\\](javascript:alert(1))'],
    ['![](http://x.example/a.png)', '\\!\\[\\](http\\://x.example/a.png)'],
    ['**bold** _it_ `code` ~~no~~', '\\*\\*bold\\*\\* \\_it\\_ \\`code\\` \\~\\~no\\~\\~'],
    ['@everyone #12', '\\@everyone \\#12'],
    ['www.example.com', 'www\\.example.com'],
    ['&lt;', '&amp;lt;'],
    ['a\nb', 'a b'],
    ['\u202egnp.exe', 'gnp.exe'],
    ['', '-'],
  ] as const;
  test.each(cases)('%s', (given, expected) => {
    expect(toMarkdownText(given)).toBe(expected);
  });

  test('whatever a name is, a row stays one row of nine cells', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 60 }), (name) => {
        const text = renderFindings([aFinding({ account_name: name })], options);
        const lines = text.split('\n');
        expect(lines).toHaveLength(4);
        // A bar with an odd number of backslashes before it is text.
        expect(lines[2]?.match(/(?<!\\)(?:\\\\)*\|/gu)).toHaveLength(10);
      }),
    );
  });
});
