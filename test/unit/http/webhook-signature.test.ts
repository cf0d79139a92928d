import { describe, expect, test } from 'vitest';
import { isInWindow, isSigned, toSigned } from '../../../src/http/webhook-signature.ts';

const SECRET = 'first-secret-of-sixteen';
const BODY = Buffer.from('{"type":"profile.updated","profile_id":"p-1"}');
const SHA256 = { algorithm: 'sha256', encoding: 'hex' } as const;
/** By another implementation (Python's hmac) of SECRET over BODY. */
const HEX = '777d03df5b55ba50f16923f7d01e70025b0ba3f542630a93a1a3a8b2171ea30f';
const BASE64 = 'd30D31tVulDxaSP30B5wAlsLo/VCYwqToaOoshceow8=';

describe('a signature of another implementation is understood', () => {
  const cases = [
    { algorithm: 'sha256', encoding: 'hex', signature: HEX },
    { algorithm: 'sha256', encoding: 'base64', signature: BASE64 },
    { algorithm: 'sha1', encoding: 'hex', signature: '7d221a2e299beb3d13c67f8ab09ab11c1e4614f5' },
    { algorithm: 'sha1', encoding: 'base64', signature: 'fSIaLimb6z0Txn+KsJqxHB5GFPU=' },
    {
      algorithm: 'sha512',
      encoding: 'hex',
      signature:
        '55f9fda6edd2abc4a47c4bd16c750ee399e3591b33896829cf6bbf45a85b380ae938c5bd6847895b95be0b7fbff87b7d364321d107fe48544d57d5d27de94d82',
    },
    {
      algorithm: 'sha512',
      encoding: 'base64',
      signature: 'Vfn9pu3Sq8SkfEvRbHUO45njWRsziWgpz2u/RahbOArpOMW9aEeJW5W+C3+/+Ht9NkMh0Qf+SFRNV9XSfelNgg==',
    },
  ] as const;
  test.each(cases)('$algorithm in $encoding, with and without its name before it', ({ signature, ...scheme }) => {
    expect(isSigned(BODY, signature, [SECRET], scheme)).toBe(true);
    expect(isSigned(BODY, `${scheme.algorithm}=${signature}`, [SECRET], scheme)).toBe(true);
    expect(isSigned(BODY, signature, ['another-secret-of-16'], scheme)).toBe(false);
    const [first = ''] = signature;
    expect(isSigned(BODY, signature.replace(first, first === 'a' ? 'b' : 'a'), [SECRET], scheme)).toBe(false);
  });

  test('hex in capitals, and base64 without its filling', () => {
    expect(isSigned(BODY, HEX.toUpperCase(), [SECRET], SHA256)).toBe(true);
    expect(isSigned(BODY, BASE64.slice(0, -1), [SECRET], { ...SHA256, encoding: 'base64' })).toBe(true);
  });

  test('the time before the body, as it was written', () => {
    const signature = 'ae3f5bc4d9af2ce7dc118944137bd13c6516320ff8545cd7cdb69b1cba1b933b';
    expect(isSigned(toSigned(BODY, '1795255200'), signature, [SECRET], SHA256)).toBe(true);
    expect(isSigned(toSigned(BODY, '1795255201'), signature, [SECRET], SHA256)).toBe(false);
    expect(isSigned(BODY, signature, [SECRET], SHA256)).toBe(false);
  });
});

describe('no signature', () => {
  const cases: { name: string; given: string | undefined; encoding?: 'base64' }[] = [
    { name: 'none', given: undefined },
    { name: 'an empty one', given: '' },
    { name: 'the prefix alone', given: 'sha256=' },
    { name: 'one byte less', given: HEX.slice(0, -2) },
    { name: 'half a byte less', given: HEX.slice(0, -1) },
    { name: 'one byte more', given: `${HEX}00` },
    { name: 'signs behind it', given: `${HEX}zz` },
    { name: 'two of them', given: `${HEX}, ${HEX}` },
    { name: 'the prefix of another algorithm', given: `sha1=${HEX}` },
    { name: 'the other encoding', given: BASE64 },
    { name: 'the other encoding, the other way round', given: HEX, encoding: 'base64' },
    { name: 'base64 with another last sign of the same bytes', given: BASE64.replace('8=', '9='), encoding: 'base64' },
    { name: 'the digest of nothing', given: 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855' },
  ];
  test.each(cases)('$name', ({ given, encoding }) => {
    expect(isSigned(BODY, given, [SECRET], { ...SHA256, encoding: encoding ?? 'hex' })).toBe(false);
  });

  test('of a changed byte of the body, or of no secret at all', () => {
    expect(isSigned(Buffer.from(BODY.toString().replace('p-1', 'p-2')), HEX, [SECRET], SHA256)).toBe(false);
    expect(isSigned(BODY, HEX, [], SHA256)).toBe(false);
  });
});

test('the old secret counts for as long as it is listed', () => {
  expect(isSigned(BODY, HEX, ['newer-secret-of-sixteen', SECRET], SHA256)).toBe(true);
  expect(isSigned(BODY, HEX, [SECRET, 'older-secret-of-sixteen'], SHA256)).toBe(true);
  expect(isSigned(BODY, HEX, ['newer-secret-of-sixteen'], SHA256)).toBe(false);
});

describe('the window', () => {
  const NOW = Date.UTC(2026, 10, 21, 10);
  const cases = [
    { timestamp: '1795255200', isIn: true },
    { timestamp: '1795255200000', isIn: true },
    { timestamp: '2026-11-21T10:00:00Z', isIn: true },
    { timestamp: '2026-11-21T11:00:00.123+01:00', isIn: true },
    { timestamp: '1795254900', isIn: true },
    { timestamp: '1795254899', isIn: false },
    { timestamp: '1795255500', isIn: true },
    { timestamp: '1795255501', isIn: false },
    { timestamp: '', isIn: false },
    { timestamp: 'now', isIn: false },
    { timestamp: '-1795255200', isIn: false },
    { timestamp: '1.7952552e9', isIn: false },
    { timestamp: '2026-11-21T10:00:00', isIn: false },
    { timestamp: '2026-11-21', isIn: false },
    { timestamp: '2026-99-99T10:00:00Z', isIn: false },
  ];
  test.each(cases)('$timestamp is in it: $isIn', ({ timestamp, isIn }) => {
    expect(isInWindow(timestamp, NOW)).toBe(isIn);
  });
});
