import pg from 'pg';
import type { Instant } from '../core/row.ts';
import { SEVERITIES } from '../core/rule.ts';
import { OperationalError } from '../errors.ts';
import type { AskedClock, AskedFindings, AskedRoster, Paging, Row, RowPage, ViewReader } from '../ports/views.ts';
import { type Database, inTransaction } from './database.ts';
import { FINDING_COLUMNS, HEALTH_COLUMNS } from './reader/columns.ts';
import { refuseUnread } from './reader/roster.ts';

const ROLE = 'rollcall_reader';
/** SQLSTATE that `roster_at` raises for a moment of which versions are missing. */
const INVALID_VALUE = '22023';

// Roles belong to the whole server: one that another database has made has no right in this one, and is none here.
const CHECK_ROLE = `
  select exists (select from pg_catalog.pg_roles r cross join pg_catalog.pg_namespace n
                  where r.rolname = '${ROLE}' and n.nspname = 'rollcall'
                    and pg_catalog.has_schema_privilege(r.oid, n.oid, 'usage')) as present, current_user as name,
         coalesce((select pg_catalog.pg_has_role(current_user, r.oid, 'member') from pg_catalog.pg_roles r where r.rolname = '${ROLE}'), false) as member`;

type RoleRow = { readonly present: boolean; readonly member: boolean; readonly name: string };

const FINDINGS = `
  from rollcall.drift_findings
 where status = any ($1::text[]) and ($2::text[] is null or rule = any ($2)) and ($3::text[] is null or severity = any ($3))
   and ($4::text is null or source = $4)`;
const BY_SEVERITY = `order by array_position(array['${SEVERITIES.join("', '")}'], severity) desc, id`;

const ROSTER_COLUMNS = `external_id, email, aliases, given_name, family_name, display_name, status, kind, role, privileged, title, department,
  manager_id, start_date, end_date`;
const MATCHES = `
  ($3::text is null or strpos(lower(concat_ws(' ', external_id, email, display_name, given_name, family_name, array_to_string(aliases, ' '))), lower($3)) > 0)`;
const ROSTER_NOW = `from rollcall.roster where source = $1 and gone_at is null and $2::timestamptz is null and ${MATCHES}`;
const ROSTER_THEN = `from rollcall.roster_at($1, $2) where ${MATCHES}`;

const CLOCK = `
  from rollcall.leaver_clock where (not $1 or breach) and (not $2 or access_removed_at is null)`;

const ROW_OF = `select source, ${ROSTER_COLUMNS}, situation, link_rule, first_seen_at, last_seen_at, gone_at
  from rollcall.roster where source = $1 and external_id = $2`;

/** Never more rights than these views: a question comes from an assistant, which may have read anything. */
export function createViewReader({ pool }: Pick<Database, 'pool'>): ViewReader {
  let role: Promise<'rollcall_reader' | 'read-only'> | undefined;
  const checkRole = () => (role ??= checkRoleIn(pool));
  const ask = async <T>(what: string, work: (client: pg.PoolClient) => Promise<T>): Promise<T> => {
    const taken = await checkRole();
    return inTransaction(pool, what, async (client) => {
      await client.query('set transaction isolation level repeatable read, read only');
      if (taken === ROLE) await client.query(`set local role ${ROLE}`);
      return await work(client);
    });
  };
  return {
    checkRole,
    findings: (asked) => ask('read the findings', (client) => findings(client, asked)),
    finding: (id) => ask('explain a finding', (client) => finding(client, id)),
    roster: (asked) => ask('read a roster', (client) => roster(client, asked)),
    leaverClock: (asked) => ask('read the clock of leavers', (client) => leaverClock(client, asked)),
    sources: () =>
      ask('read the state of the sources', (client) =>
        rowsOf(client, `select ${HEALTH_COLUMNS} from rollcall.source_health order by authoritative desc, source`),
      ),
    lastReport: () =>
      ask('read the last report', async (client) => {
        const columns = 'id, finished_at, withheld, open, held, waived';
        return (await rowsOf(client, `select ${columns} from rollcall.drift_reports order by id desc limit 1`))[0];
      }),
  };
}

