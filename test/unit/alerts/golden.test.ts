import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { composeAlert, composeTrouble } from '../../../src/alerts/compose.ts';
import { SlackBlocks } from '../../../src/sandbox/schema.ts';
import { PRIVATE, TOLD } from '../../support/alert-world.ts';

// Each file was written by hand from contract §9, and is what a person would see: a change of one is a change of what people read.

const FOLDER = new URL('golden/', import.meta.url);

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
