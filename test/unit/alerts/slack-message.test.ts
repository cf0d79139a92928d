import fc from '../../support/property.ts';
import { describe, expect, test } from 'vitest';
import { renderSlackMessage } from '../../../src/alerts/slack-message.ts';
import type { AlertPlan } from '../../../src/core/alert-plan.ts';
import { SlackBlocks } from '../../../src/sandbox/schema.ts';
import { SEVERITIES } from '../../../src/core/rule.ts';

function aPlan(overrides: Partial<AlertPlan> = {}): AlertPlan {
  return {
    headline: '2 people who left still have accounts',
    sections: [
      {
        title: 'Left, and still have an account',
        severity: 'high',
        rows: [
          { primary: 'Jane Doe (jane@example.com)', detail: 'nimble: left on 2026-11-19, seen since 2026-11-20' },
          { primary: 'Ann Lee', detail: 'nimble: left on 2026-11-18, seen since 2026-11-20' },
        ],
        more: 0,
        action: 'Remove or deactivate the account in its application.',
      },
    ],
    footer: ['1 finding resolved', 'Report 3'],
    ...overrides,
  };
}

/** Every text object of a message, wherever it is. */
function textObjects(value: unknown): { type: string; text: string; emoji?: unknown }[] {
  if (typeof value !== 'object' || value === null) return [];
  const own = 'type' in value && 'text' in value && typeof value.type === 'string' && typeof value.text === 'string';
  const mine = own
    ? [{ ...('emoji' in value ? { emoji: value.emoji } : {}), type: String(value.type), text: String(value.text) }]
    : [];
  return [...mine, ...Object.values(value).flatMap(textObjects)];
}

function countTold(lines: readonly string[]): number {
  let told = 0;
  for (const line of lines) {
    const counted = /^and (\d+) more|^(\d+) in all/u.exec(line);
    told += line.startsWith('• ') ? 1 : Number(counted?.[1] ?? counted?.[2] ?? 0);
  }
  return told;
}

function plain(text: string) {
  return { type: 'plain_text', text, emoji: false };
}

test('a digest, block by block', () => {
  expect(renderSlackMessage(aPlan())).toEqual({
    text: [
      '2 people who left still have accounts',
      '',
      'HIGH: Left, and still have an account',
      '• Jane Doe (jane@example.com) – nimble: left on 2026-11-19, seen since 2026-11-20',
      '• Ann Lee – nimble: left on 2026-11-18, seen since 2026-11-20',
      'What to do: Remove or deactivate the account in its application.',
      '',
      '1 finding resolved',
      'Report 3',
    ].join('\n'),
    blocks: [
      { type: 'header', text: plain('2 people who left still have accounts') },
      { type: 'section', text: { type: 'mrkdwn', text: '*HIGH: Left, and still have an account*', verbatim: true } },
      {
        type: 'section',
        text: plain(
          '• Jane Doe (jane@example.com) – nimble: left on 2026-11-19, seen since 2026-11-20\n• Ann Lee – nimble: left on 2026-11-18, seen since 2026-11-20',
        ),
      },
      { type: 'context', elements: [plain('What to do: Remove or deactivate the account in its application.')] },
      { type: 'context', elements: [plain('1 finding resolved'), plain('Report 3')] },
    ],
  });
});

