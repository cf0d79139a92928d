import { describe, expect, test } from 'vitest';
import type { ReportFormat } from '../../../src/cli/reading-command.ts';
import { explainCommand } from '../../../src/cli/explain.ts';
import { findingsCommand } from '../../../src/cli/findings.ts';
import { reportCommand } from '../../../src/cli/report.ts';
import { createMemoryPages } from '../../support/memory-pages.ts';
import { createMemoryOutput } from '../../support/memory-output.ts';
import { createMemoryReader } from '../../support/memory-reader.ts';
import { aFinding, anExplanation, aReport, aRun, aSourceHealth } from '../../support/view-rows.ts';

const clock = () => new Date('2026-11-21T09:00:00.000Z');
const timezone = 'America/New_York';
const pages = createMemoryPages(createMemoryReader());

describe('report', () => {
  test('the latest shows all that is open or held', async () => {
    const reader = createMemoryReader({ reports: [aReport({ id: 4 })], findings: [aFinding()] });
    const out = createMemoryOutput();
    expect(await reportCommand({ reader, pages, clock, timezone }, { format: 'json' }, out)).toBe(0);
    expect(JSON.parse(out.text())).toMatchObject({ report: { id: 4 }, sources: [], findings: [{ id: 17 }] });
    expect(JSON.parse(out.text())).not.toHaveProperty('as_of');
    expect(reader.filters).toEqual([{ statuses: ['open', 'held'] }]);
  });

  test('none yet, and none with this id, say what to do', async () => {
    const out = createMemoryOutput();
    const empty = { reader: createMemoryReader(), pages, clock, timezone };
    const none = { code: 'not-found', message: 'there is no report yet: `rollcall run` makes one' };
    await expect(reportCommand(empty, { format: 'table' }, out)).rejects.toMatchObject(none);
    await expect(reportCommand(empty, { id: 3, format: 'table' }, out)).rejects.toMatchObject(none);
    const at = { kind: 'date', date: '2026-11-20' } as const;
    await expect(reportCommand(empty, { at, format: 'table' }, out)).rejects.toMatchObject(none);
    const reader = createMemoryReader({ reports: [aReport({ id: 4 })] });
    await expect(
      reportCommand({ reader, pages, clock, timezone }, { id: 9, format: 'table' }, out),
    ).rejects.toMatchObject({
      code: 'not-found',
      message: 'there is no report 9: the latest is report 4',
    });
  });
});

