import { describe, expect, test } from 'vitest';
import { planBaselineSummary, planDigest, type DigestInput } from '../../../src/core/digest.ts';
import { RULES } from '../../../src/core/rule.ts';
import { aFinding } from '../../support/builders.ts';

const INPUT: DigestInput = { reportId: 7, opened: [], resolvedCount: 0, withheld: [] };
const leavers = (count: number) =>
  Array.from({ length: count }, (_, i) => aFinding({ id: i + 1, identity_id: `p-${i}`, account_id: `n-${i}` }));
const orphan = aFinding({
  id: 50,
  rule: 'orphaned_account',
  severity: 'critical',
  identity_id: null,
  identity_source: null,
  account_name: '<!channel>',
  evidence: { account: { external_id: 'n-9', role: 'admin' } },
});

const waiver = (until: string) => ({
  id: 4,
  until,
  author: '<!here>',
  reason: 'contractor',
  created_at: '2026-11-01T10:00:00Z',
  ended_at: null,
  ended_because: null,
  warned_at: null,
});

describe('planDigest', () => {
  test('who, since when, why and what to do', () => {
    expect(planDigest({ ...INPUT, opened: leavers(1), resolvedCount: 2 })).toEqual({
      headline: '1 person who left still has an account',
      sections: [
        {
          title: 'Left, and still have an account',
          severity: 'high',
          rows: [
            {
              primary: 'Jane Doe (jane.doe@example.com)',
              detail: 'nimble: left on 2026-11-20 (by end date), seen since 2026-11-21',
              look: 'rollcall explain 1',
            },
          ],
          more: 0,
          list: 'rollcall findings --rule leaver_account',
          action: 'Remove or deactivate the account in its application.',
        },
      ],
      footer: ['2 findings resolved', 'Report 7'],
    });
  });

  test('at most five rows a rule, and how many more', () => {
    const [section] = planDigest({ ...INPUT, opened: leavers(12) }).sections;
    expect(section?.rows).toHaveLength(5);
    expect(section?.more).toBe(7);
  });

  test('the most severe rule leads, whatever the order given', () => {
    const plan = planDigest({ ...INPUT, opened: [...leavers(3), orphan] });
    expect(plan.headline).toBe('1 account belongs to nobody we know, 3 people who left still have accounts');
    expect(plan.sections.map((section) => section.severity)).toEqual(['critical', 'high']);
    expect(planDigest({ ...INPUT, opened: [orphan, ...leavers(3).toReversed()] })).toEqual(plan);
  });

  test('the owner of a token of whom only an id is known is shown by it', () => {
    const nobody = {
      account_id: null,
      account_email: null,
      account_name: null,
      identity_id: null,
      identity_email: null,
    };
    const finding = { ...nobody, rule: 'credential_owner_at_risk', severity: 'high', identity_source: null } as const;
    const evidence = { reason: 'unknown', token_owner: { external_id: 'uid-9' } };
    const [section] = planDigest({ ...INPUT, opened: [aFinding({ ...finding, evidence })] }).sections;
    expect(section?.rows).toEqual([
      {
        primary: 'uid-9',
        detail: 'nimble: its owner is nobody we know, seen since 2026-11-21',
        look: 'rollcall explain 1',
      },
    ]);
  });

  test('one who left with two accounts is one person', () => {
    const opened = [aFinding({ id: 1 }), aFinding({ id: 2, account_id: 'n-2', source: 'nimbus' })];
    expect(planDigest({ ...INPUT, opened }).headline).toBe('1 person who left still has an account');
  });

  describe('of waivers', () => {
    const ending = (id: number, until: string) =>
      ({ news: 'ending', finding: aFinding({ id, status: 'waived' }), waiver: waiver(until) }) as const;
    const ended = { news: 'ended', finding: aFinding({ id: 9 }), waiver: waiver('2026-11-20') } as const;

    test('says who waived what, until when and why; those that are over first', () => {
      const plan = planDigest({ ...INPUT, waivers: [ending(2, '2026-11-26'), ended, ending(1, '2026-11-25')] });
      expect(plan.headline).toBe('1 waiver is over, 2 waivers end within a week');
      expect(
        plan.sections.map(({ title, rows }) => [
          title,
          rows.map(({ detail, look }) => `${detail.replace(/^.*; /, '')}, ${look}`),
        ]),
      ).toEqual([
        [
          'Waivers that are over: these findings are open again',
          ['waived until 2026-11-20 by <!here>: contractor, rollcall explain 9'],
        ],
        [
          'Waivers that end within a week',
          [
            'waived until 2026-11-25 by <!here>: contractor, rollcall explain 1',
            'waived until 2026-11-26 by <!here>: contractor, rollcall explain 2',
          ],
        ],
      ]);
      expect(plan.sections[0]?.action).toContain('rollcall waive ID --until DATE --reason TEXT');
    });

    test('comes after what is new, and shows five of each', () => {
      const waivers = Array.from({ length: 7 }, (_, at) => ending(at, '2026-11-25'));
      const plan = planDigest({ ...INPUT, opened: leavers(1), waivers });
      expect(plan.headline).toBe('1 person who left still has an account, 7 waivers end within a week');
      expect(plan.sections[1]).toMatchObject({ title: 'Waivers that end within a week', more: 2 });
    });
  });

  test('what is back with its source or rule is counted, not listed', () => {
    const plan = planDigest({ ...INPUT, backCount: 3 });
    expect(plan.headline).toBe('3 known findings are back');
    expect(plan.sections).toEqual([]);
    expect(plan.footer[0]).toBe('3 findings from before, back with their source or rule: rollcall findings');
  });

  test('held and waived findings are not announced', () => {
    const opened = [aFinding({ status: 'held' }), aFinding({ status: 'waived' })];
    expect(planDigest({ ...INPUT, opened }).sections).toEqual([]);
  });

  test('a name stays the text that it is', () => {
    const [section] = planDigest({ ...INPUT, opened: [orphan] }).sections;
    expect(section?.rows[0]).toEqual({
      primary: '<!channel> (jane.doe@example.com)',
      detail: 'nimble: no identity has this address; the role is admin, seen since 2026-11-21',
      look: 'rollcall explain 50',
    });
  });

  test('withheld conclusions are said, also when nothing is new', () => {
    const withheld = [{ source: 'nimble', rules: ['leaver_account'], reason: 'directory is stale' }];
    const plan = planDigest({ ...INPUT, resolvedCount: 1, withheld });
    expect(plan.headline).toBe('1 finding is resolved, nothing new');
    expect(plan.footer).toContain('Not judged for nimble: 1 rule, because directory is stale');
  });

  test('more than three kinds are summed up', () => {
    const opened = RULES.map((rule, i) => aFinding({ id: i + 1, rule, severity: 'medium' }));
    expect(planDigest({ ...INPUT, opened }).headline).toMatch(new RegExp(`, ${RULES.length - 3} other findings$`));
  });

  test('every rule has its words, also when the evidence lacks what they use', () => {
    for (const rule of RULES) {
      const { sections } = planDigest({ ...INPUT, opened: [aFinding({ rule, evidence: {} })] });
      expect(sections[0]?.rows[0]?.detail).toMatch(/^nimble: .+, seen since 2026-11-21$/);
      expect(sections[0]?.action).toMatch(/\.$/);
    }
  });

  test('several records are listed, at most five', () => {
    const candidates = Array.from({ length: 7 }, (_, i) => ({ external_id: `p-${i}` }));
    const opened = [aFinding({ rule: 'disputed_account', evidence: { candidates } })];
    const [section] = planDigest({ ...INPUT, opened }).sections;
    expect(section?.rows[0]?.detail).toContain('could be p-0, p-1, p-2, p-3, p-4 and 2 more');
  });
});

describe('planBaselineSummary', () => {
  test('says what was found at the first look', () => {
    const plan = planBaselineSummary({ ...INPUT, sources: ['nimble', 'namely'], opened: leavers(3) });
    expect(plan.headline).toBe('First look at nimble, namely: 3 people who left still have accounts');
    expect(plan.footer[0]).toBe('From now on you hear of changes only.');
  });

  test('speaks also when there is nothing to report', () => {
    const plan = planBaselineSummary({ ...INPUT, sources: ['nimble'] });
    expect(plan).toMatchObject({ headline: 'First look at nimble: nothing to report', sections: [] });
  });
});
