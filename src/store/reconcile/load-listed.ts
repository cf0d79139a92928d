import type pg from 'pg';
import { parseEmail } from '../../core/email.ts';
import type { ServiceEntry } from '../../core/service-accounts.ts';
import type { Listed } from '../../core/service-doubts.ts';

// Ids as they are, e-mails in their normal form: as a row is judged when it is read. `$1` sources, `$2` accounts, `$3` their addresses.
const LISTED = `
  select e.at::int - 1 as at,
         array(select a.external_id from rollcall.account a
                where a.source_id = s.id and a.external_id = e.account and a.gone_at is null
                union
               select a.external_id
                 from rollcall.account_key k
                 join rollcall.account a
                   on a.source_id = k.source_id and a.external_id = k.external_id and a.gone_at is null
                where k.source_id = s.id and k.kind = 'email' and k.key = e.email
                order by 1) as accounts
    from unnest($1::text[], $2::text[], $3::text[]) with ordinality as e (source, account, email, at)
    join rollcall.source s on s.name = e.source and s.retired_at is null
   where exists (select from rollcall.sync_run r
                  where r.source_id = s.id and r.mode = 'full' and r.verdict = 'complete')
   order by e.at`;

/** The accounts that each entry lists, of sources that were read in full. */
export async function loadListed(
  client: pg.Pool | pg.ClientBase,
  entries: readonly ServiceEntry[],
): Promise<readonly Listed[]> {
  if (entries.length === 0) return [];
  const { rows } = await client.query<{ at: number; accounts: readonly string[] }>(LISTED, [
    entries.map(({ source }) => source),
    entries.map(({ account }) => account),
    entries.map(({ account }) => parseEmail(account) ?? null),
  ]);
  return rows.flatMap(({ at, accounts }) => {
    const entry = entries[at];
    return entry === undefined ? [] : [{ entry, accounts }];
  });
}
