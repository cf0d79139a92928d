import { describe, expect, test } from 'vitest';
import { explainCommand } from '../../../src/cli/explain.ts';
import { cellWidth } from '../../../src/cli/render/text.ts';
import type { Explanation, RosterViewRow } from '../../../src/core/views.ts';
import { createMemoryOutput } from '../../support/memory-output.ts';
import { createMemoryReader } from '../../support/memory-reader.ts';
import { aFinding, anExplanation, aRun } from '../../support/view-rows.ts';

const clock = () => new Date('2026-11-21T09:00:00.000Z');

async function print(overrides: Partial<Explanation>, columns = 80, json = false): Promise<string> {
  const out = createMemoryOutput({ columns });
  const reader = createMemoryReader({ explain: async () => anExplanation(overrides) });
  await explainCommand({ reader, clock }, { id: 17, json }, out);
  return out.text();
}

/** The lines of one section. */
function sectionOf(text: string, title: string): readonly string[] {
  const lines = text.split('\n');
  const from = lines.indexOf(title);
  return from === -1 ? [] : lines.slice(from + 1, lines.indexOf('', from));
}

const inOneLine = (text: string): string => text.replaceAll(/\s+/gu, ' ');

const jane = (overrides: RosterViewRow = {}): RosterViewRow => ({
  source: 'nimble',
  external_id: 'u-1',
  email: 'jane@example.com',
  status: 'active',
  gone_at: null,
  ...overrides,
});

describe('explain in 80 columns', () => {
  const long = 'x'.repeat(300);
  const worst: Partial<Explanation> = {
    finding: aFinding({
      summary: `${long}@example.com left`,
      evidence: {
        searched: [long, long],
        account: { email: long, nested: { deeper: { still: { more: [{ a: long }] } } } },
      },
      waived_until: '2026-12-31',
    }),
    account: jane({ source: 'a-source-with-a-rather-long-name', external_id: long, email: '全角の名前'.repeat(40) }),
    identity: jane({ source: 'another-source-with-a-long-name', display_name: `${long} ${long}` }),
    others: [jane({ external_id: long, role: long })],
    runs: [
      aRun({
        id: 12_345_678,
        source: 'a-source-with-a-rather-long-name',
        distinct_ids: 1_000_000,
        declared_total: 1_000_000,
        mode: 'delta',
        verdict: 'incomplete',
        reason: `page ${long}`,
      }),
    ],
    withheld: `nimble ${long}`,
    waivers: [
      {
        id: 1,
        until: '2026-12-31',
        author: long,
        reason: long,
        created_at: '2026-11-01T00:00:00Z',
        ended_at: null,
        ended_because: null,
        warned_at: null,
      },
    ],
    events: [{ at: '2026-11-20T09:00:00Z', event: 'updated', report_id: 3, detail: { before: { summary: long } } }],
  };

  test.each([80, 100])('no line is wider than %i, and nothing is cut', async (columns) => {
    for (const rule of [
      'leaver_account',
      'duplicate_account',
      'disputed_account',
      'credential_owner_at_risk',
    ] as const) {
      const finding = aFinding({ ...worst.finding, rule });
      const text = await print({ ...worst, finding }, columns);
      expect(text.split('\n').filter((line) => cellWidth(line) > columns)).toEqual([]);
      expect(text).not.toContain('…');
      expect(text.match(/x/gu)?.length ?? 0).toBeGreaterThan(300 * 8);
    }
  });

  test('hostile records neither act nor make a section', async () => {
    const hostile = '\u001b]0;x\u0007\nLINK\n  forged \u009b2J\u202e';
    const text = await print({
      account: jane({ email: hostile, external_id: hostile, display_name: hostile }),
      identity: jane({ email: hostile }),
      others: [jane({ external_id: hostile })],
      withheld: hostile,
      waivers: [
        {
          id: 1,
          until: '2026-12-31',
          author: hostile,
          reason: hostile,
          created_at: '2026-11-01T00:00:00Z',
          ended_at: null,
          ended_because: null,
          warned_at: null,
        },
      ],
      finding: aFinding({ summary: hostile, evidence: { [hostile]: hostile }, waived_until: '2026-12-31' }),
      events: [
        { at: '2026-11-20T09:00:00Z', event: 'updated', report_id: 3, detail: { before: { summary: hostile } } },
      ],
      runs: [aRun({ reason: hostile, verdict: 'incomplete' })],
    });
    expect(text.replaceAll('\n', '')).not.toMatch(/[\p{Cc}\u202e]/u);
    expect(text.match(/^LINK$/gmu)).toHaveLength(1);
  });
});

