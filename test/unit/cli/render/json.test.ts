import fc from '../../../support/property.ts';
import { expect, test } from 'vitest';
import { renderJson, renderNdjson } from '../../../../src/cli/render/json.ts';

test('any value reads back as itself, and holds nothing that a terminal obeys', () => {
  fc.assert(
    fc.property(fc.dictionary(fc.string({ unit: 'binary' }), fc.string({ unit: 'binary' })), (value) => {
      const text = renderJson(value);
      expect(JSON.parse(text)).toEqual(JSON.parse(JSON.stringify(value)));
      expect(text.replaceAll('\n', '')).not.toMatch(/[\p{Cc}\u2028\u2029\u202a-\u202e\u2066-\u2069]/u);
    }),
  );
});

test('C1 controls and reversed text are written as escapes', () => {
  expect(renderJson({ a: '\u009b31m\u202e' })).toBe('{\n  "a": "\\u009b31m\\u202e"\n}\n');
});

test('one line a value', () => {
  expect(renderNdjson([{ a: 'x\ny' }, 2])).toBe('{"a":"x\\ny"}\n2\n');
  expect(renderNdjson([])).toBe('');
});
