import { OperationalError } from '../errors.ts';

export type HealthCheck = {
  readonly name: string;
  /** `false`: shown, but the worker is ready without it, as with a Slack channel that is gone. */
  readonly required: boolean;
  /** Nothing when well, else why not, in words without secrets or people: anybody who reaches the port may read them. */
  readonly check: () => Promise<string | undefined>;
};
export type CheckState = {
  readonly name: string;
  readonly ok: boolean;
  readonly required: boolean;
  readonly reason?: string | undefined;
};

/** Below the usual timeout of a probe, which would hide the reason. */
const CHECK_TIMEOUT_MS = 2_000;

/** All checks at once; one that hangs is one that failed. */
export async function runChecks(
  checks: readonly HealthCheck[],
  timeoutMs = CHECK_TIMEOUT_MS,
): Promise<readonly CheckState[]> {
  return Promise.all(
    checks.map(async ({ name, required, check }) => {
      const reason = await reasonOf(check, timeoutMs);
      return reason === undefined ? { name, required, ok: true } : { name, required, ok: false, reason };
    }),
  );
}

async function reasonOf(check: () => Promise<string | undefined>, timeoutMs: number): Promise<string | undefined> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<string>((resolve) => {
    timer = setTimeout(() => resolve(`no answer within ${timeoutMs} ms`), timeoutMs);
  });
  try {
    return await Promise.race([check(), late]);
  } catch (error) {
    // The code alone: a message may name a host, and this answer needs no token.
    return error instanceof OperationalError ? error.code : 'failed unexpectedly';
  } finally {
    clearTimeout(timer);
  }
}
