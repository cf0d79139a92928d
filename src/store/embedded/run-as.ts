import { type RunAs, runProgram } from './program.ts';

export type Runner = { readonly name: string; readonly runAs: RunAs };

const SYSTEM_USER = 'rollcall';

/** The unprivileged user for a new cluster of root: Debian's `postgres`, one of our own, at last `nobody`. */
export async function pickUser(): Promise<Runner | undefined> {
  const known = (await findUser('postgres')) ?? (await findUser(SYSTEM_USER));
  if (known !== undefined) return known;
  const flags = ['--system', '--no-create-home', '--home-dir', '/nonexistent', '--shell', '/usr/sbin/nologin'];
  // It fails where useradd is missing or /etc is read-only; then the look-up finds nothing and nobody has to do.
  await runProgram('useradd', [...flags, SYSTEM_USER], undefined);
  return (await findUser(SYSTEM_USER)) ?? (await findUser('nobody'));
}

/** The owner of a mounted folder may have no name on this machine. */
export async function nameOf(uid: number): Promise<string | undefined> {
  const { ok, output } = await runProgram('id', ['-un', String(uid)], undefined);
  return ok ? output : undefined;
}

async function findUser(name: string): Promise<Runner | undefined> {
  // `id` and not /etc/passwd: users of directory services count too.
  const uid = await numberFrom(['-u', name]);
  const gid = await numberFrom(['-g', name]);
  if (uid === undefined || gid === undefined || uid === 0) return undefined;
  return { name, runAs: { uid, gid } };
}

async function numberFrom(args: readonly string[]): Promise<number | undefined> {
  const { ok, output } = await runProgram('id', args, undefined);
  return ok && /^\d+$/.test(output) ? Number(output) : undefined;
}
