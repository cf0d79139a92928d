import { randomBytes } from 'node:crypto';
import { expect, test } from 'vitest';
import { keyIdOf, seal, unseal } from '../../../src/store/seal.ts';

const KEY = randomBytes(32);
const OTHER = randomBytes(32);
const flip = (bytes: Buffer): Buffer => {
  const flipped = Buffer.from(bytes);
  flipped.writeUInt8(flipped.readUInt8(0) ^ 1, 0);
  return flipped;
};

test('what a key has sealed it opens, also as one of several', () => {
  const sealed = seal(KEY, 'row 1', 'secret ✓');
  expect(unseal([KEY], 'row 1', sealed)).toBe('secret ✓');
  expect(unseal([OTHER, KEY], 'row 1', sealed)).toBe('secret ✓');
});

test.each([
  ['another key', (sealed: ReturnType<typeof seal>) => unseal([OTHER], 'row 1', sealed)],
  [
    'another key under the same name',
    (sealed: ReturnType<typeof seal>) => unseal([OTHER], 'row 1', { ...sealed, keyId: keyIdOf(OTHER) }),
  ],
  ['no key', (sealed: ReturnType<typeof seal>) => unseal([], 'row 1', sealed)],
  ['another row', (sealed: ReturnType<typeof seal>) => unseal([KEY], 'row 2', sealed)],
  [
    'another bit',
    (sealed: ReturnType<typeof seal>) => unseal([KEY], 'row 1', { ...sealed, ciphertext: flip(sealed.ciphertext) }),
  ],
  [
    'another nonce',
    (sealed: ReturnType<typeof seal>) => unseal([KEY], 'row 1', { ...sealed, nonce: flip(sealed.nonce) }),
  ],
  ['another tag', (sealed: ReturnType<typeof seal>) => unseal([KEY], 'row 1', { ...sealed, tag: flip(sealed.tag) })],
  [
    'a tag that is cut',
    (sealed: ReturnType<typeof seal>) => unseal([KEY], 'row 1', { ...sealed, tag: sealed.tag.subarray(0, 4) }),
  ],
])('does not open with %s', (_name, open) => {
  expect(open(seal(KEY, 'row 1', 'secret'))).toBeUndefined();
});

test('the same text is never sealed alike, and nothing of text or key shows', () => {
  const [one, two] = [seal(KEY, 'row', 'secret'), seal(KEY, 'row', 'secret')];
  expect(one.nonce.equals(two.nonce)).toBe(false);
  expect(one.ciphertext.equals(two.ciphertext)).toBe(false);
  expect(one.ciphertext.includes('secret')).toBe(false);
  expect(KEY.toString('hex')).not.toContain(one.keyId);
});