describe('explain', () => {
  test('what differs is said in words, and an absent value by which side is silent', async () => {
    const text = await print({
      account: jane({ given_name: 'Jane', title: 'Engineer', department: null }),
      identity: jane({
        source: 'directory',
        external_id: 'e-1',
        given_name: 'JANE',
        title: 'Head',
        department: 'Sales',
      }),
    });
    expect(sectionOf(text, 'RECORDS')).toEqual([
      '  FIELD        ACCOUNT in nimble  IDENTITY in directory  COMPARED',
      '  external_id  u-1                e-1',
      '  email        jane@example.com   jane@example.com       same',
      '  given_name   Jane               JANE                   same',
      '  status       active             active                 same',
      '  title        Engineer           Head                   differs',
      '  department   -                  Sales                  one side',
    ]);
  });

  test('of somebody with several accounts these are compared, and all are listed', async () => {
    const finding = aFinding({ rule: 'duplicate_account', account_id: null });
    const others = [
      jane(),
      jane({ external_id: 'u-2', role: 'admin' }),
      jane({ external_id: 'u-3', gone_at: '2026-11-01T00:00:00Z' }),
    ];
    const text = await print({ finding, account: null, link: null, others });
    expect(sectionOf(text, 'RECORDS')[0]).toBe('  FIELD        ACCOUNT in nimble  ACCOUNT in nimble  COMPARED');
    expect(sectionOf(text, 'ACCOUNTS OF THE SAME PERSON')).toEqual([
      '  SOURCE  ID   E-MAIL            STATUS  ROLE   ENDS',
      '  nimble  u-1  jane@example.com  active  -      -',
      '  nimble  u-2  jane@example.com  active  admin  -',
      '  nimble  u-3  jane@example.com  gone    -      -',
    ]);
    expect(text).not.toContain('LINK');
  });

  test('of a dispute the account is compared with whoever comes first, and all are listed', async () => {
    const candidate = jane({ source: 'directory', external_id: 'e-1' });
    const finding = aFinding({ rule: 'disputed_account', evidence: { candidates: [{ external_id: 'e-1' }] } });
    const text = await print({
      finding,
      identity: null,
      link: null,
      others: [candidate, jane({ ...candidate, external_id: 'e-2' })],
    });
    expect(sectionOf(text, 'RECORDS')[0]).toContain('IDENTITY in directory');
    expect(sectionOf(text, 'WHO COULD OWN IT')).toHaveLength(3);
  });

  test('of a reused id what was before it stands beside what is', async () => {
    const before = jane({ email: 'june@example.com', given_name: 'June' });
    const lines = sectionOf(await print({ before, account: jane({ given_name: 'Jane' }) }), 'RECORDS');
    expect(lines[0]).toContain('BEFORE in nimble');
    expect(lines.filter((line) => line.endsWith('differs'))).toHaveLength(2);
  });

  test('of a token its owner’s account and identity, and the day after the last one', async () => {
    const finding = aFinding({
      rule: 'credential_owner_at_risk',
      account_id: null,
      evidence: { reason: 'leaving', last_day: '2026-11-30' },
    });
    const text = await print({ finding });
    expect(sectionOf(text, 'RECORDS')[0]).toContain('ACCOUNT in nimble');
    expect(inOneLine(text)).toContain('calendar alone could change it is 2026-12-01.');
    expect(JSON.parse(await print({ finding }, 80, true))).toMatchObject({ recheck_on: '2026-12-01' });
  });

  test('why it is not judged, and what was read since that proves less', async () => {
    const text = await print({
      runs: [
        aRun(),
        aRun({
          id: 10,
          verdict: 'incomplete',
          reason: 'page 3 of 9 was cut',
          distinct_ids: 120,
          finished_at: '2026-11-21T08:59:00Z',
        }),
      ],
      withheld: 'nimble could not be read in full: page 3 of 9 was cut',
    });
    expect(sectionOf(text, 'LISTINGS IT RESTS ON')).toEqual([
      '  SOURCE  RUN  MODE  VERDICT        ROWS    AGE  FINISHED',
      '  nimble    9  full  complete    412/412  3 min  2026-11-21 08:57 UTC',
      '  nimble   10  full  incomplete  120/412  1 min  2026-11-21 08:59 UTC',
      '  Run 10: page 3 of 9 was cut.',
      '  Not judged at present, so it stays as it is: nimble could not be read in full:',
      '  page 3 of 9 was cut.',
    ]);
  });

  test('the history in words', async () => {
    const at = '2026-11-20T09:00:00Z';
    const text = await print(
      {
        events: [
          { at, event: 'opened', report_id: 1, detail: {} },
          { at, event: 'held', report_id: 1, detail: { breaker: 4 } },
          { at, event: 'released', report_id: null, detail: { breaker: 4 } },
          {
            at,
            event: 'updated',
            report_id: 2,
            detail: {
              severity: 'critical',
              severity_before: 'high',
              before: { severity: 'high', summary: 'Old.', evidence: { a: 1 } },
            },
          },
          { at, event: 'resolved', report_id: 3, detail: { resolution: 'account gone' } },
          { at, event: 'reopened', report_id: 4, detail: { from: 'resolved', resolution: 'account gone', before: {} } },
          { at, event: 'waived', report_id: null, detail: { until: '2026-12-31' } },
        ],
      },
      160,
    );
    expect(
      sectionOf(text, 'HISTORY').map((line) =>
        line.trim().replace('2026-11-20 09:00 UTC  ', '').replaceAll(/ {2,}/gu, ' | '),
      ),
    ).toEqual([
      'AT | EVENT | DETAIL',
      'opened | report 1',
      'held | breaker 4; report 1',
      'released | breaker 4',
      'updated | severity critical; before: severity high, summary “Old.”, other evidence; report 2',
      'resolved | account gone; report 3',
      'reopened | was resolved: account gone; report 4',
      'waived | until 2026-12-31',
    ]);
  });

  test('until when it is waived, who pinned the link and why, and when the calendar comes to it', async () => {
    const text = await print(
      {
        finding: aFinding({ waived_until: '2026-12-31', status: 'waived' }),
        waivers: [
          {
            id: 1,
            until: '2026-12-31',
            author: 'kim',
            reason: 'hand-over',
            created_at: '2026-11-01T00:00:00Z',
            ended_at: null,
            ended_because: null,
            warned_at: null,
          },
        ],
        link: {
          rule: 'pinned',
          since: '2026-11-01T00:00:00Z',
          evidence: {},
          identity_source: 'directory',
          identity_id: 'e-1',
          author: 'lee',
          reason: 'maiden name',
        },
        recheck_on: '2026-12-05',
      },
      160,
    );
    expect(text).toContain('waived until 2026-12-31 by kim: hand-over.');
    expect(text).toContain('Linked by rule “pinned” since 2026-11-01 00:00 UTC, by lee: maiden name.');
    expect(inOneLine(text)).toContain('The next day on which the calendar alone could change it is 2026-12-05.');
  });

  test('a row of an authoritative source is no account, and is linked to nobody', async () => {
    const account = jane({ source: 'directory', situation: 'identity' });
    const text = await print({
      account,
      identity: null,
      link: null,
      finding: aFinding({ rule: 'lifecycle_conflict' }),
    });
    expect(sectionOf(text, 'RECORDS')[0]).toBe('  FIELD        RECORD in directory');
    expect(text).not.toContain('LINK');
  });

  test('a waived one says when it is open again, and not that no day changes it', async () => {
    const finding = aFinding({ status: 'waived', waived_until: '2026-12-31' });
    const text = inOneLine(await print({ finding, recheck_on: null }));
    expect(text).toContain('Its waiver ends with 2026-12-31: on the day after it is open again.');
    expect(text).not.toContain('No day of the calendar');
  });

  test('a service account is shown beside who answers for it, and the two are not compared', async () => {
    const text = await print({
      finding: aFinding({ rule: 'service_account_owner_left' }),
      account: jane({ external_id: 'xero', given_name: 'Xero', first_seen_at: '2026-11-01T00:00:00.000Z' }),
      identity: jane({ source: 'directory', external_id: 'e-1', given_name: 'Jane' }),
      others: [jane()],
    });
    expect(sectionOf(text, 'RECORDS')).toEqual([
      '  FIELD          ACCOUNT in nimble     OWNER in directory',
      '  external_id    xero                  e-1',
      '  email          jane@example.com      jane@example.com',
      '  given_name     Xero                  Jane',
      '  status         active                active',
      '  first_seen_at  2026-11-01 00:00 UTC  -',
    ]);
    expect(text).toContain('ACCOUNTS OF THE OWNER\n');
  });

  test('a resolved one says what cleared it', async () => {
    const finding = aFinding({ status: 'resolved', resolved_at: '2026-11-21T08:00:00Z', resolution: 'access removed' });
    const text = await print({ finding });
    expect(text).toContain('access removed');
    expect(sectionOf(text, 'WHAT WOULD CLEAR IT').join(' ')).toContain('It is resolved: the account is inactive now.');
  });
});
