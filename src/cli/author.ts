import { userInfo } from 'node:os';

type Account = { readonly username: () => string; readonly uid: () => number | undefined };

const OWN: Account = { username: () => userInfo().username, uid: () => process.getuid?.() };

/** Who an audit row names: ROLLCALL_AUTHOR, else the user of the operating system. A container's uid often has no name. */
export function authorOf(env: Readonly<Record<string, string | undefined>>, account: Account = OWN): string {
  const told = env['ROLLCALL_AUTHOR'];
  if (told !== undefined && told !== '') return told;
  try {
    return account.username();
  } catch {
    return `uid ${account.uid() ?? 'unknown'}`;
  }
}
