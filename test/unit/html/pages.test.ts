import { describe, expect, test } from 'vitest';
import { toText } from '../../../src/html/document.ts';
import { renderFindingPage } from '../../../src/html/finding-page.ts';
import { PAGE_LINKS } from '../../../src/html/links.ts';
import { renderReportFile, type ReportFile } from '../../../src/html/report-file.ts';
import { renderTrend } from '../../../src/html/trend.ts';
import { inert, inertName, lasting, sentence } from '../../../src/html/words.ts';
import { aSourceState } from '../../support/memory-pages.ts';
import { aFinding, anExplanation, aReport } from '../../support/view-rows.ts';

const NOW = new Date('2026-11-21T09:12:05.000Z');

describe('text of vendors', () => {
  test.each([
    ['<script>alert(1)</script>', '<bdi>&lt;script&gt;alert(1)&lt;/script&gt;</bdi>'],
    ['"onmouseover=x', '<bdi>&quot;onmouseover=x</bdi>'],
    ['evil\u202egpj.exe', '<bdi>evilgpj.exe</bdi>'],
    ['a\u0000b\u200bc', '<bdi>abc</bdi>'],
  ])('%s is text', async (given, expected) => {
    expect(await toText(inert(given))).toBe(expected);
  });

  test('a name of ten thousand letters is cut, and no letter in two', async () => {
    const cut = await toText(inertName('👩🏽‍💻'.repeat(1_000)));
    expect(cut.length).toBeLessThan(200);
    expect(cut.isWellFormed()).toBe(true);
    expect(cut).toMatch(/…<\/bdi>$/u);
  });

  test('backticks mark commands, and one alone is itself', async () => {
    expect(await toText(sentence('see `rollcall <x>` or not'))).toBe(
      '<bdi>see </bdi><code>rollcall &lt;x&gt;</code><bdi> or not</bdi>',
    );
    expect(await toText(sentence('a`b'))).toContain('<bdi>b</bdi>');
  });
});

describe('an address of a person', () => {
  test.each([
    ['u-1', '/people/nimble/u-1'],
    ['a/b?c#d%', '/people/nimble/a%2Fb%3Fc%23d%25'],
    ['javascript:alert(1)', '/people/nimble/javascript%3Aalert(1)'],
    ['..', '/people/nimble?id=..'],
    ['.', '/people/nimble?id=.'],
    ['Zoë 木', '/people/nimble/Zo%C3%AB%20%E6%9C%A8'],
  ])('of %s survives a browser', (id, expected) => {
    const address = PAGE_LINKS.person('nimble', id) ?? '';
    expect(address).toBe(expected);
    expect(new URL(address, 'http://localhost').pathname).toMatch(/^\/people\/nimble/u);
  });
});

test.each([
  [59 * 60_000, '59 minutes'],
  [60 * 60_000, '1 hour'],
  [47.9 * 3_600_000, '47 hours'],
  [48 * 3_600_000, '2 days'],
])('%i ms are %s', (ms, words) => expect(lasting(ms)).toBe(words));

test('the file says what seats cost, where that is known', async () => {
  const said = 'Paid for accounts that should not be: nimble 24.90 USD a month (1 seat)';
  expect(await toText(renderReportFile(aFile({ seatCost: said })))).toContain(`${said}.`);
  expect(await toText(renderReportFile(aFile()))).not.toContain('Paid for');
});

const day = (date: string, open: number | null) => ({ day: date, open, held: 0, waived: 0 });

test('the trend is bars, one sentence and a table; a day before the first report is no bar', async () => {
  const text = await toText(
    renderTrend([day('2026-11-18', null), day('2026-11-19', 4), day('2026-11-20', 0), day('2026-11-21', 2)]),
  );
  expect(text.match(/<rect/gu)).toHaveLength(3);
  expect(text).toContain(
    'aria-label="Open findings by day: 4 on 2026-11-19, 2 on 2026-11-21, most on 2026-11-19 with 4."',
  );
  expect(text).toContain('<summary>The same as a table</summary>');
});

test('a finding: what to do, both records, the link, the listings, and what would clear it', async () => {
  const identity = { source: 'directory', external_id: 'e-1', status: 'inactive', end_date: '2026-11-19' };
  const text = await toText(renderFindingPage(anExplanation({ identity }), NOW));
  for (const part of [
    '<h2>What to do</h2>',
    'account in nimble',
    'identity in directory',
    '<span class="differs">differs</span>',
    'Linked by rule “email” since 2026-11-01 00:00 UTC.',
    '412/412',
    '<h2>What would clear it</h2>',
    'rollcall waive 17 --until',
  ]) {
    expect(text).toContain(part);
  }
  expect(text).not.toContain('undefined');
});

function aFile(overrides: Partial<ReportFile> = {}): ReportFile {
  return {
    now: NOW,
    report: aReport(),
    headline: '1 person who left still has an account.',
    sources: [{ ...aSourceState(), open: 1 }],
    breakers: [],
    trend: [],
    leavers: { shown: [], total: 0 },
    findings: [aFinding()],
    explanations: [anExplanation()],
    ...overrides,
  };
}

describe('a file', () => {
  test('says who is let in although no finding says so', async () => {
    const sources = [{ ...aSourceState({ forgotten_usable: 2 }), open: 1 }];
    const text = await toText(renderReportFile(aFile({ sources })));
    expect(text).toContain('2 accounts of people who were forgotten can still be used (nimble)');
    expect(await toText(renderReportFile(aFile()))).not.toContain('forgotten');
  });

  test('leads to nothing outside of itself, and each link inside has its place', async () => {
    const text = await toText(renderReportFile(aFile()));
    const links = [...text.matchAll(/(?:href|src|action)="([^"]*)"/gu)].map(([, link = '']) => link);
    expect(links.length).toBeGreaterThan(1);
    for (const link of links) {
      expect(link).toMatch(/^#/u);
      expect(text).toContain(`id="${link.slice(1)}"`);
    }
    expect(text).not.toMatch(/<script/iu);
    expect(text).toContain('http-equiv="content-security-policy"');
  });

  test('explains the thirty most severe, lists a thousand, and counts the rest', async () => {
    const findings = Array.from({ length: 1_005 }, (_, at) => aFinding({ id: at + 1 }));
    const text = await toText(renderReportFile(aFile({ findings })));
    expect(text.match(/<section class="finding"/gu)).toHaveLength(30);
    expect(text).toContain('And 5 more');
    expect(text).not.toContain('#finding-31"');
  });

  test('of an earlier time: as it was, without a clock that knows only today', async () => {
    const past = { at: '2026-11-20T23:59:59.999Z', laterWords: [17] };
    const text = await toText(renderReportFile(aFile({ past, leavers: undefined, explanations: [] })));
    expect(text).toContain('As it was at');
    expect(text).toContain('shown in later words');
    expect(text).not.toContain('Leaver clock');
    expect(text).toContain('left_on');
  });
});
