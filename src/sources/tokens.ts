import { OperationalError } from '../errors.ts';
import type { Reading } from './reading.ts';

/** What the requests of a source are authorised with. */
export interface Tokens {
  /** The token to send now. Throws OperationalError `source-auth` when there is none. */
  current(reading: Reading): Promise<string>;
  /** Another one in place of `refused`; absent where there can be none, so that a refusal counts at once. */
  readonly renew?: ((refused: string, reading: Reading) => Promise<string>) | undefined;
}

/** A token that a person has copied from the vendor's settings. */
export function fixedToken(source: string, token: string): Tokens {
  return {
    current: async () => {
      if (isSendable(token)) return token;
      throw new OperationalError(
        'source-auth',
        `${source}: the token has a blank or a character that no token has; copy it again`,
      );
    },
  };
}

/** The platform's own complaint about a bad header value quotes it, so it is judged before. */
export function isSendable(token: string): boolean {
  return /^[\x21-\x7e]+$/u.test(token);
}
