import { z } from 'zod';

/** What we read of a token endpoint's answer. A member that is wrong must not lose the others; an id token is never wanted. */
export const TokenAnswer = z.object({
  access_token: z.string().min(1),
  /** Nimble's answers to a refresh leave it out (its documentation, read 2026-11). */
  token_type: z.string().min(1).catch('bearer'),
  refresh_token: z.string().min(1).optional().catch(undefined),
  expires_in: z.unknown(),
  scope: z.string().optional().catch(undefined),
});

/** What must not be lost of an answer, however odd the rest of it is. */
export const Rotated = TokenAnswer.pick({ refresh_token: true });

/** The answer to a request that is refused (RFC 6749, 5.2); its description may quote what was sent. */
export const TokenRefusal = z.object({ error: z.string() });
