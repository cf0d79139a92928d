import type { RowRef } from '../../core/case.ts';
import { todayIn } from '../../core/dates.ts';
import { standingOf } from '../../core/identity.ts';
import { OperationalError } from '../../errors.ts';
import type { ForgetRequest } from '../../ports/erasure.ts';
import { loadIdentityRows } from '../reconcile/load-identities.ts';
import { toArrays } from '../reconcile/roster-row.ts';
import type { Asked, SourceNames } from './person.ts';
import type { PersonTraces } from './traces.ts';

const OWNED = `
  select s.name from rollcall.source s
   where s.retired_at is null
     and (lower(s.owner_email) = any ($3::text[])
          or exists (select from unnest($1::int[], $2::text[]) as r (source_id, external_id)
                      where r.source_id = s.id and r.external_id = s.owner_external_id))
   order by s.name`;

const MAY = `select has_table_privilege('rollcall.audit', 'update') and has_table_privilege('rollcall.finding_event', 'update') as may`;

type Whom = { readonly rows: readonly RowRef[]; readonly traces: PersonTraces; readonly names: SourceNames };

/** Throws `usage` where forgetting would do harm: what, why, and what to do first. */
export async function refuseHarm(asked: Asked, request: ForgetRequest, whom: Whom): Promise<void> {
  await refuseWithoutRight(asked);
  await refuseCurrent(asked, request, whom);
  await refuseTokenOwner(asked, whom);
  refuseConfigured(request, whom);
}

/** The worker may add to the audit table and not change it; to erase from it is for the owner. */
async function refuseWithoutRight({ client }: Asked): Promise<void> {
  const { rows } = await client.query<{ may: boolean }>(MAY);
  if (rows[0]?.may === true) return;
  throw harm(
    'this role may not change the audit table, which is append-only for the worker. Run it with a database.url whose role is a member of rollcall_owner',
  );
}

/** Whoever works here would be found again as the owner of nothing: each of their accounts would be an orphan. */
async function refuseCurrent(asked: Asked, request: ForgetRequest, { rows, names }: Whom): Promise<void> {
  const { rows: settings } = await asked.client.query<{ timezone: string }>('select timezone from rollcall.setting');
  const today = todayIn(settings[0]?.timezone ?? 'UTC', request.now.toISOString());
  const identities = [...(await loadIdentityRows({ ...asked, reportId: 0 }, rows)).values()];
  if (identities.length === 0 || standingOf(identities, today) === 'left') return;
  const where = [...new Set(identities.map(({ ref }) => names.get(ref.sourceId) ?? ''))].join(', ');
  throw harm(
    `by ${where} this person has not left: the next account of theirs would belong to nobody. Forget people after they have left`,
  );
}

/** Without its owner nobody would hear that a token is somebody's who has left. */
async function refuseTokenOwner({ client }: Asked, { rows, traces }: Whom): Promise<void> {
  const { rows: owned } = await client.query<{ name: string }>(OWNED, [...toArrays(rows), traces.addresses]);
  if (owned.length === 0) return;
  const sources = owned.map(({ name }) => name).join(', ');
  throw harm(`the token of ${sources} is theirs. Replace it and run \`rollcall run --full\`, then forget them`);
}

/** The configuration is a file of yours: the next run would read the address from there again. */
function refuseConfigured({ serviceAccounts }: ForgetRequest, { rows, traces, names }: Whom): void {
  const own = new Set(rows.flatMap((row) => [row.externalId, `${names.get(row.sourceId) ?? ''}/${row.externalId}`]));
  const isTheirs = (text: string): boolean => own.has(text) || traces.addresses.includes(text.toLowerCase());
  const isAccount = (source: string, account: string): boolean =>
    rows.some((row) => names.get(row.sourceId) === source && row.externalId === account) ||
    traces.addresses.includes(account.toLowerCase());
  const named = serviceAccounts.filter(({ source, account, owner }) => isTheirs(owner) || isAccount(source, account));
  if (named.length === 0) return;
  const entries = named.map(({ source }) => source).join(', ');
  throw harm(`serviceAccounts of your configuration names them (${entries}). Change those entries first`);
}

function harm(why: string): OperationalError {
  return new OperationalError('usage', `nothing was removed: ${why}`);
}
