import pg from 'pg';
import { wrapDatabaseError } from './errors.ts';

/**
 * pg-boss emits a copy of the fields of an error, which is no error any more. What is known of the database is told by its
 * code; of anything else only class and place, because the message of a stranger may hold parameters.
 */
export function toBossError(emitted: unknown): Error {
  return wrapDatabaseError(emitted instanceof Error ? emitted : revive(emitted), 'job queue');
}

function revive(emitted: unknown): Error {
  const fields: Record<string, unknown> =
    typeof emitted === 'object' && emitted !== null ? Object.fromEntries(Object.entries(emitted)) : {};
  const { message, stack, code, severity, constraint, table } = fields;
  if (typeof severity === 'string' && typeof code === 'string') {
    return Object.assign(new pg.DatabaseError('', 0, 'error'), { code, constraint, table });
  }
  const original = Object.assign(new Error(withoutPlace(message)), { code });
  const wrapped = wrapDatabaseError(original, 'job queue');
  if (wrapped !== original) return wrapped;
  const name = typeof stack === 'string' ? (/^\w+/.exec(stack)?.[0] ?? 'failure') : 'failure';
  return Object.assign(new Error(`job queue: unexpected ${name}`), typeof stack === 'string' ? { stack } : {});
}

/** Its loop adds ids of no use to anybody. */
function withoutPlace(message: unknown): string {
  return typeof message === 'string' ? message.replace(/( \(Queue: [^)]*\))+$/, '') : '';
}
