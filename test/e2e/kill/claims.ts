import { withClient } from './client.ts';

/** How a claim names the process that has it, for LIKE. */
export const holderOf = (pid: number | undefined): string => `%/${pid}/%`;

/** The sources that a process has a claim on. */
export async function claimedBy(url: string, pid: number | undefined): Promise<readonly string[]> {
  return await withClient(url, async (client) => {
    const { rows } = await client.query<{ name: string }>(
      `select name from rollcall.source where claimed_by like $1 order by name`,
      [holderOf(pid)],
    );
    return rows.map(({ name }) => name);
  });
}

/** How many listings of these sources were ever recorded, by whomever. */
export async function listingsOf(url: string, sources: readonly string[]): Promise<number> {
  return await withClient(url, async (client) => {
    const { rows } = await client.query<{ count: number }>(
      `select count(*)::int as count from rollcall.sync_run r join rollcall.source s on s.id = r.source_id
        where s.name = any ($1)`,
      [sources],
    );
    return rows[0]?.count ?? 0;
  });
}
