import type { CheckResult } from '../cli/doctor.ts';
import { ROLES } from '../store/roles.ts';

const NAME = 'database';
const VERSION_MIN = 150_000;

type Connection = {
  /** Absent: the embedded database. */
  readonly url: string | undefined;
  readonly encrypted: boolean;
  /** Whether the address that was connected to is this machine or a private network. */
  readonly isPrivate: boolean;
};

/** `detail` says what it is; `versionNumber` is 150004 for 15.4. */
export function doubtVersion(detail: string, versionNumber: number): CheckResult | undefined {
  if (versionNumber >= VERSION_MIN) return undefined;
  return { name: NAME, status: 'fail', detail: `${detail} is too old`, fix: 'use PostgreSQL 15 or newer' };
}

/** What others read along with, or will be able to. */
export function doubtConnection({ url, encrypted, isPrivate }: Connection): readonly CheckResult[] {
  if (url === undefined) return [];
  if (!encrypted && !isPrivate) {
    const detail = 'the connection to a public address is not encrypted: tokens and people pass in the clear';
    return [{ name: NAME, status: 'warn', detail, fix: 'add sslmode=verify-full to DATABASE_URL' }];
  }
  const mode = URL.parse(url)?.searchParams.get('sslmode');
  // Today they mean verify-full, and with the next major version of the driver less (its own warning).
  if (mode === undefined || mode === null || !WEAKENED.has(mode)) return [];
  const detail = `sslmode=${mode} of DATABASE_URL will check less of the server's certificate in a later version`;
  return [{ name: NAME, status: 'warn', detail, fix: 'write sslmode=verify-full, which says what is meant' }];
}

const WEAKENED: ReadonlySet<string> = new Set(['prefer', 'require', 'verify-ca']);

/** The roles are for others who read: the embedded database has no others. Ends the sentence that says which server it is. */
export function describeRoles(url: string | undefined, roles: readonly string[]): string {
  if (url === undefined) return '';
  const missing = ROLES.filter((role) => !roles.includes(role));
  if (missing.length === 0) return `, roles ${roles.join(', ')}`;
  return missing.length === ROLES.length
    ? ', no roles of ours (`rollcall migrate --roles` makes them)'
    : `, ${missing.join(', ')} missing (\`rollcall migrate --roles\` makes ${missing.length === 1 ? 'it' : 'them'})`;
}
