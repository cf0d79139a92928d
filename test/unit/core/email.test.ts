import fc from '../../support/property.ts';
import { describe, expect, test } from 'vitest';
import { parseEmail } from '../../../src/core/email.ts';

describe('parseEmail', () => {
  test.each([
    ['Jane.Doe@ACME.com ', 'jane.doe@acme.com'],
    ['\tjane+crm@acme.com\n', 'jane+crm@acme.com'],
    ["o'brien@acme.com", "o'brien@acme.com"],
    ['what?@acme.com', 'what?@acme.com'],
    ['jane@localhost', 'jane@localhost'],
    ['JOSE\u0301@acme.com', 'josé@acme.com'],
    ['jane@BÜCHER.example', 'jane@xn--bcher-kva.example'],
    ['jane@xn--bcher-kva.example', 'jane@xn--bcher-kva.example'],
    ['jane@bu\u0308cher.example', 'jane@xn--bcher-kva.example'],
    ['jane@acme。com', 'jane@acme.com'],
    ['jane@1.2.3.4', 'jane@1.2.3.4'],
    ['jane@0x7f.1', 'jane@0x7f.1'],
    ['jane@a_b.example', 'jane@a_b.example'],
  ])('%j is %j', (text, expected) => {
    expect(parseEmail(text)).toBe(expected);
  });

  test.each([
    '',
    'jane',
    '@acme.com',
    'jane@',
    'jane@acme@acme.com',
    'jane@acme.com:80',
    'jane@acme.com/path',
    'jane@acme.com?x',
    'jane@acme.com#x',
    'jane@ac%6de.com',
    'jane@ac me.com',
    'jane@ac\tme.com',
    'jane@[::1]',
    'jane@acme..com',
    'jane@.acme.com',
    'jane@acme.com.',
    'Jane Doe <jane@acme.com>',
    'jane@ac\ufffdme.com',
    'jane@acme\\com',
    'ja\0ne@acme.com',
    'ja\ud800ne@acme.com',
    'jane@ac\u00adme\u0000.com',
  ])('%j is no address', (text) => {
    expect(parseEmail(text)).toBeUndefined();
  });

  test('dots and tags make different addresses, and look-alike letters never match', () => {
    const addresses = ['jane.doe@acme.com', 'janedoe@acme.com', 'jane.doe+crm@acme.com', 'jаne.doe@acme.com'];
    expect(new Set(addresses.map(parseEmail)).size).toBe(4);
  });

  test('a second parse changes nothing', () => {
    const part = fc.string({ unit: 'binary', minLength: 1, maxLength: 12 });
    const domain = fc.oneof(
      part,
      fc.domain(),
      fc.string({ unit: fc.constantFrom('ß', 'ü', '0', 'x', '.', 'İ', 'ـ', 'א') }),
    );
    fc.assert(
      fc.property(part, domain, (local, host) => {
        const once = parseEmail(`${local}@${host}`);
        fc.pre(once !== undefined);
        expect(parseEmail(once)).toBe(once);
      }),
      { numRuns: 200 },
    );
  });
});