describe('case 89: names are plain text', () => {
  const names = ['<!channel>', '<@U123>', '<http://x|Click>', '&lt;', '*b*', '`rm`', 'a\nb', ':smile:', '@here', '_x_'];
  test.each(names)('%s', (name) => {
    const row = { primary: name, detail: name };
    const plan = aPlan({
      headline: name,
      sections: [{ title: name, rows: [row], more: 1, action: name }],
      footer: [name],
    });
    const { text, blocks } = renderSlackMessage(plan);
    const objects = textObjects(blocks);
    expect(objects.filter((object) => object.type === 'plain_text' && object.emoji !== false)).toEqual([]);
    for (const object of objects.filter(({ type }) => type === 'mrkdwn')) {
      expect(object.text.slice(1, -1)).not.toMatch(/[<>*`\n]|&(?!(?:amp|lt|gt);)|:smile:|@here/u);
    }
    expect(text).not.toMatch(/[<>*`]|&(?!(?:amp|lt|gt);)|:smile:|@here|:\/\//u);
    // A line break in a name makes no line of its own, so nothing can look like a row, a quote or a list of ours.
    expect(text.split('\n')).toHaveLength(8);
  });
});

describe('case 91: limits', () => {
  test('a headline of 151 characters is cut to 150', () => {
    const [header] = textObjects(renderSlackMessage(aPlan({ headline: 'h'.repeat(151) })).blocks);
    expect(header?.text).toBe(`${'h'.repeat(149)}…`);
  });

  test('case 90: five hundred findings become a few rows and a count', () => {
    const rows = Array.from({ length: 500 }, (_, at) => ({ primary: `Person ${at}`, detail: 'nimble: nobody' }));
    const { text, blocks } = renderSlackMessage(aPlan({ sections: [{ title: 'T', rows, more: 3 }] }));
    expect(textObjects(blocks).map((object) => object.text)).toContain('and 498 more');
    expect(text).toContain('and 498 more');
  });

  test('sections beyond what fits are counted', () => {
    const section = { title: 'T', rows: [{ primary: 'P', detail: 'd' }], more: 2 };
    const { blocks } = renderSlackMessage(aPlan({ sections: Array.from({ length: 51 }, () => section) }));
    expect(blocks.length).toBeLessThanOrEqual(50);
    expect(textObjects(blocks).map((object) => object.text)).toContain('and 108 more of other kinds');
  });

  test('the line that names the report stays when the footer is cut', () => {
    const footer = [...Array.from({ length: 30 }, (_, at) => `Not judged for source-${at}`), 'Report 3'];
    const { blocks } = renderSlackMessage(aPlan({ footer }));
    expect(textObjects(blocks).at(-1)?.text).toBe('Report 3');
  });

  test('an empty plan is still a message that Slack takes', () => {
    const { text, blocks } = renderSlackMessage({ headline: '', sections: [], footer: [] });
    expect({ text, blocks }).toEqual({
      text: '-',
      blocks: [{ type: 'header', text: { type: 'plain_text', text: '-', emoji: false } }],
    });
  });

  const sizes = [1, 2, 3, 4, 6, 8, 12, 15, 51].flatMap((sections) =>
    [80, 150, 200, 400, 3_001].map((width) => ({ sections, width })),
  );
  test.each(sizes)('$sections sections of five rows of $width characters', ({ sections, width }) => {
    const row = { primary: 'p'.repeat(width), detail: 'd'.repeat(width) };
    const section = { title: 't'.repeat(width), rows: [row, row, row, row, row], more: 7, action: 'a'.repeat(width) };
    const message = renderSlackMessage(aPlan({ sections: Array.from({ length: sections }, () => section) }));
    expect(JSON.stringify(message).length).toBeLessThan(13_000);
    expect(message.text.length).toBeLessThanOrEqual(3_000);
    expect(message.text.endsWith('Report 3')).toBe(true);
    // Twelve findings each section: shown as a row or counted, in the text as in the blocks.
    expect(countTold(message.text.split('\n'))).toBe(12 * sections);
    expect(countTold(textObjects(message.blocks).flatMap((object) => object.text.split('\n')))).toBe(12 * sections);
  });

  const text = fc.oneof(
    fc.string({ unit: 'binary', maxLength: 400 }),
    fc.string({ unit: fc.constantFrom('<', '&', '"', '\\', '\n', '𝕏', '*', 'e\u0301'), maxLength: 6_000 }),
  );
  const section = fc.record({
    title: text,
    severity: fc.option(fc.constantFrom(...SEVERITIES), { nil: undefined }),
    rows: fc.array(fc.record({ primary: text, detail: text }), { maxLength: 8 }),
    more: fc.nat(1_000_000),
    action: fc.option(text, { nil: undefined }),
  });
  const plan: fc.Arbitrary<AlertPlan> = fc.record({
    headline: text,
    sections: fc.array(section, { maxLength: 60 }),
    footer: fc.array(text, { maxLength: 40 }),
  });

  test('whatever the plan, every limit holds', () => {
    fc.assert(
      fc.property(plan, (given) => {
        const message = renderSlackMessage(given);
        // Slack's own schema, as the simulated Slack has it: header, sections, fields, elements, blocks.
        expect(SlackBlocks.safeParse(message.blocks).success).toBe(true);
        expect(JSON.stringify(message).length).toBeLessThan(13_000);
        expect(message.blocks.length).toBeGreaterThan(0);
        expect(message.blocks.length).toBeLessThanOrEqual(50);
        expect(message.text.trim()).not.toBe('');
        const elements = message.blocks.flatMap((block) =>
          'elements' in block && Array.isArray(block.elements) ? [block.elements.length] : [],
        );
        expect(Math.max(0, ...elements)).toBeLessThanOrEqual(10);
        const [header, ...others] = textObjects(message.blocks);
        expect(header?.text.length).toBeLessThanOrEqual(150);
        for (const object of others) {
          expect(object.text.length).toBeGreaterThan(0);
          expect(object.text.length).toBeLessThanOrEqual(3_000);
          expect(object.text.isWellFormed()).toBe(true);
        }
      }),
      { numRuns: 150 },
    );
  });
});
