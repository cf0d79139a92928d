import type { CheckResult } from '../cli/doctor.ts';
import { OperationalError } from '../errors.ts';

/** A failure that somebody can act on, as a result; a bug stays a bug. */
export function toFailure(name: string, error: unknown, fix: string): CheckResult {
  if (!(error instanceof OperationalError)) throw error;
  return { name, status: 'fail', detail: error.message, fix, code: error.code };
}
