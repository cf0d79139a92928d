import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { composeAlert, composeTrouble } from '../../../src/alerts/compose.ts';
import { SlackBlocks } from '../../../src/sandbox/schema.ts';
import { PRIVATE, TOLD } from '../../support/alert-world.ts';

// Each file was written by hand from contract §9, and is what a person would see: a change of one is a change of what people read.

const FOLDER = new URL('golden/', import.meta.url);

const Message = z.object({
  blocks: z.array(
    z.union([
      z.object({ type: z.enum(['header', 'section']), text: z.object({ type: z.string(), text: z.string() }) }),
      z.object({ type: z.literal('context'), elements: z.array(z.object({ text: z.string() })) }),
    ]),
  ),
});

/** As Slack shows it: bold titles stand apart, and so does the end. */
function asRead(name: string): string {
  const { blocks } = Message.parse(loadGolden(name));
  const parts = blocks.map((block, at) => {
    const space = at > 0 && at === blocks.length - 1 ? '\n' : '';
    if (block.type === 'context') return `${space}${block.elements.map(({ text }) => text).join('\n')}`;
    return block.text.type === 'mrkdwn' ? `\n${block.text.text.slice(1, -1)}` : block.text.text;
  });
  return parts.join('\n');
}

test('the documentation shows every one of them, as it is', () => {
  const page = readFileSync(new URL('../../../docs/alerts.md', import.meta.url), 'utf8');
  const shown = [...page.matchAll(/<!-- golden:([a-z-]+) -->\n\n```text\n(.*?)\n```/gsu)];
  const names = readdirSync(FOLDER).map((file) => file.replace('.json', ''));
  expect(shown.map(([, name = '']) => name).toSorted()).toEqual(names.toSorted());
  for (const [, name = '', text] of shown) expect(text).toBe(asRead(name));
});

function loadGolden(name: string): unknown {
  const golden: unknown = JSON.parse(readFileSync(new URL(`${name}.json`, FOLDER), 'utf8'));
  return golden;
}

describe('each kind of message, as people read it', () => {
  test.each(TOLD)('$name', async ({ name, alert, reader }) => {
    const message = await composeAlert(alert, reader);
    expect(message).toEqual(loadGolden(name));
    expect(SlackBlocks.safeParse(message?.blocks).success).toBe(true);
  });

  test('database-full and database-well', () => {
    expect(composeTrouble('database-full')).toEqual(loadGolden('database-full'));
    expect(composeTrouble('database-read-only')).toEqual(loadGolden('database-read-only'));
    expect(composeTrouble('well')).toEqual(loadGolden('database-well'));
  });

  test('no file is left over, and none holds a private field', () => {
    const files = readdirSync(FOLDER).map((file) => file.replace('.json', ''));
    const names = [...TOLD.map(({ name }) => name), 'database-full', 'database-read-only', 'database-well'];
    expect(files.toSorted()).toEqual(names.toSorted());
    for (const file of files) expect(JSON.stringify(loadGolden(file))).not.toContain(PRIVATE);
  });
});
