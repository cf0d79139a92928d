import fc from '../../support/property.ts';
import { expect, test } from 'vitest';
import { composeAlert } from '../../../src/alerts/compose.ts';
import { RULES, SEVERITIES } from '../../../src/core/rule.ts';
import { SlackBlocks } from '../../../src/sandbox/schema.ts';
import { createMemoryReader } from '../../support/memory-reader.ts';
import { aFinding, aReport } from '../../support/view-rows.ts';

// Fault cases 89 to 91 from the findings on, not from a plan: whatever vendors call their people, in every field that a message shows.

const NASTY = [
  '<!channel>',
  '<@U123>',
  '<http://x|Click>',
  '&lt;',
  '*b*',
  '`',
  '\n',
  ':smile:',
  '@here',
  '_',
  '~',
  '"',
  '\\',
  '\u202e',
  '𝕏',
];
const name = fc.oneof(
  fc.string({ unit: fc.constantFrom(...NASTY), maxLength: 200 }),
  fc.string({ unit: 'binary', maxLength: 4_000 }),
);
const finding = fc
  .record({
    rule: fc.constantFrom(...RULES),
    severity: fc.constantFrom(...SEVERITIES),
    who: name,
    mail: name,
    why: name,
  })
  .map(({ rule, severity, who, mail, why }) => ({
    rule,
    severity,
    account_name: who,
    account_email: mail,
    identity_email: mail,
    evidence: {
      account: { role: why, end_date: why, name: who, salary: 'CANARY' },
      manager: { name: who },
      candidates: [{ external_id: why }],
      differences: [{ field: 'title', account: why, identity: who }],
      left_on: why,
      reason: why,
      owner: mail,
      ssn: 'CANARY',
    },
  }));

const KINDS = [
  { kind: 'digest', reportId: 3 },
  { kind: 'baseline', reportId: 3 },
  { kind: 'credential', reportId: 3, refused: ['nimble'] },
  { kind: 'daily', reports: { from: 3, to: 3 }, due: '2026-11-21T09:00:00.000Z' },
  { kind: 'catch-up', reports: { from: 3, to: 3 }, breakerIds: [], releasedIds: [] },
] as const;

test('no name is anything but text, and no message is more than Slack takes', async () => {
  const input = fc.record({
    alert: fc.constantFrom(...KINDS),
    given: fc.array(finding, { minLength: 1, maxLength: 40 }),
    reason: name,
  });
  await fc.assert(
    fc.asyncProperty(input, async ({ alert, given, reason }) => {
      const findings = given.map((each, at) => aFinding({ ...each, id: at + 1 }));
      const withheld = [{ source: 'nimble', rules: ['orphaned_account'], reason }];
      const reports = [aReport({ withheld, verdicts: { nimble: { verdict: 'incomplete', reason, delta: null } } })];
      const message = await composeAlert(alert, createMemoryReader({ reports, findings }));
      if (message === undefined) return;
      expect(SlackBlocks.safeParse(message.blocks).success).toBe(true);
      const json = JSON.stringify(message);
      expect(json.length).toBeLessThan(13_000);
      expect(json).not.toContain('CANARY');
      expect(message.text).not.toMatch(/[<>]|&(?!(?:amp|lt|gt);)|:smile:|:\/\//u);
      // What has a letter before it is the middle of an address; the sign in place of a backtick is none.
      expect(message.text).not.toMatch(/(?:(?<![\p{L}\p{N}._+-])|(?<=\u02cb))@(?:here|channel)/u);
      expect(message.text.split('\n').at(-1)).toMatch(/^Report 3(, since 2026-11-21 09:00 UTC)?$/u);
      // Only our own titles are formatted.
      for (const [, text = ''] of json.matchAll(/"type":"mrkdwn","text":"\*(.*?)\*","verbatim":true/gu)) {
        expect(text).toMatch(/^[A-Za-z :,.;]+$/u);
      }
    }),
    { numRuns: 150 },
  );
});

test('case 90: five hundred findings of a rule are five rows, a number and the command that lists them', async () => {
  const findings = Array.from({ length: 500 }, (_, at) => aFinding({ id: at + 1, identity_id: `e-${at}` }));
  const reader = createMemoryReader({ reports: [aReport()], findings });
  const lines = (await composeAlert({ kind: 'digest', reportId: 3 }, reader))?.text.split('\n') ?? [];
  expect(lines[0]).toBe('500 people who left still have accounts');
  expect(lines.filter((line) => line.startsWith('• '))).toHaveLength(5);
  expect(lines).toContain('and 495 more: rollcall findings --rule leaver_account');
});

test('what to do with a finding outlives a name of any length', async () => {
  const findings = Array.from({ length: 5 }, (_, at) => aFinding({ id: at + 1, account_name: 'x'.repeat(5_000) }));
  const reader = createMemoryReader({ reports: [aReport()], findings });
  const message = await composeAlert({ kind: 'digest', reportId: 3 }, reader);
  for (const { id } of findings) {
    expect(message?.text).toContain(`→ rollcall explain ${id}\n`);
    expect(JSON.stringify(message?.blocks)).toContain(`→ rollcall explain ${id}`);
  }
});
