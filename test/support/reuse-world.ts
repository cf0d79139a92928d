import type { RosterRow } from '../../src/core/row.ts';
import type { LinkChange, LinkRequest } from '../../src/ports/reading.ts';
import { createOperator } from '../../src/store/operator.ts';
import { aRow } from './builders.ts';
import { openWorkerWorld, type WorkerWorld } from './worker.ts';

// Jane works here and has an account; what becomes of it when the id or the address comes to somebody else.

export const at = (hour: number): string => `2026-11-21T${String(hour).padStart(2, '0')}:00:00Z`;
export const person = (id: string, name: string, overrides: Partial<RosterRow> = {}): RosterRow =>
  aRow({
    externalId: id,
    email: `${name.toLowerCase()}@example.com`,
    givenName: name,
    familyName: 'Doe',
    ...overrides,
  });

export const JANE = person('p-1', 'Jane');
export const MARK = person('p-2', 'Mark');
/** Others, so that a change of one row is no loss of the list. */
export const STAFF = ['Ann', 'Ben', 'Cleo'].map((name, index) => person(`p-${index + 10}`, name));
export const ACCOUNTS = STAFF.map((row, index) => ({ ...row, externalId: `n-${index + 10}` }));

export async function link(
  world: WorkerWorld,
  action: LinkRequest['action'],
  names: readonly [source: string, account: string, identity?: string],
): Promise<LinkChange> {
  const [source, account, identity] = names;
  return await createOperator(world.store).changeLink({
    action,
    source,
    account,
    identity,
    author: 'kim',
    reason: 'asked',
    now: new Date(at(12)),
  });
}

export async function column(world: WorkerWorld, sql: string): Promise<readonly unknown[]> {
  const { rows } = await world.store.pool.query<unknown[]>({ text: sql, rowMode: 'array' });
  return rows.map((row) => (row.length === 1 ? row[0] : row.join(' ')));
}

export const LINKS = `select external_id, identity_external_id, rule from rollcall.link where external_id not like 'n-1_' order by 1, 2`;
export const MARKED = `select external_id, reuse_before_run is not null, moved_from from rollcall.account
                 where reuse_before_run is not null or moved_from is not null order by 1`;

/** Jane works here and has the account n-1. */
export async function open(first: { readonly identities?: readonly RosterRow[] } = {}): Promise<WorkerWorld> {
  const world = await openWorkerWorld();
  world.identities = [...STAFF, ...(first.identities ?? [JANE])];
  world.accounts = [...ACCOUNTS, { ...JANE, externalId: 'n-1' }];
  await world.run(at(1));
  const found = await world.findings();
  if (found.length > 0) throw new Error(`nothing was to be found: ${found.join(', ')}`);
  return world;
}

export function accounts(world: WorkerWorld, ...rows: readonly RosterRow[]): void {
  world.accounts = [...ACCOUNTS, ...rows];
}
export function identities(world: WorkerWorld, ...rows: readonly RosterRow[]): void {
  world.identities = [...STAFF, ...rows];
}
