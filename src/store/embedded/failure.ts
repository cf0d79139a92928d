import { OperationalError } from '../../errors.ts';

const WAY_OUT = 'or set DATABASE_URL to a PostgreSQL of your own';

/** Every failure of the embedded server ends with the same way out. `message` ends without a full stop. */
export function embeddedFailure(message: string, cause?: unknown): OperationalError {
  return new OperationalError('embedded-postgres', `embedded Postgres: ${message}, ${WAY_OUT}`, { cause });
}

/** The code of a system or SQL error (`ENOENT`, `57P03`), if it has one. */
export function codeOf(error: unknown): string | undefined {
  if (!(error instanceof Error) || !('code' in error)) return undefined;
  return typeof error.code === 'string' ? error.code : undefined;
}
