import fc from '../../support/property.ts';
import { expect, test } from 'vitest';
import { rowText, runText } from '../../../src/core/evidence-facts.ts';
import { contentText } from '../../../src/core/normalise.ts';
import type { Flag } from '../../../src/core/row.ts';
import { aRow } from '../../support/builders.ts';

const text = fc.string({ unit: 'grapheme' });
const some = fc.option(text, { nil: undefined });

const toColumn = (key: string): string => key.replaceAll(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);

test('the columns of a version give the text that its hash was made of when it was read', () => {
  const flags: readonly Flag[] = ['email_unparsable', 'text_cut', 'timestamp_unreadable'];
  fc.assert(
    fc.property(text, some, fc.array(text), fc.subarray([...flags]), (id, name, aliases, flagged) => {
      const row = aRow({ externalId: id, email: name, aliases, givenName: name, flags: flagged, managerId: undefined });
      const columns = Object.fromEntries(Object.entries(row).map(([key, value]) => [toColumn(key), value ?? null]));
      expect(rowText(columns)).toBe(contentText(row));
    }),
  );
});

test('the first run follows nothing, and what is absent is null', () => {
  const [before, facts = ''] = runText({ id: 1, warnings: ['a'] }).split('\n');
  expect(before).toBe('');
  const values: unknown = JSON.parse(facts);
  expect(values).toEqual([
    1,
    ...Array.from({ length: 14 }, () => null),
    ['a'],
    ...Array.from({ length: 6 }, () => null),
  ]);
  expect(runText({ previous_digest: 'f' }).startsWith('f\n')).toBe(true);
});
