import { createCipheriv, createDecipheriv, createHmac, randomBytes } from 'node:crypto';

/** The form in which a secret is stored: AES-256-GCM. `keyId` tells which key opens it and nothing about the key. */
export type Sealed = {
  readonly ciphertext: Buffer;
  readonly nonce: Buffer;
  readonly tag: Buffer;
  readonly keyId: string;
};

const ALGORITHM = 'aes-256-gcm';
const NONCE_BYTES = 12;
const TAG_BYTES = 16;
const KEY_ID_LENGTH = 16;

/** `place` is where the secret belongs: one that was moved to another row does not open. */
export function seal(key: Uint8Array, place: string, text: string): Sealed {
  // By chance each time: a nonce that comes twice under one key gives both texts away.
  const nonce = randomBytes(NONCE_BYTES);
  const cipher = createCipheriv(ALGORITHM, key, nonce, { authTagLength: TAG_BYTES });
  cipher.setAAD(Buffer.from(place, 'utf8'));
  const ciphertext = Buffer.concat([cipher.update(text, 'utf8'), cipher.final()]);
  return { ciphertext, nonce, tag: cipher.getAuthTag(), keyId: keyIdOf(key) };
}

/** The text; undefined when none of these keys sealed it, or a bit of it or its place is another. */
export function unseal(keys: readonly Uint8Array[], place: string, sealed: Sealed): string | undefined {
  const key = keys.find((each) => keyIdOf(each) === sealed.keyId);
  // Node takes a short tag for a weak one, not for a fault.
  if (key === undefined || sealed.tag.length !== TAG_BYTES) return undefined;
  try {
    const decipher = createDecipheriv(ALGORITHM, key, sealed.nonce, { authTagLength: TAG_BYTES });
    decipher.setAAD(Buffer.from(place, 'utf8'));
    decipher.setAuthTag(sealed.tag);
    return Buffer.concat([decipher.update(sealed.ciphertext), decipher.final()]).toString('utf8');
  } catch {
    return undefined;
  }
}

export function keyIdOf(key: Uint8Array): string {
  return createHmac('sha256', key).update('rollcall key id').digest('hex').slice(0, KEY_ID_LENGTH);
}