async function checkRoleIn(pool: pg.Pool): Promise<'rollcall_reader' | 'read-only'> {
  const row = await inTransaction(pool, 'look for the role of readers', async (client) => {
    const { rows } = await client.query<RoleRow>(CHECK_ROLE);
    return rows[0];
  });
  if (row?.present !== true) return 'read-only';
  if (row.member) return ROLE;
  throw new OperationalError(
    'usage',
    `${row.name} is no member of ${ROLE}, and nothing is read with more rights than that: grant ${ROLE} to it, or let database.url name another user`,
  );
}

async function findings(client: pg.PoolClient, { limit, offset, ...asked }: AskedFindings): Promise<RowPage> {
  const values = [asked.statuses, asked.rules ?? null, asked.severities ?? null, asked.source ?? null];
  return page(client, { columns: FINDING_COLUMNS, from: FINDINGS, order: BY_SEVERITY, values }, { limit, offset });
}

async function roster(client: pg.PoolClient, { source, at, search, limit, offset }: AskedRoster): Promise<RowPage> {
  if (at !== undefined) await refuseUnknown(client, source, at);
  const columns = at === undefined ? `${ROSTER_COLUMNS}, situation, identity_id, link_rule` : ROSTER_COLUMNS;
  const from = at === undefined ? ROSTER_NOW : ROSTER_THEN;
  const values = [source, at ?? null, search ?? null];
  return page(client, { columns, from, order: 'order by external_id', values }, { limit, offset });
}

/** Before the first reading, or before what is kept: that is known to `roster_at` alone, as a reader may not see how much is kept. */
async function refuseUnknown(client: pg.PoolClient, source: string, at: Instant): Promise<void> {
  try {
    await refuseUnread(client, source, at);
  } catch (error) {
    if (!(error instanceof pg.DatabaseError) || error.code !== INVALID_VALUE) throw error;
    throw new OperationalError(
      'not-found',
      `${error.message}: older versions were removed after retention.versionsDays`,
    );
  }
}

async function leaverClock(client: pg.PoolClient, { breachOnly, openOnly, ...paging }: AskedClock): Promise<RowPage> {
  const columns =
    'source, account_id, identity_id, left_on, first_detected_at, access_removed_at, hours_exposed, breach';
  const order = 'order by hours_exposed desc, source, account_id';
  return page(client, { columns, from: CLOCK, order, values: [breachOnly, openOnly] }, paging);
}

async function finding(client: pg.PoolClient, id: number) {
  const [found] = await rowsOf(client, `select ${FINDING_COLUMNS} from rollcall.drift_findings where id = $1`, [id]);
  if (found === undefined) return undefined;
  const { source, account_id, identity_source, identity_id } = found;
  const clock = `select left_on, access_removed_at, hours_exposed, breach from rollcall.leaver_clock where source = $1 and account_id = $2`;
  return {
    finding: found,
    account: (await rowsOf(client, ROW_OF, [source, account_id]))[0] ?? null,
    identity: (await rowsOf(client, ROW_OF, [identity_source, identity_id]))[0] ?? null,
    clock: found['rule'] === 'leaver_account' ? ((await rowsOf(client, clock, [source, account_id]))[0] ?? null) : null,
  };
}

type Query = {
  readonly columns: string;
  readonly from: string;
  readonly order: string;
  readonly values: readonly unknown[];
};

/** The numbers are ours, and checked: they go into the statement so that the values of each question stay its own. */
async function page(client: pg.PoolClient, query: Query, { limit, offset }: Paging): Promise<RowPage> {
  const { columns, from, order, values } = query;
  const counted = await client.query<{ total: number }>(`select count(*) as total ${from}`, [...values]);
  const rows = await rowsOf(client, `select ${columns} ${from} ${order} limit ${limit} offset ${offset}`, values);
  return { rows, total: counted.rows[0]?.total ?? 0 };
}

async function rowsOf(client: pg.PoolClient, query: string, values: readonly unknown[] = []): Promise<readonly Row[]> {
  return (await client.query<Row>(query, [...values])).rows;
}