describe('a report of an earlier time', () => {
  const reports = [
    aReport({ id: 4, finished_at: '2026-11-20T12:00:00Z' }),
    aReport({ id: 3, finished_at: '2026-11-19T12:00:00Z' }),
  ];
  const then = {
    findings: [aFinding({ id: 20, first_detected_at: '2026-11-19T07:00:00Z' })],
    laterWords: [20],
    sources: [{ ...aSourceHealth({ last_complete_at: '2026-11-19T11:00:00Z' }), accounts: null }],
    runs: [aRun({ distinct_ids: 7, declared_total: 7 })],
  };
  async function print(args: Omit<Parameters<typeof reportCommand>[1], 'format'>, format: ReportFormat = 'table') {
    const asked: unknown[] = [];
    const reader = createMemoryReader({
      reports,
      reportThen: async (id, at) => {
        asked.push([id, at]);
        return then;
      },
    });
    const out = createMemoryOutput({ columns: 120 });
    expect(await reportCommand({ reader, pages, clock, timezone }, { ...args, format }, out)).toBe(0);
    return { asked, text: out.text(), errors: out.errors() };
  }

  test('by its id, also of the latest: as it was when it ended', async () => {
    expect((await print({ id: 3 })).asked).toEqual([[3, '2026-11-19T12:00:00Z']]);
    expect((await print({ id: 4 })).asked).toEqual([[4, '2026-11-20T12:00:00Z']]);
  });

  test.each([
    [{ kind: 'instant', at: '2026-11-20T11:59:59Z' }, 3, '2026-11-20T11:59:59Z'],
    [{ kind: 'instant', at: '2026-11-20T12:00:00Z' }, 4, '2026-11-20T12:00:00Z'],
    [{ kind: 'instant', at: '2026-11-21T09:00:00.000Z' }, 4, '2026-11-21T09:00:00.000Z'],
    // Until five in the morning of the twentieth UTC it is still the nineteenth in New York.
    [{ kind: 'date', date: '2026-11-19' }, 3, '2026-11-20T04:59:59.999999Z'],
    [{ kind: 'date', date: '2026-11-20' }, 4, '2026-11-21T04:59:59.999999Z'],
  ] as const)('%j', async (at, id, moment) => {
    expect((await print({ at })).asked).toEqual([[id, moment]]);
  });

  test.each([
    [
      { kind: 'instant', at: '2026-11-21T09:00:01Z' },
      'usage',
      '2026-11-21 09:00 UTC is in the future: leave --at out for the latest report',
    ],
    [
      { kind: 'date', date: '2026-11-21' },
      'usage',
      '2026-11-21 has not ended yet in America/New_York: leave --at out for the latest report',
    ],
    [
      { kind: 'date', date: '9999-12-31' },
      'usage',
      '9999-12-31 is in the future in America/New_York: leave --at out for the latest report',
    ],
    [
      { kind: 'instant', at: '2026-11-19T11:59:59Z' },
      'not-found',
      'there was no report yet at 2026-11-19 11:59 UTC: the first is report 3 of 2026-11-19 12:00 UTC',
    ],
    [
      { kind: 'date', date: '0001-01-01' },
      'not-found',
      'there was no report yet at 1970-01-02 04:59 UTC: the first is report 3 of 2026-11-19 12:00 UTC',
    ],
  ] as const)('%j is refused', async (at, code, message) => {
    await expect(print({ at })).rejects.toMatchObject({ code, message });
  });

  test('as a table: ages and listings are those of then, and nothing leads to what is shown of today', async () => {
    const { text, errors } = await print({ id: 3 });
    expect(text).toBe(
      `Report 3, 2026-11-19 12:00 UTC

As it was at 2026-11-19 12:00 UTC. 1 person who left still has an account. 1 opened, 0 resolved, 1 open.

SOURCE  TYPE    HOLDS     LISTING   ROWS  COMPLETE  FINDINGS  BREAKER
nimble  nimble  accounts  complete   7/7   1 h ago         1  -

HIGH (1)
ID  STATUS  SOURCE  RULE            WHO                   SINCE  WHAT
20  open    nimble  leaver_account  jane.doe@example.com    5 h  Jane Doe left and still has an account.
`,
    );
    expect(errors).toBe(
      '1 finding is shown in later words: it has changed since, before what was said earlier was kept\n',
    );
  });

  test('as JSON, ndjson and CSV: the same, and what it is of', async () => {
    const { text: json, errors } = await print({ id: 3 }, 'json');
    const asOf = { at: '2026-11-19T12:00:00Z', later_words: [20] };
    expect(JSON.parse(json)).toEqual({
      report: reports[1],
      sources: then.sources,
      findings: then.findings,
      as_of: asOf,
    });
    expect(errors).toContain('1 finding');
    const lines = (await print({ id: 3 }, 'ndjson')).text.trimEnd().split('\n');
    expect(lines.map((line) => JSON.parse(line))).toEqual([
      { report: reports[1] },
      { source: then.sources[0] },
      { finding: then.findings[0] },
      { as_of: asOf },
    ]);
    expect((await print({ id: 3 }, 'csv')).text).toMatch(/^id,fingerprint,[^\n]*\r\n20,/u);
  });
});

test('findings: an empty list of rules or sources means all of them', async () => {
  const reader = createMemoryReader({ findings: [aFinding()], sources: async () => [aSourceHealth()] });
  const out = createMemoryOutput();
  const args = { statuses: ['open'], rules: [], sources: ['nimble'], format: 'ndjson' } as const;
  expect(await findingsCommand({ reader, clock }, args, out)).toBe(0);
  expect(reader.filters).toEqual([{ statuses: ['open'], rules: undefined, sources: ['nimble'] }]);
  expect(JSON.parse(out.text())).toEqual(aFinding());
});

async function listOf(source: string, sources = [aSourceHealth({ source: 'crm' }), aSourceHealth()]): Promise<string> {
  const findings = [aFinding({ source: 'retired', status: 'resolved' })];
  const reader = createMemoryReader({ findings, sources: async () => sources });
  const out = createMemoryOutput();
  await findingsCommand({ reader, clock }, { statuses: ['open'], rules: [], sources: [source], format: 'table' }, out);
  return out.text();
}

describe('findings of a source', () => {
  test('that nobody knows are wrong usage, not an empty list', async () => {
    await expect(listOf('typo')).rejects.toMatchObject({
      code: 'usage',
      message: 'no source is called "typo": known are crm, nimble',
    });
    await expect(listOf('typo', [])).rejects.toMatchObject({
      code: 'usage',
      message: 'no source is called "typo": none has been read yet, `rollcall run` reads them',
    });
  });

  test('that is known, or was once and left findings, may be none', async () => {
    expect(await listOf('crm')).toBe('No finding matches.\n');
    expect(await listOf('retired')).toBe('No finding matches.\n');
  });
});

describe('explain', () => {
  test('shows the rule, both records, the link, the evidence, the listings, the history and the way out', async () => {
    const out = createMemoryOutput({ columns: 100 });
    const reader = createMemoryReader({ explain: async () => anExplanation() });
    expect(await explainCommand({ reader, clock }, { id: 17, json: false }, out)).toBe(0);
    expect(out.text()).toBe(
      `Finding 17 (high, open) in nimble

Jane Doe left and still has an account.
first seen 2026-11-20 09:00 UTC (24 h ago), last seen 2026-11-21 09:00 UTC.

WHAT TO DO
  Remove or deactivate the account in its application.
  To accept it for a time: rollcall waive 17 --until YYYY-MM-DD --reason "why"

THE RULE
  leaver_account: A usable account that is linked to an identity that has left: by its end date, by
  its status, or because it is no longer on the list. Critical when the account is privileged.

RECORDS
  FIELD        ACCOUNT in nimble     IDENTITY in directory  COMPARED
  external_id  u-1                   e-1
  email        jane.doe@example.com  jane.doe@example.com   same
  status       active                active                 same
  end_date     -                     2026-11-19             one side

LINK
  Linked by rule “email” since 2026-11-01 00:00 UTC. Because of: email jane.doe@example.com.

EVIDENCE
  FACT     VALUE
  left_on  2026-11-19
  left_by  end_date

LISTINGS IT RESTS ON
  SOURCE     RUN  MODE  VERDICT      ROWS    AGE  FINISHED
  nimble       9  full  complete  412/412  3 min  2026-11-21 08:57 UTC
  directory    8  full  complete      400  3 min  2026-11-21 08:57 UTC

HISTORY
  AT                    EVENT   DETAIL
  2026-11-20 09:00 UTC  opened  report 2

WHAT WOULD CLEAR IT
  The account is deactivated or removed; or the identity is current again. No day of the calendar
  changes it by itself.
`,
    );
  });

  test('an orphan has no identity, and says that nothing is linked', async () => {
    const finding = aFinding({
      rule: 'orphaned_account',
      resolved_at: '2026-11-21T08:00:00.000Z',
      resolution: 'linked',
    });
    const explanation = anExplanation({
      finding,
      identity: null,
      link: null,
      others: [{ source: 'nimble', external_id: 'u-2' }],
    });
    const out = createMemoryOutput();
    await explainCommand(
      { reader: createMemoryReader({ explain: async () => explanation }), clock },
      { id: 17, json: false },
      out,
    );
    expect(out.text()).toContain('This account is linked to no identity.');
    expect(out.text()).toContain('resolved 2026-11-21 08:00 UTC: linked.');
    expect(out.text()).toContain('OTHER ACCOUNTS OF THE SAME PERSON');
    expect(out.text()).not.toContain('IDENTITY in');
  });

  test('hostile records stay in their cells', async () => {
    const hostile = { source: 'nimble', external_id: '\u001b]0;x\u0007', email: 'a\nLINK\n  forged' };
    const explanation = anExplanation({ account: hostile, finding: aFinding({ summary: 'x\u009b2J' }) });
    const out = createMemoryOutput();
    await explainCommand(
      { reader: createMemoryReader({ explain: async () => explanation }), clock },
      { id: 17, json: false },
      out,
    );
    expect(out.text().replaceAll('\n', '')).not.toMatch(/\p{Cc}/u);
    expect(out.text().match(/^LINK$/gmu)).toHaveLength(1);
  });

  test('as JSON it is all there', async () => {
    const out = createMemoryOutput();
    await explainCommand(
      { reader: createMemoryReader({ explain: async () => anExplanation() }), clock },
      { id: 17, json: true },
      out,
    );
    const shown = anExplanation();
    expect(JSON.parse(out.text())).toEqual({
      ...shown,
      runs: shown.runs.map((run) => ({
        ...run,
        completeness: run.source === 'nimble' ? '412/412' : '400',
        age_seconds: 180,
      })),
      rule: { meaning: expect.stringContaining('has left'), clears: expect.stringContaining('deactivated or removed') },
      comparison: {
        left: 'account in nimble',
        right: 'identity in directory',
        fields: [
          { field: 'external_id', left: 'u-1', right: 'e-1', says: null },
          { field: 'email', left: 'jane.doe@example.com', right: 'jane.doe@example.com', says: 'same' },
          { field: 'status', left: 'active', right: 'active', says: 'same' },
          { field: 'end_date', left: null, right: '2026-11-19', says: 'one side' },
        ],
      },
    });
  });

  test('an id that is not there', async () => {
    const work = explainCommand({ reader: createMemoryReader(), clock }, { id: 5, json: false }, createMemoryOutput());
    await expect(work).rejects.toMatchObject({
      code: 'not-found',
      message: 'there is no finding 5: `rollcall findings` lists them',
    });
  });
});
